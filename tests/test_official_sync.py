"""A sync takes in what it can, tells what it cannot, and leaves nothing half-written; on invented law and no site."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.contract import Ask
from assistant.index import build
from assistant.official import OfficialTexts
from assistant.ondisk import OnDisk
from assistant.syncing import summary
from corpus.library import Library
from corpus.official import sync
from corpus.official.answers import Again, NotFound
from corpus.official.fetch import Fetched
from corpus.official.store import Store
from tests.conftest import TODAY, HashEmbedder

PART = """<DIV5 N="591" TYPE="PART" hierarchy_metadata='{{"path":"/on/2026-11-20/title-49/part-591"}}'>
<HEAD>PART 591—PAINTED VEHICLES</HEAD><DIV8 N="591.5" TYPE="SECTION"><HEAD>§ 591.5 Declarations.</HEAD>
<P>A declarant states one of these:</P><P>(a) The vehicle is blue.</P>{others}
<P>(i)(1) The vehicle is {age} or more years old.</P>
<P>(2) The part is old.</P></DIV8></DIV5>"""
OTHERS = "".join(f"<P>({letter}) The vehicle has colour number {letter}.</P>" for letter in "bcdefgh")


def part(age: int) -> str:
    return PART.format(age=age, others=OTHERS)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror" / "us-cfr-49-591"
    folder.mkdir(parents=True)
    (folder / "2026-11-20.xml").write_text(part(25), "utf-8")
    return folder.parent


def quiet(name: str, done: int, total: int) -> None:
    del name, done, total


def test_a_mirror_is_taken_in_once(mirror: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "official")
    (first,) = sync.from_mirror(store, mirror, quiet, TODAY)
    (again,) = sync.from_mirror(store, mirror, quiet, TODAY)
    assert (first.kept.new, again.kept.new, again.kept.unchanged) == (1, 0, 0)
    held = store.section("us/cfr/49/591.5", TODAY)
    assert held
    assert held.effective_from == dt.date(2026, 11, 20)
    assert [p.labels for p in held.paragraphs if "i" in p.labels] == [("i",), ("i", "1"), ("i", "2")]


def test_a_later_text_is_another_version(mirror: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "official")
    sync.from_mirror(store, mirror, quiet, TODAY)
    (mirror / "us-cfr-49-591" / "2026-11-24.xml").write_text(part(30), "utf-8")
    (done,) = sync.from_mirror(store, mirror, quiet, TODAY)
    assert done.kept.changed == 1
    texts = OfficialTexts(store)
    for day, age in ((dt.date(2026, 11, 21), "25"), (dt.date(2026, 11, 24), "30")):
        quoted = texts.quoted("us/cfr/49/591.5/i/1", day)
        assert quoted
        assert age in quoted.text


@pytest.mark.parametrize("broken", ["", "<DIV5 N='591'><HEAD>cut off", "<html><body>Sign in</body></html>"])
def test_a_broken_file_names_itself_and_the_others_go_in(mirror: Path, tmp_path: Path, broken: str) -> None:
    store = Store(tmp_path / "official")
    (mirror / "us-cfr-49-591" / "2026-11-24.xml").write_text(broken, "utf-8")
    (done,) = sync.from_mirror(store, mirror, quiet, TODAY)
    assert done.kept.new == 1
    assert ("2026-11-24.xml" in " ".join(done.failed)) or (done.failed == () and "<html>" in broken)
    lines = list(summary((done,)))
    assert "1 sections new" in lines[-1]


class Offline:
    """A fetcher on a machine without a network."""

    def __init__(self) -> None:
        self.asked = 0

    def read(self, url: str, media: str) -> bytes:
        self.asked += 1
        raise Again(f"{url} {media}: cannot be reached")

    def fetch(self, url: str, media: str, path: Path) -> Fetched:
        raise Again(f"{url} {media} {path.name}: cannot be reached")


class OnePart(Offline):
    """A fetcher for which the eCFR has one part and no site has anything else."""

    def read(self, url: str, media: str) -> bytes:
        del media
        if "titles.json" not in url:
            raise NotFound(f"{url}: no such list")
        days = {"up_to_date_as_of": "2026-11-20", "latest_issue_date": "2026-11-20", "latest_amended_on": "2026-11-20"}
        told = [{"number": n, "reserved": False, **days} for n in (19, 40, 43, 49)]
        return json.dumps({"titles": told, "meta": {"import_in_progress": False}}).encode()

    def fetch(self, url: str, media: str, path: Path) -> Fetched:
        if "part=591" not in url:
            raise NotFound(f"{url} {media}: no such file")
        path.write_text(part(25), "utf-8")
        return Fetched(url, path, "sha")


def test_offline_the_rest_is_not_tried_and_one_line_says_so(library: Library, tmp_path: Path) -> None:
    store, fetcher = Store(tmp_path / "official"), Offline()
    done = sync.from_sites(store, library, fetcher, tmp_path / "files", quiet, TODAY)  # type: ignore[arg-type]
    assert fetcher.asked == sync.GIVE_UP
    assert all(one.failed for one in done)
    lines = list(summary(done))
    assert sum("cannot be reached from here" in line for line in lines) == 1
    assert len(lines) == sync.GIVE_UP + 2
    assert store.fingerprint == ""


def test_a_source_that_fails_does_not_stop_the_others(library: Library, tmp_path: Path) -> None:
    store = Store(tmp_path / "official")
    done = sync.from_sites(store, library, OnePart(), tmp_path / "files", quiet, TODAY)  # type: ignore[arg-type]
    kept = [one.source.id for one in done if one.kept.new]
    assert kept == ["us-cfr-49-591"]
    assert not any(sync.UNTRIED in one.failed for one in done)
    held = store.section("us/cfr/49/591.5", TODAY)
    assert held
    assert held.origin.current_as_of == dt.date(2026, 11, 20)


def test_an_empty_mirror_serves_nothing(tmp_path: Path) -> None:
    assert sync.from_mirror(Store(tmp_path / "official"), tmp_path, quiet, TODAY) == ()


def kei(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    code = "from assistant.cli import main; main()"
    environment = {"KEI_DATA_DIR": str(data), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_the_command_syncs_and_the_lookup_shows_the_official_words(mirror: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = kei("sync", "--mirror", str(mirror), data=data)
    assert (done.returncode, "1 sections new" in done.stdout) == (0, True)
    shown = json.loads(kei("lookup", "49 CFR 591.5(i)(1)", "--json", data=data).stdout)
    assert "25 or more years old" in shown["official_text"]
    assert "2026-11-20" in shown["official_source"]
    assert kei("lookup", "49 CFR 591.5(k)", "--json", data=data).stdout.count('"official_text": null') == 1
    drift = kei("doctor", "--drift", data=data)
    assert (drift.returncode, "doubts" in drift.stdout) == (0, True)


def test_an_answer_carries_the_official_words_and_is_none_the_worse(
    assistant: Assistant, library: Library, mirror: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "official")
    sync.from_mirror(store, mirror, quiet, TODAY)
    beside = Assistant(library, assistant.retriever, assistant.settings, "m", OnDisk(OfficialTexts(store)))
    ask = Ask(question="What does 49 CFR 591.5(i)(1) say?", as_of=TODAY)
    plain, shown = assistant.invoke(ask), beside.invoke(ask)
    assert plain.answer == shown.answer
    (source,) = [c for c in shown.citations if c.coordinate == "us/cfr/49/591.5/i/1"]
    assert source.official_text
    assert "25 or more" in source.official_text


def test_what_only_the_official_text_holds_is_quoted(
    assistant: Assistant, library: Library, mirror: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "official")
    more = part(25).replace("591.5", "591.99")
    (mirror / "us-cfr-49-591" / "2026-11-20.xml").write_text(more, "utf-8")
    sync.from_mirror(store, mirror, quiet, TODAY)
    beside = Assistant(library, assistant.retriever, assistant.settings, "m", OnDisk(OfficialTexts(store)))
    answer = beside.invoke(Ask(question="What does 49 CFR 591.99(a) say?", as_of=TODAY))
    assert answer.outcome == "answered"
    assert "“A declarant states one of these: … (a) The vehicle is blue.”" in answer.answer
    assert [c.coordinate for c in answer.citations] == ["us/cfr/49/591.99/a"]


def test_only_new_passages_are_embedded(library: Library, mirror: Path, tmp_path: Path) -> None:
    class Counting(HashEmbedder):
        embedded = 0

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            self.embedded += len(texts)
            return super().embed_documents(texts)

    embedder = Counting()
    held = OnDisk().indexed(library)
    build(tmp_path / "index", "one", held, embedder, model="fake")
    before, embedder.embedded = embedder.embedded, 0
    store = Store(tmp_path / "official")
    sync.from_mirror(store, mirror, quiet, TODAY)
    more = OnDisk(OfficialTexts(store)).indexed(library)
    assert len(more) > len(held)
    build(tmp_path / "index", "two", more, embedder, model="fake")
    assert embedder.embedded <= len(more) - len(held) < before
    embedder.embedded = 0
    shutil.copytree(tmp_path / "index", tmp_path / "other")
    build(tmp_path / "other", "three", more, embedder, model="another model")
    assert embedder.embedded >= before
