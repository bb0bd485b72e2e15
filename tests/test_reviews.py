"""Decisions of attorneys, on SQLite and on PostgreSQL: each with its row of the ledger or not kept."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from assistant.database import Database, StoreUnusable
from assistant.ledger import Ledger
from assistant.reviews import DecidedMeanwhile, ReviewError, Reviews
from assistant.standing import OfficialWords, SignOff, standing
from corpus.law import Statement
from corpus.library import Library
from tests import postgres
from tests.postgres import raw, started

server, url = postgres.server, postgres.url
ID, SECOND = "cfr-591-5.d3", "cfr-591-5.d4"
WORDS = OfficialWords("(3) It goes home within a year.", "text of eCFR, known for 2026-11-18", "eCFR of 2026-11-18")
NEW = "A nonresident must export the vehicle again within one year after it came in."
SECRET = "zanzibar-note"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as held:
        yield held


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def reviews(database: Database, ledger: Ledger) -> Reviews:
    return Reviews(database, ledger)


@pytest.fixture
def statement(library: Library) -> Statement:
    return library.statement(ID)


def test_a_decision_is_read_as_it_was_taken(reviews: Reviews, ledger: Ledger, statement: Statement) -> None:
    before = dt.datetime.now(dt.UTC)
    signed = reviews.decide(statement, "verified", "u1", " A.  Smith ", WORDS, " nul \0 half \ud800 ")
    assert (signed.statement, signed.decision, signed.reviewer, signed.name) == (ID, "verified", "u1", "A. Smith")
    assert (signed.text_hash, signed.reviewed_text) == (statement.hash, statement.text)
    assert (signed.official_hash, signed.reviewed_official) == (WORDS.hash, WORDS.text)
    assert (signed.official_source, signed.official_known) == (WORDS.source, WORDS.known)
    assert (signed.note, signed.proposed) == ("nul \N{REPLACEMENT CHARACTER} half ?", None)
    assert before <= signed.at <= dt.datetime.now(dt.UTC)
    assert reviews.latest([ID, SECOND]) == reviews.all_latest() == {ID: signed}
    assert (reviews.latest([]), reviews.latest([SECOND]), reviews.history(SECOND)) == ({}, {}, ())
    assert standing(statement, signed, WORDS).review == "verified"
    [entry] = ledger.entries()
    assert (entry.n, entry.at, entry.action, entry.actor, entry.subject) == (signed.n, signed.at, "review", "u1", ID)
    assert entry.facts["text_hash"] == statement.hash
    assert (ledger.content(entry.n), ledger.verify()) == (signed.note, None)


def test_the_last_decision_counts_and_all_are_kept(reviews: Reviews, library: Library) -> None:
    one, other = library.statement(ID), library.statement(SECOND)
    first = reviews.decide(one, "verified", "u1", "A. Smith", None)
    between = reviews.decide(other, "verified", "u1", "A. Smith", None)
    second = reviews.decide(one, "disputed", "u2", "B. Jones", WORDS, SECRET)
    third = reviews.decide(one, "corrected", "u2", "B. Jones", WORDS, proposed=f" {NEW}\n")
    assert reviews.history(ID) == (first, second, third)
    assert reviews.latest([ID, SECOND]) == {ID: third, SECOND: between}
    assert reviews.latest([str(n) for n in range(600)] + [SECOND]) == {SECOND: between}
    assert (third.proposed, first.official_hash, first.reviewed_official) == (NEW, None, None)


def test_the_ledger_says_what_was_decided_and_no_words(reviews: Reviews, ledger: Ledger, statement: Statement) -> None:
    reviews.decide(statement, "disputed", "u1", "A. Smith", None, SECRET)
    reviews.decide(statement, "corrected", "u1", "A. Smith", None, proposed=NEW)
    told = [dict(entry.facts) for entry in ledger.entries()]
    assert [one["decision"] for one in told] == ["disputed", "corrected"]
    assert [one["proposed_hash"] is None for one in told] == [True, False]
    assert not {SECRET, NEW, "A. Smith"} & set(map(str, (v for one in told for v in one.values())))
    assert (ledger.content(1), ledger.content(2)) == (SECRET, None)
    ledger.purge("u1", by="admin")
    assert [one.note for one in reviews.history(ID)] == [SECRET, ""]


COPY = "So: one two, Three four five six seven eight nine ten eleven twelve thirteen."
REFUSED = [
    ("guessed", {}, "is no decision"),
    ("verified", {"name": "  "}, "1 to 80 printable"),
    ("verified", {"name": "A\u202eSmith"}, "1 to 80 printable"),
    ("verified", {"note": "x" * 2001}, "at most 2,000"),
    ("verified", {"proposed": NEW}, "only a correction"),
    ("disputed", {"note": " \n"}, "needs a note"),
    ("corrected", {}, "5 to 70 words"),
    ("corrected", {"proposed": "word " * 70 + "word."}, "5 to 70 words; this has 71"),
    ("corrected", {"proposed": NEW.rstrip(".")}, "full stop"),
    ("corrected", {"proposed": NEW.replace("export", "ex\u200bport")}, "cannot be seen"),
    ("corrected", {"proposed": "OURS"}, "those of the book"),
    ("corrected", {"proposed": COPY}, "13 words in a row"),
]  # fmt: skip
LAW = replace(WORDS, text="(3) One two three four five six seven; eight nine ten “eleven” twelve thirteen fourteen.")


@pytest.mark.parametrize(("decision", "given", "why"), REFUSED, ids=lambda value: str(value)[:20])
def test_what_cannot_be_decided_is_refused_and_leaves_nothing(
    reviews: Reviews, ledger: Ledger, statement: Statement, decision: str, given: dict[str, str], why: str
) -> None:
    if given.get("proposed") == "OURS":
        given = {"proposed": f" {statement.text} "}
    with pytest.raises(ReviewError, match=why):
        reviews.decide(statement, decision, "u1", **{"name": "A. Smith", "official": LAW, **given})  # type: ignore[arg-type]
    assert (reviews.all_latest(), ledger.entries()) == ({}, ())


def test_terms_of_art_may_be_those_of_the_law(reviews: Reviews, statement: Statement) -> None:
    twelve = "So one two three four five six seven eight nine ten eleven twelve it is."
    assert reviews.decide(statement, "corrected", "u1", "A. Smith", LAW, proposed=twelve).proposed == twelve


def test_what_was_decided_meanwhile_is_looked_at_first(reviews: Reviews, ledger: Ledger, statement: Statement) -> None:
    first = reviews.decide(statement, "disputed", "u1", "A. Smith", None, "wrong", seen=0)
    with pytest.raises(DecidedMeanwhile, match="look at that decision first"):
        reviews.decide(statement, "verified", "u2", "B. Jones", None, seen=0)
    assert (reviews.history(ID), ledger.head().n) == ((first,), 1)
    reviews.decide(statement, "verified", "u2", "B. Jones", None, seen=first.n)


def test_of_attorneys_who_decide_at_once_one_is_first(reviews: Reviews, ledger: Ledger, statement: Statement) -> None:
    def tried(name: str) -> SignOff | None:
        try:
            return reviews.decide(statement, "verified", name, name, None, seen=0)
        except DecidedMeanwhile:
            return None

    with ThreadPoolExecutor(6) as attorneys:
        done = [one for one in attorneys.map(tried, "abcdef") if one]
    assert reviews.history(ID) == tuple(done)
    assert (len(done), ledger.verify(), ledger.head().n) == (1, None, 1)


GIVEN = """
from assistant.database import Database
from assistant.ledger import Ledger
from assistant.reviews import Reviews
from corpus.digests import ROOT, read_instrument
statement = next(s for s in read_instrument(ROOT / "us" / "cfr-591-5.yaml").statements if s.id == words[0])
"""


def in_step(reviews: Reviews, ledger: Ledger) -> int:
    """Every decision has its row of the ledger, and every row its decision; how many there are."""
    assert ledger.verify() is None
    rows = [(entry.n, entry.at, entry.actor) for entry in ledger.entries(subject=ID)]
    assert [(one.n, one.at, one.reviewer) for one in reviews.history(ID)] == rows
    return len(rows)


def test_processes_that_decide_at_the_same_time(reviews: Reviews, ledger: Ledger, url: str) -> None:
    code = "db = Database(URL)\nreviews = Reviews(db, Ledger(db))\n"
    code += "for i in range(30): reviews.decide(statement, 'verified', words[1], words[1], None)"
    both = started(url, GIVEN, code, (ID, "one"), (ID, "two"))
    assert [process.returncode for process in both if process.communicate()] == [0, 0]
    assert in_step(reviews, ledger) == 60
    assert reviews.latest([ID])[ID].n == 60


def test_a_killed_process_leaves_both_rows_or_none(reviews: Reviews, ledger: Ledger, url: str) -> None:
    code = "db = Database(URL)\nreviews = Reviews(db, Ledger(db))\n"
    code += "while True: print(reviews.decide(statement, 'disputed', 'u', 'U', None, 'n' * 2000).n, flush=True)"
    for heard in (1, 9):
        with started(url, GIVEN, code, (ID,))[0] as process:
            told = [process.stdout.readline() for _ in range(heard)]
            process.kill()
            told += process.stdout.readlines()
        returned = [int(line) for line in told if line.endswith("\n")]
        assert in_step(reviews, ledger) in (returned[-1], returned[-1] + 1)


def test_a_decision_that_cannot_be_stored_is_not_in_the_ledger(
    reviews: Reviews, ledger: Ledger, url: str, statement: Statement
) -> None:
    raw(url, "alter table kei_reviews rename column note to remark")
    with pytest.raises(StoreUnusable, match="note") as caught:
        reviews.decide(statement, "disputed", "u1", "A. Smith", None, SECRET)
    assert SECRET not in str(caught.value)
    assert (ledger.entries(), raw(url, "select count(*) from kei_reviews")) == ((), [(0,)])


CHANGES = {
    "sqlite": ("insert or replace into kei_reviews select * from kei_reviews",),
    "postgresql": ("truncate kei_reviews",),
}


def test_the_database_refuses_to_change_a_decision(reviews: Reviews, statement: Statement, url: str) -> None:
    signed = reviews.decide(statement, "disputed", "u1", "A. Smith", None, "wrong")
    both = "update kei_reviews set decision = 'verified'", "delete from kei_reviews"
    for change in (*both, *CHANGES[url.partition(":")[0]]):
        with pytest.raises((sqlite3.Error, psycopg.Error), match="kei_reviews is append-only"):
            raw(url, change)
    assert reviews.history(ID) == (signed,)


def test_no_log_has_a_note(reviews: Reviews, statement: Statement, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reviews.decide(statement, "disputed", "u1", "A. Smith", None, SECRET)
    assert SECRET not in caplog.text
