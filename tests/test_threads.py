"""Stored conversations, on SQLite and on PostgreSQL: kept, in order, by owner, after a kill, and never in a message."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from assistant.contract import Answer, Cited, Note, Slots
from assistant.database import Database, StoreUnusable
from assistant.settings import Settings
from assistant.threads import OUTDATED, Heading, ThreadStore, ThreadUnknown
from tests import postgres
from tests.postgres import raw

SOURCE = Cited(
    n=1, citation="49 CFR 591.5(i)(1)", coordinate="c", place="US", authority="rule", title="t", statement="s", url="u",
    checked=dt.date(2026, 11, 20), effective_from=None, confidence="high",
)  # fmt: skip
ANSWER = Answer(
    question="Über 25?\n“yes”", outcome="answered", answer="Yes. [1]", as_of=dt.date(2026, 11, 24), places=("US", "TX"),
    citations=(SOURCE,), notes=(Note(kind="stale", text="n"),), fingerprint="f", timings_ms={"all": 3},
)  # fmt: skip
SLOTS = Slots(places=("TX",), built=(1999, None, None), model="Suzuki Carry", as_of=dt.date(2026, 11, 24))
SECRET = "zanzibar-question"
server, url = postgres.server, postgres.url


@pytest.fixture
def store(url: str) -> Iterator[ThreadStore]:
    with closing(ThreadStore(Database(url))) as held:
        yield held


def started(url: str, code: str, *each: tuple[str, ...]) -> list[subprocess.Popen[str]]:
    """Processes that run `code` with `store`, `ANSWER`, `SLOTS` and their own `words`, all at once."""
    given = "from assistant.contract import Answer, Slots\nfrom assistant.database import Database\n"
    given += "from assistant.threads import ThreadStore\n"
    given += f"ANSWER, SLOTS = Answer.model_validate_json({ANSWER.model_dump_json()!r}), Slots()"
    return postgres.started(url, given, f"store = ThreadStore(Database(URL))\n{code}", *each)


def test_a_conversation_is_read_as_it_was_stored(store: ThreadStore, url: str) -> None:
    before, id = dt.datetime.now(dt.UTC), store.begin("ann", "Carry in Texas")
    assert store.read(id, "ann").turns == ()
    first = store.add(id, "ann", ANSWER.question, ANSWER, SLOTS)
    # What the databases' own text cannot hold is asked too.
    second = store.add(id, "ann", "nul \0 half \ud800", ANSWER.model_copy(update={"answer": "\0"}), Slots())
    held = store.read(id, "ann")
    assert (held.turns, first.n, second.n) == ((first, second), 1, 2)
    assert (first.question, first.answer, first.slots) == (ANSWER.question, ANSWER, SLOTS)
    with closing(ThreadStore(Database(url))) as later:
        assert later.read(id, "ann") == held
    assert before <= first.asked <= second.asked == held.changed <= dt.datetime.now(dt.UTC)
    assert held.changed.utcoffset() == dt.timedelta(0)
    assert store.headings("ann") == (Heading(id, "Carry in Texas", held.changed, 2),)


def test_headings_are_the_owners_own_and_the_last_changed_is_first(store: ThreadStore) -> None:
    old, new, _ = store.begin("ann", "old"), store.begin("ann", "new"), store.begin("bob", "his")
    assert [heading.id for heading in store.headings("ann")] == [new, old]
    store.add(old, "ann", "q", ANSWER, SLOTS)
    store.rename(new, "ann", "renamed")
    assert [(h.title, h.turns) for h in store.headings("ann")] == [("old", 1), ("renamed", 0)]
    assert store.headings("carl") == ()


USES = {"add": ("q", ANSWER, SLOTS), "read": (), "rename": ("taken",), "delete": ()}


@pytest.mark.parametrize("use", USES)
def test_another_owners_thread_is_as_unknown_as_none(store: ThreadStore, use: str) -> None:
    id = store.begin("ann", "t")
    turn = store.add(id, "ann", "q", ANSWER, SLOTS)
    told = set()
    for tried, owner in ((id, "bob"), (id, "ANN"), (id, "ann "), (id + "x", "ann"), ("a\0\ud800", "ann"), ("", "ann")):
        with pytest.raises(ThreadUnknown) as caught:
            getattr(store, use)(tried, owner, *USES[use])
        told.add(str(caught.value))
    assert len(told) == 1
    assert (store.read(id, "ann").title, store.read(id, "ann").turns) == ("t", (turn,))


def test_an_owner_and_a_new_title_must_be_named(store: ThreadStore) -> None:
    for owner, title in (("", "t"), (" ", "t"), ("a\0", "t"), ("\ud800", "t"), ("ann", " \n")):
        with pytest.raises(ValueError, match=r"must be named|1 to 120"):
            store.begin(owner, title)
    with pytest.raises(ValueError, match="must be named"):
        store.headings("")


TITLES = {
    "  Carry\n in   Texas ": "Carry in Texas",
    "x" * 120: "x" * 120,
    "x" * 121: "x" * 119 + "…",
    "word " * 30: "word " * 23 + "word…",
    "nul \0 half \ud800": "nul \N{REPLACEMENT CHARACTER} half ?",
}


def test_a_new_threads_title_is_one_line_cut_at_a_word(store: ThreadStore) -> None:
    assert {title: store.read(store.begin("ann", title), "ann").title for title in TITLES} == TITLES


def test_a_persons_title_is_taken_whole_or_refused(store: ThreadStore) -> None:
    id = store.begin("ann", "t")
    for refused in ("", " \n", "x" * 121):
        with pytest.raises(ValueError, match="1 to 120"):
            store.rename(id, "ann", refused)
    store.rename(id, "ann", f" {'x' * 120} ")
    assert store.read(id, "ann").title == "x" * 120


@pytest.mark.parametrize("broken", ['{"outcome": "answered"}', "no json", ANSWER.model_dump_json()[:-1] + ',"new": 1}'])
def test_an_answer_that_fits_no_longer_is_declined_and_kept(store: ThreadStore, url: str, broken: str) -> None:
    id = store.begin("ann", "t")
    first, second = (store.add(id, "ann", question, ANSWER, SLOTS) for question in ("one", "two"))
    raw(url, f"update kei_turns set answer = '{broken}', slots = '{broken}' where n = 1")
    old, new = store.read(id, "ann").turns
    assert (old.answer.outcome, old.answer.answer, old.answer.citations) == ("declined", OUTDATED, ())
    assert (old.question, old.answer.question, old.answer.as_of) == ("one", "one", first.asked.date())
    assert (old.n, old.slots, old.asked) == (1, Slots(), first.asked)
    assert new == second
    assert raw(url, "select answer from kei_turns where n = 1") == [(broken,)]


def test_a_row_without_newer_optional_fields_is_read(store: ThreadStore, url: str) -> None:
    store.add(id := store.begin("ann", "t"), "ann", "q", ANSWER, SLOTS)
    kept = Answer(question="q", outcome="clarify", answer="Where?", as_of=ANSWER.as_of, places=(), fingerprint="f")
    raw(url, f"update kei_turns set answer = '{kept.model_dump_json(exclude_defaults=True)}', slots = '{{}}'")
    turn = store.read(id, "ann").turns[0]
    assert (turn.answer, turn.slots) == (kept, Slots())


def test_deleting_leaves_nothing(store: ThreadStore, url: str) -> None:
    kept, gone = store.begin("ann", "kept"), store.begin("ann", SECRET)
    store.add(kept, "ann", "still here", ANSWER, SLOTS)
    for _ in range(40):
        store.add(gone, "ann", SECRET * 20, ANSWER.model_copy(update={"answer": SECRET * 300}), SLOTS)
    store.delete(gone, "ann")
    assert raw(url, "select question from kei_turns") == [("still here",)]
    assert [heading.id for heading in store.headings("ann")] == [kept]
    if url.startswith("sqlite"):
        files = list(Path(url.removeprefix("sqlite:///")).parent.iterdir())
        assert {"kei.db", "kei.db-wal"} <= {file.name for file in files}
        assert [file.name for file in files if SECRET.encode() in file.read_bytes()] == []


def test_threads_of_one_process(store: ThreadStore) -> None:
    id, names = store.begin("ann", "t"), [f"worker{i}" for i in range(8)]

    def talk(name: str) -> int:
        own = store.begin(name, name)
        for i in range(10):
            store.add(id, "ann", f"{name} {i}", ANSWER, SLOTS)
            store.add(own, name, name, ANSWER, SLOTS)
        return len(store.read(own, name).turns)

    with ThreadPoolExecutor(8) as workers:
        assert list(workers.map(talk, names)) == [10] * 8
    in_order(store, id, names, 10)


def in_order(store: ThreadStore, id: str, names: list[str], each: int) -> None:
    """Nothing is lost, every n is there once, and each writer's turns and the times stand in order."""
    turns = store.read(id, "ann").turns
    assert [turn.n for turn in turns] == list(range(1, each * len(names) + 1))
    assert [turn.asked for turn in turns] == sorted(turn.asked for turn in turns)
    for name in names:
        said = [turn.question for turn in turns if turn.question.startswith(f"{name} ")]
        assert said == [f"{name} {i}" for i in range(each)]


