"""The ledger, on SQLite and on PostgreSQL: appended, purged, by several at once, after a kill, with a bad clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from assistant import ledger_chain
from assistant.database import Database, StoreUnusable
from assistant.ledger import Entry, Finding, Head, Ledger
from assistant.settings import Settings
from tests import postgres
from tests.postgres import raw, started

server, url = postgres.server, postgres.url
SECRET = "zanzibar-question"
GIVEN = "from assistant.database import Database\nfrom assistant.ledger import Ledger"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(Ledger(Database(url))) as held:
        yield held


def test_a_row_is_read_as_it_was_appended(ledger: Ledger, url: str) -> None:
    before = dt.datetime.now(dt.UTC)
    first = ledger.append(
        "question", "ann", "thread-1/1", {"z": [1, None], "a": {"ü": "§ \0 \ud800"}}, "Über \0 \ud800?"
    )
    second = ledger.append("answer", "ann", "thread-1/1", {})
    assert ledger.entries() == (first, second)
    assert ledger.entries(after=1) == (second,) == ledger.entries(after=1, subject="thread-1/1", limit=1)
    assert ledger.entries(limit=1) == (first,)
    assert ledger.entries(subject="thread-2/1") == ()
    assert (first.n, first.previous, second.n, second.previous) == (1, "0" * 64, 2, first.hash)
    assert before <= first.at <= second.at <= dt.datetime.now(dt.UTC)
    assert first.at.utcoffset() == dt.timedelta(0)
    assert list(first.facts) == ["a", "z"]
    assert (ledger.content(1), ledger.content(2), second.content_hash) == (
        "Über \N{REPLACEMENT CHARACTER} ??",
        None,
        None,
    )
    assert ledger.head() == Head(2, second.hash) == Head.parse(f" {ledger.head()}\n")
    assert ledger.verify() is None
    with closing(Ledger(Database(url))) as later:
        assert (later.entries(), later.verify(head=ledger.head())) == ((first, second), None)


def test_the_hashes_can_be_computed_by_anybody(ledger: Ledger, url: str) -> None:
    """The rule that an auditor would follow, written down a second time."""
    entry = ledger.append("question", "ann", "t", {"b": 1, "a": "é"}, "Is it legal?")
    names = ("n", "at", "actor", "action", "subject", "facts", "content_hash", "previous")
    row = dict(zip(names, raw(url, f"select {', '.join(names)} from kei_ledger")[0], strict=True))
    assert (row["facts"], row["at"]) == ('{"a":"\\u00e9","b":1}', entry.at.isoformat(timespec="microseconds"))
    told = json.dumps(row, sort_keys=True, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(told.encode()).hexdigest()
    [(salt, text)] = raw(url, "select salt, text from kei_ledger_content")
    told = json.dumps([salt, text], separators=(",", ":"))
    assert entry.content_hash == hashlib.sha256(told.encode()).hexdigest()
    assert len(bytes.fromhex(salt)) == 32
    assert ledger.append("question", "ann", "t", {}, "Is it legal?").content_hash != entry.content_hash


@pytest.mark.parametrize(
    ("action", "actor", "subject", "facts"),
    [("guess", "ann", "t", {}), ("purge", "ann", "t", {}), ("review", " ", "t", {}), ("review", "ann", "", {}),
     ("review", "a\0", "t", {}), ("review", "ann", "\ud800", {}), ("review", "ann", "t", {"x": float("nan")}),
     ("review", "ann", "t", {"x": dt.date(2026, 11, 24)})],
)  # fmt: skip
def test_what_no_row_may_hold_is_refused(ledger: Ledger, action: Any, actor: str, subject: str, facts: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        ledger.append(action, actor, subject, facts)
    assert (ledger.entries(), ledger.head()) == ((), Head(0, "0" * 64))
    assert ledger.verify() is None


@pytest.mark.parametrize("noted", ["", "12", "x:" + "0" * 64, "-1:" + "0" * 64, "1:abc", "²:" + "0" * 64])
def test_a_head_that_was_noted_wrongly_is_refused(noted: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Head.parse(noted)


_ROWS = "select n, at, 'bob', action, subject, facts, null, '', '' from kei_ledger"
CHANGES = {
    "sqlite": (f"insert or replace into kei_ledger {_ROWS}", f"replace into kei_ledger {_ROWS}"),
    "postgresql": (
        "truncate kei_ledger cascade",  # the reviews refer to it
        f"insert into kei_ledger {_ROWS} on conflict (n) do update set actor = 'bob'",
    ),
}


def test_the_database_itself_refuses_to_change_a_row(ledger: Ledger, url: str) -> None:
    entries = tuple(ledger.append("question", "ann", "t", {}) for _ in range(2))
    both = ("update kei_ledger set actor = 'bob'", "delete from kei_ledger where n = 2")
    for change in (*both, *CHANGES[url.partition(":")[0]]):
        with pytest.raises((sqlite3.Error, psycopg.Error), match="kei_ledger is append-only"):
            raw(url, change)
    assert ledger.entries() == entries


def test_purging_takes_a_persons_words_and_leaves_the_chain_whole(ledger: Ledger, url: str) -> None:
    for _ in range(30):
        ledger.append("question", "ann", "t", {}, SECRET * 200)
        ledger.append("answer", "bob", "t", {}, "his")
    before = ledger.entries()
    purged = ledger.purge("ann", by="admin")
    assert ledger.entries() == (*before, purged)
    assert (purged.action, purged.actor, purged.subject, purged.facts) == ("purge", "admin", "ann", {"contents": 30})
    assert {ledger.content(n) for n in range(1, 62)} == {None, "his"}
    assert raw(url, "select count(*) from kei_ledger_content") == [(30,)]
    assert ledger.verify(head=(60, before[-1].hash)) is None
    if url.startswith("sqlite"):
        files = list(Path(url.removeprefix("sqlite:///")).parent.iterdir())
        assert {"kei.db", "kei.db-wal"} <= {file.name for file in files}
        assert [file.name for file in files if SECRET.encode() in file.read_bytes()] == []
    # What she says later is kept, until she asks again.
    ledger.append("question", "ann", "t", {}, "later")
    assert (ledger.content(62), ledger.verify()) == ("later", None)
    assert (ledger.purge("ann", by="ann").facts, ledger.verify()) == ({"contents": 1}, None)
    assert (ledger.purge("nobody", by="ann").facts, ledger.verify()) == ({"contents": 0}, None)


def test_a_clock_that_is_set_back_is_no_fault_and_is_told(url: str) -> None:
    noon = dt.datetime(2026, 11, 25, 12, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    times = iter([noon, noon + dt.timedelta(microseconds=1), noon - dt.timedelta(days=400), noon, noon])
    with closing(Ledger(Database(url), now=lambda: next(times))) as ledger:
        entries = [ledger.append("question", "ann", "t", {}) for _ in range(5)]
        assert ledger.entries() == tuple(entries)
        assert (entries[0].at, entries[0].at.tzinfo) == (noon, dt.UTC)
        assert (ledger.verify(), ledger.turned_back()) == (None, (3,))


def test_a_row_within_a_callers_transaction_stands_or_falls_with_it(ledger: Ledger, url: str) -> None:
    with closing(Database(url)) as database:
        with database.transaction() as db:
            ledger.append("review", "ann", "s", {}, "kept", within=db)
            # Who goes on after a refusal leaves nothing half.
            with pytest.raises(ValueError, match="must be named"):
                ledger.append("review", "", "s", {}, "refused", within=db)
        with pytest.raises(ZeroDivisionError), database.transaction() as db:
            ledger.append("review", "ann", "s", {}, "lost", within=db).n / 0
    assert [entry.n for entry in ledger.entries()] == [1] == [ledger.append("review", "ann", "s", {}).n - 1]
    assert ledger.verify() is None


def complete(ledger: Ledger, rows: int) -> dict[str, list[int]]:
    """Nothing is lost and the chain is whole; for each writer, what it counted, in the order of the rows."""
    entries = ledger.entries()
    assert [entry.n for entry in entries] == list(range(1, rows + 1))
    assert ledger.verify() is None
    said: dict[str, list[int]] = {}
    for entry in entries:
        assert ledger.content(entry.n) == f"{entry.actor} {entry.facts['i']}"
        said.setdefault(entry.actor, []).append(entry.facts["i"])
    return said


def test_processes_that_append_at_the_same_time(ledger: Ledger, url: str) -> None:
    code = "store, me = Ledger(Database(URL)), words[0]\n"
    code += "for i in range(60): store.append('question', me, 't', {'i': i}, f'{me} {i}')"
    both = started(url, GIVEN, code, ("one",), ("two",))
    assert [process.returncode for process in both if process.communicate()] == [0, 0]
    assert complete(ledger, 120) == {name: list(range(60)) for name in ("one", "two")}


def test_threads_that_append_purge_and_verify_at_the_same_time(ledger: Ledger) -> None:
    def write(name: str) -> list[Finding | None]:
        for i in range(10):
            ledger.append("question", name, "t", {"i": i}, f"{name} {i}")
        ledger.purge(f"no {name}", by=name)
        return [ledger.verify()]

    with ThreadPoolExecutor(6) as workers:
        assert list(workers.map(write, "abcdef")) == [[None]] * 6
    assert (ledger.head().n, ledger.verify()) == (66, None)


def test_killed_processes_lose_no_row_and_leave_nothing_half(ledger: Ledger, url: str) -> None:
    code = "store = Ledger(Database(URL))\ni = int(words[0])\n"
    code += "while True: print(store.append('question', 'ann', 't', {'i': i}, f'ann {i}').n, flush=True); i += 1"
    rows = 0
    for heard in (1, 7, 20):
        with started(url, GIVEN, code, (str(rows),))[0] as process:
            told = [process.stdout.readline() for _ in range(heard)]
            process.kill()
            told += process.stdout.readlines()
        returned = [int(line) for line in told if line.endswith("\n")]
        assert returned == list(range(rows + 1, rows + 1 + len(returned)))
        stored = ledger.entries()[-1].n
        assert stored in (returned[-1], returned[-1] + 1)
        rows = stored
        assert complete(ledger, rows) == {"ann": list(range(rows))}


def test_a_row_that_the_ledger_did_not_write_stops_the_next_with_a_word(ledger: Ledger, url: str) -> None:
    ledger.append("question", "ann", "t", {})
    raw(
        url,
        "insert into kei_ledger select n + 1, at, actor, action, subject, '{', null, previous, hash from kei_ledger",
    )
    with pytest.raises(StoreUnusable, match=r"row 2 of the ledger is there already.*kei ledger verify"):
        ledger.append("question", "ann", "t", {})
    with pytest.raises(StoreUnusable, match="row 2 of the ledger cannot be read; run: kei ledger verify"):
        ledger.entries()
    raw(url, "delete from kei_ledger_head")
    for verb in (ledger.head, lambda: ledger.append("question", "ann", "t", {})):
        with pytest.raises(StoreUnusable, match="the head of the ledger is gone; run: kei ledger verify"):
            verb()


def test_rows_are_walked_a_batch_at_a_time(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(7):
        ledger.append("question", "ann", "t", {"i": i}, "words")
    monkeypatch.setattr(ledger_chain, "_BATCH", 2)
    assert ledger.verify() is None


def test_no_log_has_a_word_of_a_content(ledger: Ledger, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    entry = ledger.append("question", "ann", "t", {}, SECRET)
    raw(url, "update kei_ledger_head set n = 0")
    with pytest.raises(StoreUnusable) as caught:
        ledger.append("question", "ann", "t", {}, SECRET)
    assert SECRET not in caplog.text + str(caught.value) + repr(entry)
    assert isinstance(entry, Entry)


def test_it_opens_the_database_of_the_settings(tmp_path: Path) -> None:
    with closing(Ledger.open(Settings(data_dir=tmp_path, database_url=None))) as ledger:
        hash = ledger.append("sign_in", "local", "local", {}).hash
    assert raw(f"sqlite:///{tmp_path}/kei.db", "select n, hash from kei_ledger_head") == [(1, hash)]
