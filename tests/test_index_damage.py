"""An index whose bytes changed on the disk, or that no longer fits on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.index import IndexUnusable, VectorIndex, is_whole
from tests.conftest import HashEmbedder
from tests.test_faults import INDEX, done, mounts
from tests.test_index import built, ids


@pytest.mark.parametrize("kind", ["manifest.json", "chroma.sqlite3", "data_level0.bin", "header.bin"])
def test_a_damaged_index_is_not_searched_and_the_next_start_builds_it_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    file = next(built(tmp_path).rglob(kind))
    whole = file.read_bytes()
    file.write_bytes(bytes([whole[0] ^ 0xFF]) + whole[1:])
    with pytest.raises(IndexUnusable, match=r"damaged.*kei index --rebuild"):
        VectorIndex(tmp_path, "one", HashEmbedder())
    built(tmp_path)
    assert "the index is damaged and is built anew" in caplog.text
    assert ids(VectorIndex(tmp_path, "one", HashEmbedder()), {"US"}) == {"a"}


def test_an_index_is_whole_once_its_builder_has_ended(tmp_path: Path) -> None:
    code = "PASSAGES = tuple(Passage(f'p{n}', f'passage {n}', 'US') for n in range(2500))\n"
    done(INDEX + code + "build(FOLDER, 'one', PASSAGES, EMBEDDER)", tmp_path)
    assert is_whole(tmp_path / "index", "one")


def test_a_disk_that_cannot_hold_the_index_is_told(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=600k none "{tmp_path}" && exec "$@"'
    code = "PASSAGES = tuple(Passage(f'p{n}', f'passage {n}', 'US') for n in range(1500))\n"
    code += "try: build(FOLDER, 'one', PASSAGES, EMBEDDER)\nexcept IndexUnusable as error: print(error)\n"
    code += "print([path.name for path in FOLDER.iterdir() if path.is_dir()])"
    told = done(INDEX + code, tmp_path / "data", *mounts(), "sh", "-c", mount, "sh")
    assert "cannot be written" in told
    assert "check the disk and the rights" in told
    assert told.endswith("[]\n")
