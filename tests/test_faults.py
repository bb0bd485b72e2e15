"""What goes wrong under a running program: killed, no space, no rights, two at once, a clock set back.

Nothing that was accepted is lost, and what is refused says what to do.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant import threads
from assistant.backup import backup
from assistant.database import Database
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.threads import ThreadStore
from tests.conftest import ROOT, missing

GIVEN = """
import datetime as dt, os, signal, sys
from contextlib import closing
from pathlib import Path
from assistant.contract import Answer, Slots
from assistant.database import Database, StoreUnusable
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.threads import ThreadStore

SETTINGS = Settings(data_dir=Path(sys.argv[1]), database_url=None)
DAY = dt.date(2026, 11, 24)
ANSWER = Answer(question="q", outcome="answered", answer="a" * 999, as_of=DAY, places=(), fingerprint="f")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def forked(work):
    "How a child process ended that did `work`: 0, 1, or -9 when it was killed."
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
    except BaseException as error:
        print(repr(error), flush=True)
        os._exit(1)
    os._exit(0)

def held(settings=SETTINGS):
    "How many turns there are; both rows of the ledger must be there for each, and the ledger whole."
    with closing(Database.open(settings)) as database:
        (thread,) = ThreadStore(database).headings("ann")
        turns = ThreadStore(database).read(thread.id, "ann").turns
        rows = [entry.action for entry in Ledger(database).entries()]
        assert [turn.n for turn in turns] == list(range(1, thread.turns + 1))
        assert rows[: 2 * len(turns)] == ["question", "answer"] * len(turns), rows
        assert Ledger(database).verify() is None
        return len(turns)
"""
INDEX = """
from langchain_core.embeddings import DeterministicFakeEmbedding
from assistant.index import IndexUnusable, VectorIndex, build
from assistant.passages import Passage

FOLDER, EMBEDDER = SETTINGS.index_dir, DeterministicFakeEmbedding(size=16)
PASSAGES = tuple(Passage(f"p{n}", f"passage {n}", "US") for n in range(90))

def found():
    return len(VectorIndex(FOLDER, "one", EMBEDDER).vectors(frozenset({"US"}))[0])
"""


def done(code: str, folder: Path, *before: str) -> str:
    """What a process printed that ran `code` with what is given above; it must have ended well."""
    ran = subprocess.run(
        [*before, sys.executable, "-c", GIVEN + code, str(folder)],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@cache
def mounts() -> tuple[str, ...]:
    """How a command is started that may mount for itself, with or without being root."""
    start = ("unshare", "--map-root-user", "--mount")
    tried = subprocess.run([*start, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    if tried.returncode:
        missing("a mount of the test's own (unshare of util-linux, and the right to use it)")
    return start


def test_a_kill_at_any_step_of_a_turn_leaves_it_whole_or_absent(tmp_path: Path) -> None:
    told = done(
        """
from sqlalchemy import event

with closing(Database.open(SETTINGS)) as database:
    ID = ThreadStore(database).begin("ann", "t")

def killed(at):
    database, steps = Database.open(SETTINGS), iter(range(99))
    step = lambda *_: die() if next(steps) == at else None
    event.listen(database._engine, "before_cursor_execute", step)
    event.listen(database._engine, "commit", step)
    ThreadStore(database).add(ID, "ann", "q", ANSWER, Slots())

for at in range(100):
    ended = forked(lambda: killed(at))
    print(at, ended, held(), flush=True)
    if ended == 0:
        break
""",
        tmp_path / "data",
    )
    *killed, last = [tuple(map(int, line.split())) for line in told.splitlines()]
    assert len(killed) >= 8
    assert {ended for _, ended, _ in killed} == {-9}
    assert {turns for _, _, turns in killed} == {0}
    assert last[1:] == (0, 1)


def test_a_kill_at_any_step_of_the_swap_leaves_an_index_or_makes_the_next_start_build_it(tmp_path: Path) -> None:
    told = done(
        INDEX
        + """
import shutil

rename, rmtree = Path.rename, shutil.rmtree

def checked(at):
    build(FOLDER, "one", PASSAGES, EMBEDDER)
    assert found() == 90
    steps = iter(range(9))
    Path.rename = lambda path, target: die() if next(steps) == at else rename(path, target)
    shutil.rmtree = lambda path, **more: die() if Path(path).name.startswith(".old-") else rmtree(path, **more)
    build(FOLDER, "one", PASSAGES, EMBEDDER, rebuild=True)

for at in (0, 1, 2):
    print(forked(lambda: checked(at)), flush=True)
    print(sorted(path.name.split("-")[0] for path in FOLDER.iterdir() if path.is_dir()), flush=True)
build(FOLDER, "one", PASSAGES, EMBEDDER, rebuild=True)
print(found(), [path.name for path in FOLDER.iterdir() if path.is_dir()], flush=True)
""",
        tmp_path / "data",
    )
    assert told.splitlines() == [
        "-9", "['.new', 'one']",
        "-9", "['.new', '.new', '.old']",
        "-9", "['.old', 'one']",
        "90 ['one']",
    ]  # fmt: skip


def test_a_kill_during_backup_or_restore_leaves_all_or_nothing_under_the_name(tmp_path: Path) -> None:
    told = done(
        """
from assistant.backup import backup, restore

HOME = SETTINGS.data_dir.parent
with closing(Database.open(SETTINGS)) as database:
    ThreadStore(database).add(ThreadStore(database).begin("ann", "t"), "ann", "q", ANSWER, Slots())

def killed(at, work):
    fsync, steps = os.fsync, iter(range(99))
    os.fsync = lambda opened: die() if next(steps) == at else fsync(opened)
    work()

