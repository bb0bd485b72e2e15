"""The index: built beside and swapped, whole or not at all, one owner a folder, filters on place and date."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from filelock import FileLock

from assistant.index import IndexUnusable, VectorIndex, build, is_built
from assistant.passages import NO_END, NO_START, Passage
from tests.conftest import HashEmbedder

TODAY = dt.date(2026, 11, 24)
PASSAGES = (
    Passage("a", "the ban on importing a truck", "US"),
    Passage("b", "the ban on importing a truck in Texas", "US-TX"),
    Passage("c", "the ban on importing a truck until 2020", "US", NO_START, 20200101),
    Passage("d", "the ban on importing a truck from 2030", "US", 20300101, NO_END),
)


def built(folder: Path, name: str = "one") -> Path:
    build(folder, name, PASSAGES, HashEmbedder())
    return folder / name


def ids(index: VectorIndex, places: set[str], day: dt.date = TODAY) -> set[str]:
    return set(index.search(index.embed("ban importing truck"), places=frozenset(places), as_of=day, k=10))


def test_place_and_date_are_hard_filters(tmp_path: Path) -> None:
    built(tmp_path)
    index = VectorIndex(tmp_path, "one", HashEmbedder())
    assert ids(index, {"US"}) == {"a"}
    assert ids(index, {"US", "US-TX"}) == {"a", "b"}
    assert ids(index, {"US"}, dt.date(2019, 12, 31)) == {"a", "c"}
    assert ids(index, {"US"}, dt.date(2020, 1, 1)) == {"a"}
    assert ids(index, {"US"}, dt.date(2030, 1, 1)) == {"a", "d"}
    assert ids(index, {"US-GA"}) == set()


def test_similarity_is_cosine(tmp_path: Path) -> None:
    built(tmp_path)
    index = VectorIndex(tmp_path, "one", HashEmbedder())
    found = index.search(index.embed(PASSAGES[0].text), places=frozenset({"US"}), as_of=TODAY, k=1)
    assert found["a"] == pytest.approx(1.0, abs=1e-5)


def test_a_finished_index_is_kept_and_old_ones_go(tmp_path: Path) -> None:
    first = built(tmp_path)
    marked = first / "marker"
    marked.write_text("kept")
    assert built(tmp_path) == first
    assert marked.exists()
    built(tmp_path, "two")
    assert is_built(tmp_path, "two")
    assert not is_built(tmp_path, "one")


def test_rebuild_makes_it_anew(tmp_path: Path) -> None:
    first = built(tmp_path)
    (first / "marker").write_text("old")
    build(tmp_path, "one", PASSAGES, HashEmbedder(), rebuild=True)
    assert is_built(tmp_path, "one")
    assert not (first / "marker").exists()


class Dying(HashEmbedder):
    """Embeds one batch, then the process is stopped."""

    def __init__(self) -> None:
        self.batches = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.batches += 1
        if self.batches > 1:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


def test_a_build_that_dies_leaves_the_old_index_serving(tmp_path: Path) -> None:
    built(tmp_path)
    many = tuple(Passage(f"p{n}", f"passage {n}", "US") for n in range(200))
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, "two", many, Dying())
    assert not is_built(tmp_path, "two")
    assert ids(VectorIndex(tmp_path, "one", HashEmbedder()), {"US"}) == {"a"}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".new-")] == []


def test_a_rebuild_does_not_touch_an_open_index(tmp_path: Path) -> None:
    built(tmp_path)
    serving = VectorIndex(tmp_path, "one", HashEmbedder())
    build(tmp_path, "one", PASSAGES, HashEmbedder(), rebuild=True)
    built(tmp_path, "two")
    assert ids(serving, {"US"}) == {"a"}


def test_a_finished_index_opens_while_another_is_built(tmp_path: Path) -> None:
    built(tmp_path)
    with FileLock(tmp_path / ".building"):
        built(tmp_path)
        assert ids(VectorIndex(tmp_path, "one", HashEmbedder()), {"US"}) == {"a"}


def test_an_index_that_may_not_be_written_is_read(tmp_path: Path) -> None:
    folder = built(tmp_path)
    for path in (*folder.rglob("*"), folder, tmp_path):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert ids(VectorIndex(tmp_path, "one", HashEmbedder()), {"US"}) == {"a"}
    finally:
        for path in (tmp_path, folder, *folder.rglob("*")):
            path.chmod(0o755)


def test_half_an_index_is_never_opened(tmp_path: Path) -> None:
    folder = built(tmp_path)
    (folder / "manifest.json").write_text(json.dumps({"layout": 1, "passages": 99}))
    with pytest.raises(IndexUnusable, match="4 of 99"):
        VectorIndex(tmp_path, "one", HashEmbedder())
    (folder / "manifest.json").unlink()
    with pytest.raises(IndexUnusable, match="kei index"):
        VectorIndex(tmp_path, "one", HashEmbedder())


def test_a_corrupt_index_says_what_to_do(tmp_path: Path) -> None:
    (built(tmp_path) / "chroma.sqlite3").write_bytes(b"no database")
    with pytest.raises(IndexUnusable, match="kei index --rebuild"):
        VectorIndex(tmp_path, "one", HashEmbedder())


def test_two_builders_do_not_mix(tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    with FileLock(tmp_path / ".building"), pytest.raises(IndexUnusable, match="another process"):
        built(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnusable, match="cannot be written"):
        built(tmp_path / "file")


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    build(tmp_path, "one", PASSAGES, HashEmbedder(), lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
