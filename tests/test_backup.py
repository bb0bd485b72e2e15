"""Backup and restore: all that was accepted comes back, while the server writes; what is not whole is refused."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant import backup as module
from assistant.backup import BackupRefused, backup, restore
from assistant.contract import Answer, Slots
from assistant.database import Database
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.threads import ThreadStore
from corpus.firm.shelf import Outcome, Shelf
from corpus.official.section import Paragraph, Section
from corpus.official.store import Origin, Store
from tests.postgres import raw, started

SECRET = "PLANTED4711"
DAY = dt.date(2026, 11, 24)
WRITER = """
import datetime as dt
from assistant.contract import Answer, Slots
from assistant.database import Database
from assistant.threads import ThreadStore
store = ThreadStore(Database(URL))
answer = Answer(question="q", outcome="answered", answer="a", as_of=dt.date(2026, 11, 24), places=(), fingerprint="f")
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder in use: a conversation, rows of the ledger, an official text, a paper, an index and a key."""
    made = Settings(data_dir=tmp_path / "data", database_url=None, llm_api_key=SecretStr(SECRET))
    with closing(Database.open(made)) as database:
        store = ThreadStore(database)
        id = store.begin("ann", "Texas?")
        answer = Answer(question="q", outcome="answered", answer="a", as_of=DAY, places=("US",), fingerprint="f")
        for n in range(3):
            store.add(id, "ann", f"question {n}", answer, Slots())
    section = Section("us/cfr/49/591.5", "Declarations", (Paragraph((), "A text."),), "A text.")
    Store(made.official_dir).keep((section,), Origin("eCFR", "https://www.ecfr.gov", DAY, DAY))
    (tmp_path / "memo.md").write_text("# Kei trucks\n\nA memo on kei trucks in Texas.\n")
    assert Shelf.open(made.firm_dir).add(tmp_path / "memo.md").of(Outcome.NEW)
    made.index_dir.mkdir()
    (made.index_dir / "manifest.json").write_text("{}")
    (made.data_dir / "session.key").write_text(SECRET)
    return made


@pytest.fixture
def made(settings: Settings, tmp_path: Path) -> Path:
    backup(settings, tmp_path / "kei.backup")
    return tmp_path / "kei.backup"


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return sorted(db.iterdump())  # a copy may list the same tables in another order


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_everything_comes_back_and_only_that(settings: Settings, made: Path, tmp_path: Path) -> None:
    done = restore(made, tmp_path / "new" / "data")
    assert (done.fault, done.folder) == (None, tmp_path / "new" / "data")
    assert names(done.folder) == {"kei.db", "kei.db.lock", "official/official.db", "firm/firm.db"}
    for name in done.manifest.files:
        assert dump(done.folder / name) == dump(settings.data_dir / name)
    again = Settings(data_dir=done.folder, database_url=None)
    with closing(Database.open(again)) as database:
        (heading,) = ThreadStore(database).headings("ann")
        assert [t.question for t in ThreadStore(database).read(heading.id, "ann").turns] == [
            f"question {n}" for n in range(3)
        ]
        assert str(Ledger(database).head()) == done.manifest.ledger_head
        assert Ledger(database).append("question", "ann", "t", {}).n == 7
    assert Store(again.official_dir).fingerprint == Store(settings.official_dir).fingerprint
    assert [held.document.title for held in Shelf.open(again.firm_dir).held()] == ["Kei trucks"]
    modes = {oct(path.stat().st_mode)[-3:] for path in (made, *done.folder.rglob("*.db"))}
    assert modes == {"600"}
    assert {oct(path.stat().st_mode)[-3:] for path in (done.folder, done.folder / "firm")} == {"700"}
    assert {path.name for path in tmp_path.iterdir()} == {"data", "kei.backup", "memo.md", "new"}


def test_no_secret_is_in_it_and_the_manifest_says_what_it_was(made: Path) -> None:
    all = entries(made)
    assert all[0][0].name == "manifest.json"
    assert SECRET.encode() not in b"".join(content for _, content in all)
    told = json.loads(all[0][1])
    assert told["settings"] == ["KEI_DATABASE_URL", "KEI_DATA_DIR", "KEI_LLM_API_KEY"]
    assert told["schema_revision"].isdigit()
    assert told["ledger_head"].startswith("6:")


def test_a_byte_that_was_flipped_is_refused_and_nothing_is_written(made: Path, tmp_path: Path) -> None:
    whole = made.read_bytes()
    for at in range(10, len(whole), len(whole) // 40):  # the first ten name the format and a time, and hold no data
        made.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        refused(made, tmp_path, "is no whole backup .* take another copy")


def refused(file: Path, tmp_path: Path, told: str) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(BackupRefused, match=told):
        restore(file, tmp_path / "restored")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_file_that_was_cut_off_or_is_another_is_refused(made: Path, tmp_path: Path) -> None:
    whole = made.read_bytes()
    for other in (b"", b"a letter", whole[:-1], whole[: len(whole) // 2], whole + b"more", whole + whole):
        made.write_bytes(other)
        refused(made, tmp_path, "is no whole backup")
    refused(tmp_path / "missing", tmp_path, "there is no file")


Entries = list[tuple[tarfile.TarInfo, bytes]]
Change = Callable[[Entries], Entries]


def entries(file: Path) -> Entries:
    with tarfile.open(file) as archive:
        return [(entry, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]


def packed(file: Path, entries: Entries) -> None:
    with tarfile.open(file, "w:gz") as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def linked(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return entry


def remade(field: str, value: object) -> Change:
    def change(all: Entries) -> Entries:
        return [(all[0][0], json.dumps({**json.loads(all[0][1]), field: value}).encode()), *all[1:]]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda all: [*all, (tarfile.TarInfo("../evil"), b"x")],
        lambda all: [*all, (tarfile.TarInfo("/tmp/evil"), b"x")],
        lambda all: [*all, (tarfile.TarInfo("session.key"), b"x")],
        lambda all: [*all, all[1]],
        lambda all: all[:-1],
        lambda all: all[1:],
        lambda all: [all[1], all[0], *all[2:]],
        lambda all: [(linked(all[0][0].name), b""), *all[1:]],
        lambda all: [*all[:-1], (linked(all[-1][0].name), b"")],
        lambda all: [*all[:-1], (all[-1][0], all[-1][1][:-1])],
        lambda all: [*all[:-1], (all[-1][0], bytes(len(all[-1][1])))],
        lambda all: [(all[0][0], b"{" * 70_000), *all[1:]],
        lambda all: [(all[0][0], b'{"format": 1}'), *all[1:]],
        remade("format", 2),
        remade("files", {"../evil": {"sha256": "", "size": 0}}),
        remade("more", 1),
        remade("ledger_head", "1:x"),
    ],
)
def test_an_archive_that_somebody_made_is_refused(made: Path, tmp_path: Path, change: Change) -> None:
    all = entries(made)
    packed(made, all)
    restore(made, tmp_path / "first")
    packed(made, change(all))
    refused(made, tmp_path, "is no whole backup")


def test_more_than_the_disk_holds_is_refused_before_it_is_unpacked(made: Path, tmp_path: Path) -> None:
    packed(made, remade("files", {"kei.db": {"sha256": "0" * 64, "size": 1 << 60}})(entries(made)))
    refused(made, tmp_path, "there is not enough space")


def test_a_long_tail_is_not_read_to_its_end(made: Path, tmp_path: Path) -> None:
    made.write_bytes(gzip.compress(gzip.decompress(made.read_bytes()) + bytes(1 << 24)))
    refused(made, tmp_path, "is no whole backup")


def test_a_folder_in_use_is_left_alone(settings: Settings, made: Path, tmp_path: Path) -> None:
    before = dump(settings.data_dir / "kei.db")
    with pytest.raises(BackupRefused, match="not empty; stop the server and move it away, or name another by --into"):
        restore(made, settings.data_dir)
    assert dump(settings.data_dir / "kei.db") == before
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    assert restore(made, tmp_path / "link").folder == tmp_path / "empty"


def test_a_restore_that_is_stopped_leaves_nothing(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, left = {path.name for path in tmp_path.iterdir()}, 0

    def stopped(opened: int) -> None:
        del opened
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "fsync", stopped)
    for steps in range(8):  # a file or folder each, before the renaming
        left = steps
        with pytest.raises(KeyboardInterrupt):
            restore(made, tmp_path / "restored")
        assert ({path.name for path in tmp_path.iterdir()} == before) is (steps < 7)
    assert len(names(tmp_path / "restored")) == 4


def test_what_the_ledger_finds_is_told_and_the_data_is_there(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{settings.data_dir}/kei.db"
    trigger = raw(url, "select name from sqlite_master where type = 'trigger' and tbl_name = 'kei_ledger'")
    raw(url, *(f"drop trigger {name}" for (name,) in trigger), "update kei_ledger set subject = 'x' where n = 2")
    backup(settings, tmp_path / "kei.backup")
    done = restore(tmp_path / "kei.backup", tmp_path / "restored")
    assert done.fault == "row 2 of the ledger: it was edited"
    assert len(names(done.folder)) == 4


def test_a_database_of_a_newer_version_is_refused(settings: Settings, tmp_path: Path) -> None:
    raw(f"sqlite:///{settings.data_dir}/kei.db", "update kei_schema set version_num = '9999'")
    assert backup(settings, tmp_path / "kei.backup").schema_revision == "9999"
    refused(tmp_path / "kei.backup", tmp_path, "this version cannot open the database.*install 0")


def test_a_copy_made_while_the_server_writes_is_of_one_moment(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{settings.data_dir}/kei.db"
    code = "id = store.begin('bob', 't')\n"
    code += "for n in range(100_000): print(store.add(id, 'bob', 'q', answer, Slots()).n, flush=True)"
    with started(url, WRITER, code, ())[0] as process:
        try:
            for n in range(3):
                heard = [int(process.stdout.readline()) for _ in range(5)]  # type: ignore[union-attr]
                backup(settings, tmp_path / f"{n}.backup")
                assert process.poll() is None
                done = restore(tmp_path / f"{n}.backup", tmp_path / str(n))
                assert done.fault is None
                kept = f"sqlite:///{done.folder}/kei.db"
                ((turns,),) = raw(kept, "select count(*) from kei_turns where question = 'q'")
                rows = raw(kept, "select count(*) from kei_ledger where actor = 'bob' group by action")
                assert turns >= heard[-1]
                assert rows == [(turns,)] * 2
        finally:
            process.kill()


def test_what_cannot_be_backed_up_says_why(settings: Settings, made: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="is there already; name another file"):
        backup(settings, made)
    with pytest.raises(BackupRefused, match="in the data folder itself"):
        backup(settings, settings.data_dir / "x.backup")
    with pytest.raises(BackupRefused, match="is KEI_DATA_DIR right"):
        backup(Settings(data_dir=tmp_path / "nothing", database_url=None), tmp_path / "x.backup")
    with pytest.raises(BackupRefused, match=r"could not be written .*; check the disk and the rights"):
        backup(settings, tmp_path / "no" / "folder" / "x.backup")
    server = settings.model_copy(
        update={"database_url": Settings(database_url=f"postgresql://u:{SECRET}@h/d").database_url}
    )  # type: ignore[arg-type]
    with pytest.raises(BackupRefused, match=r"pg_dump.*--without-database") as caught:
        backup(server, tmp_path / "x.backup")
    assert SECRET not in str(caught.value)
    assert set(backup(server, tmp_path / "x.backup", database=False).files) == {"official/official.db", "firm/firm.db"}
    assert restore(tmp_path / "x.backup", tmp_path / "x").fault is None


def test_a_damaged_database_is_named_and_no_file_is_left(settings: Settings, tmp_path: Path) -> None:
    file = settings.data_dir / "kei.db"
    file.write_bytes(file.read_bytes()[:4096] + os.urandom(file.stat().st_size - 4096))
    with pytest.raises(BackupRefused, match=r"kei.db cannot be read .*keep it as it is"):
        backup(settings, tmp_path / "kei.backup")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "memo.md"}


def test_another_file_than_the_usual_one_is_backed_up_too(settings: Settings, tmp_path: Path) -> None:
    (settings.data_dir / "kei.db").rename(tmp_path / "other.sqlite")
    named = Settings(data_dir=settings.data_dir, database_url=SecretStr(f"sqlite:///{tmp_path}/other.sqlite"))
    assert "kei.db" in backup(named, tmp_path / "kei.backup").files
    done = restore(tmp_path / "kei.backup", tmp_path / "restored")
    assert dump(done.folder / "kei.db") == dump(tmp_path / "other.sqlite")