for name, work in (("kei.backup", lambda: backup(SETTINGS, HOME / "kei.backup")),
                   ("new", lambda: restore(HOME / "kei.backup", HOME / "new"))):
    for at in range(100):
        ended = forked(lambda: killed(at, work))
        print(name, ended, (HOME / name).exists(), flush=True)
        if (HOME / name).exists():
            break
if ended:
    assert held(Settings(data_dir=HOME / "new", database_url=None)) == 1
""",
        tmp_path / "data",
    )
    ended = [line.split() for line in told.splitlines()]
    assert [(name, there) for name, _, there in ended if there == "True"] == [("kei.backup", "True"), ("new", "True")]
    assert {code for _, code, _ in ended} == {"-9"}
    assert len(ended) >= 5


def test_a_full_disk_keeps_what_was_accepted_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    told = done(
        """
from assistant.backup import BackupRefused, backup

HOME = SETTINGS.data_dir.parent
(HOME / "other").write_bytes(bytes(1 << 20))
database = Database.open(SETTINGS)
store = ThreadStore(database)
id, accepted = store.begin("ann", "t"), 0
try:
    while True:
        accepted = store.add(id, "ann", "q", ANSWER, Slots()).n
except StoreUnusable as error:
    print(error, flush=True)
assert accepted > 20
assert [turn.n for turn in store.read(id, "ann").turns] == list(range(1, accepted + 1))
assert Ledger(database).verify() is None
try:
    backup(SETTINGS, HOME / "kei.backup")
except BackupRefused as error:
    print(error, flush=True)
assert sorted(path.name for path in HOME.iterdir()) == ["data", "other"]
(HOME / "other").unlink()
assert store.add(id, "ann", "q", ANSWER, Slots()).n == accepted + 1
database.close()
assert held() == accepted + 1
""",
        folder / "data",
        *mounts(), "sh", "-c", f'mount -t tmpfs -o size=3m none "{folder}" && exec "$@"', "sh",
    )  # fmt: skip
    full, refused = told.splitlines()
    assert "database or disk is full" in full
    assert "check the disk and the rights" in full
    assert "the backup could not be written" in refused
    assert "check the disk and the rights" in refused


def test_a_folder_that_cannot_be_written_is_named_and_still_read_and_backed_up(tmp_path: Path) -> None:
    folder, copy = tmp_path / "fixed", tmp_path / "kei.backup"
    folder.mkdir()
    told = done(
        INDEX
        + f"""
import subprocess
from assistant.backup import BackupRefused, backup, restore

with closing(Database.open(SETTINGS)) as database:
    ThreadStore(database).add(ThreadStore(database).begin("ann", "t"), "ann", "q", ANSWER, Slots())
forked(lambda: build(FOLDER, "one", PASSAGES, EMBEDDER))
subprocess.run(["mount", "-o", "remount,ro", "{folder}"], check=True)
build(FOLDER, "one", PASSAGES, EMBEDDER)
assert found() == 90
backup(SETTINGS, Path("{copy}"))
for work in (lambda: Database.open(SETTINGS), lambda: backup(SETTINGS, Path("{folder}/kei.backup")),
             lambda: restore(Path("{copy}"), Path("{folder}/new"))):
    try:
        work()
    except (StoreUnusable, BackupRefused) as error:
        print(error, flush=True)
restore(Path("{copy}"), Path("{tmp_path}/new"))
assert held(Settings(data_dir=Path("{tmp_path}/new"), database_url=None)) == 1
""",
        folder / "data",
        *mounts(), "sh", "-c", f'mount -t tmpfs none "{folder}" && exec "$@"', "sh",
    )  # fmt: skip
    refused = told.splitlines()
    assert len(refused) == 3
    assert all("ead-only" in line and "check the disk and the rights" in line for line in refused), told


def test_two_that_build_the_same_index_do_not_mix(tmp_path: Path) -> None:
    code = "try: build(FOLDER, 'one', PASSAGES, EMBEDDER)\n"
    code += "except IndexUnusable as error: print(error)\nelse: print(found())"
    each = [sys.executable, "-c", GIVEN + INDEX + code, str(tmp_path / "data")]
    both = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    told = [process.communicate(timeout=120)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "90" in told
    assert all(line == "90" or "another process is building the index" in line for line in told), told


def test_a_clock_that_is_set_back_changes_no_order_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.test_threads import ANSWER, SLOTS

    day = iter((24, 25, 20, 26))

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dt.datetime:
            return dt.datetime(2026, 11, next(day), tzinfo=tz)

    settings = Settings(data_dir=tmp_path / "data", database_url=None)
    with closing(Database.open(settings)) as database:
        store, hours = ThreadStore(database), iter((9, 12, 8, 10))
        monkeypatch.setattr(threads, "dt", SimpleNamespace(datetime=Clock, UTC=dt.UTC))
        id = store.begin("ann", "t")
        for n in (1, 2, 3):
            assert store.add(id, "ann", f"question {n}", ANSWER, SLOTS).n == n
        ledger = Ledger(database, now=lambda: dt.datetime(2031, 1, 1, next(hours), tzinfo=dt.UTC))
        for n in range(4):
            ledger.append("export", "ann", id, {"n": n})
        assert [turn.asked.day for turn in store.read(id, "ann").turns] == [25, 20, 26]
        assert [entry.facts["n"] for entry in ledger.entries() if entry.action == "export"] == [0, 1, 2, 3]
        assert (ledger.verify(), ledger.turned_back()) == (None, (9,))
    assert (backup(settings, tmp_path / "kei.backup").ledger_head or "").startswith("10:")