def test_processes_that_write_at_the_same_time(store: ThreadStore, url: str) -> None:
    id = store.begin("ann", "t")
    code = "for i in range(60): store.add(words[0], 'ann', f'{words[1]} {i}', ANSWER, SLOTS)"
    both = started(url, code, (id, "one"), (id, "two"))
    assert [process.returncode for process in both if process.communicate()] == [0, 0]
    in_order(store, id, ["one", "two"], 60)


def test_processes_that_open_an_empty_database_at_the_same_time(url: str) -> None:
    four = started(url, "store.begin('ann', 't')", *[()] * 4)
    assert [process.returncode for process in four if process.communicate()] == [0] * 4
    with closing(ThreadStore(Database(url))) as store:
        assert len(store.headings("ann")) == 4


def test_a_killed_process_loses_no_turn_that_was_stored(store: ThreadStore, url: str) -> None:
    id = store.begin("ann", "t")
    code = "while True: print(store.add(words[0], 'ann', 'q', ANSWER, SLOTS).n, flush=True)"
    with started(url, code, (id,))[0] as process:
        told = [process.stdout.readline() for _ in range(30)]
        process.kill()
        told += process.stdout.readlines()
    stored = [turn.n for turn in store.read(id, "ann").turns]
    returned = [int(line) for line in told if line.endswith("\n")]
    assert len(returned) >= 30
    assert stored in (returned, [*returned, len(returned) + 1])
    assert store.add(id, "ann", "q", ANSWER, SLOTS).n == len(stored) + 1


def test_it_opens_the_database_of_the_settings(tmp_path: Path) -> None:
    with closing(ThreadStore.open(Settings(data_dir=tmp_path, database_url=None))) as store:
        id = store.begin("ann", "t")
    assert raw(f"sqlite:///{tmp_path}/kei.db", "select id from kei_threads") == [(id,)]


def test_no_message_and_no_log_has_a_question(store: ThreadStore, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="sqlalchemy")
    store.add(id := store.begin("ann", SECRET), "ann", SECRET, ANSWER, SLOTS)
    # Two ways in which a database refuses the next row; PostgreSQL then tells the whole of it.
    raw(url, {"s": "update kei_threads set turns = 0", "p": "alter table kei_turns add check (n < 2)"}[url[0]])
    with pytest.raises(StoreUnusable) as caught:
        store.add(id, "ann", SECRET, ANSWER.model_copy(update={"answer": SECRET}), SLOTS)
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert len(store.read(id, "ann").turns) == 1
