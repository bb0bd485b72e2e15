"""Feedback and uses, on SQLite and on PostgreSQL: of the owner's own turns, counted by statement, gone with them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from assistant.contract import Answer, Cited, Slots
from assistant.database import Database, StoreUnusable
from assistant.feedback import Feedback, FeedbackUnknown, Kind
from assistant.ledger import Ledger
from assistant.threads import ThreadStore, ThreadUnknown
from assistant.uses import Use, Uses, record
from tests import postgres
from tests.postgres import raw

server, url = postgres.server, postgres.url
SECRET = "zanzibar-note"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as held:
        yield held


@pytest.fixture
def feedback(database: Database) -> Feedback:
    return Feedback(database, Ledger(database))


def answer(*cited: tuple[str, ...]) -> Answer:
    """An answer whose sources rest on these statements."""
    sources = tuple(
        Cited(n=n, citation="c", coordinate="c", place="US", authority="statute", title="t", statement="s",
              statements=ids, url="u", checked=None, effective_from=None, confidence="high")
        for n, ids in enumerate(cited, 1)
    )  # fmt: skip
    day = dt.date(2026, 11, 24)
    return Answer(
        question="q", outcome="answered", answer="a", as_of=day, places=(), citations=sources, fingerprint="f"
    )


def asked(database: Database, owner: str, *answers: Answer) -> str:
    """A stored conversation with these answers; its id."""
    store = ThreadStore(database)
    thread = store.begin(owner, "t")
    for one in answers:
        store.add(thread, owner, "q", one, Slots())
    return thread


def test_uses_are_counted_and_go_with_their_conversation(database: Database, url: str) -> None:
    uses = Uses(database)
    first = asked(database, "ann", answer(("a", "b"), ("a",)), answer(("b",)), answer())
    second = asked(database, "bob", answer(("b",)))
    assert uses.counts() == {"a": 1, "b": 3}
    assert uses.of("a") == (Use(first, 1),)
    assert sorted(uses.of("b"), key=str) == sorted((Use(first, 1), Use(first, 2), Use(second, 1)), key=str)
    assert uses.of("c\0") == ()
    ThreadStore(database).delete(first, "ann")
    assert (uses.counts(), uses.of("a")) == ({"b": 1}, ())
    assert raw(url, "select count(*) from kei_uses") == [(1,)]


def test_a_use_that_cannot_be_stored_leaves_its_turn_out_too(database: Database) -> None:
    with pytest.raises(StoreUnusable), database.transaction() as db:
        record(db, "no such conversation", 1, answer(("a",)))
    assert Uses(database).counts() == {}


def test_feedback_is_read_as_it_was_given(feedback: Feedback, database: Database) -> None:
    before, thread = dt.datetime.now(dt.UTC), asked(database, "ann", answer(), answer())
    given = [feedback.give(thread, 2, "ann", kind, f" {kind} \0 ") for kind in get_args(Kind)]
    assert [one.kind for one in feedback.open()] == ["wrong_source", "out_of_date", "wrong_state", "other"]
    assert list(feedback.open()) == given[1:]
    first = given[1]
    assert (first.thread, first.turn, first.owner, first.note) == (
        thread,
        2,
        "ann",
        "wrong_source \N{REPLACEMENT CHARACTER}",
    )
    assert before <= first.at <= dt.datetime.now(dt.UTC)
    assert (first.settled_at, first.settled_by) == (None, None)


def test_only_the_owner_of_a_turn_says_what_it_was_worth(feedback: Feedback, database: Database, url: str) -> None:
    thread = asked(database, "ann", answer())
    rows = Ledger(database).head()
    others = ((thread, 1, "bob"), (thread, 1, ""), (thread, 1, "ann\0"))
    for id, turn, owner in (*others, (thread, 2, "ann"), (thread, 0, "ann"), ("no", 1, "ann"), ("\ud800", 1, "ann")):
        with pytest.raises(ThreadUnknown):
            feedback.give(id, turn, owner, "other")
    assert (Ledger(database).head(), raw(url, "select count(*) from kei_feedback")) == (rows, [(0,)])


def test_what_is_no_feedback_is_refused(feedback: Feedback, database: Database) -> None:
    thread = asked(database, "ann", answer())
    with pytest.raises(ValueError, match="no kind of feedback; name one of helpful, wrong_source"):
        feedback.give(thread, 1, "ann", "rude")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at most 1,000 characters; this one has 1,001"):
        feedback.give(thread, 1, "ann", "other", "x" * 1001)
    assert feedback.give(thread, 1, "ann", "other", f" {'x' * 1000} ").note == "x" * 1000


def test_answers_complained_of_are_counted_by_statement(feedback: Feedback, database: Database) -> None:
    first = asked(database, "ann", answer(("a", "b")), answer(("a",)))
    second = asked(database, "bob", answer(("c",)))
    twice = [feedback.give(first, 1, "ann", kind) for kind in ("wrong_source", "other")]
    feedback.give(second, 1, "bob", "helpful")
    assert feedback.counts() == {"a": 1, "b": 1}
    later = feedback.give(first, 2, "ann", "out_of_date")
    assert feedback.counts() == {"a": 2, "b": 1}
    for one in twice:
        feedback.settle(one.n, "u1")
    assert (feedback.counts(), feedback.open()) == ({"a": 1}, (later,))


def test_what_is_settled_stays_as_the_first_settled_it(feedback: Feedback, database: Database, url: str) -> None:
    given = feedback.give(asked(database, "ann", answer()), 1, "ann", "other")
    feedback.settle(given.n, "u1")
    rows = Ledger(database).head()
    feedback.settle(given.n, "u2")
    assert (feedback.open(), Ledger(database).head()) == ((), rows)
    assert raw(url, "select settled_by from kei_feedback where settled_at is not null") == [("u1",)]
    with pytest.raises(FeedbackUnknown, match="no such feedback"):
        feedback.settle(given.n + 1, "u1")


def test_the_ledger_holds_each_step_and_the_note_apart(feedback: Feedback, database: Database) -> None:
    thread, ledger = asked(database, "ann", answer()), Ledger(database)
    last = ledger.head().n
    given = feedback.give(thread, 1, "ann", "other", SECRET)
    feedback.settle(given.n, "u1")
    entries = ledger.entries(after=last)
    assert [(e.action, e.actor, e.subject) for e in entries] == [
        ("feedback", who, f"{thread}/1") for who in ("ann", "u1")
    ]
    assert [dict(e.facts) for e in entries] == [{"feedback": given.n, "kind": "other"}, {"settled": given.n}]
    assert [ledger.content(e.n) for e in entries] == [SECRET, None]
    assert ledger.verify() is None


def test_deleting_a_conversation_takes_its_feedback_and_no_number_comes_back(
    feedback: Feedback, database: Database, url: str
) -> None:
    gone, kept = asked(database, "ann", answer(("a",))), asked(database, "ann", answer(("a",)))
    old = feedback.give(gone, 1, "ann", "other", SECRET * 50)
    ThreadStore(database).delete(gone, "ann")
    assert (feedback.open(), feedback.counts()) == ((), {})
    assert feedback.give(kept, 1, "ann", "other").n > old.n
    if url.startswith("sqlite"):
        files = list(Path(url.removeprefix("sqlite:///")).parent.iterdir())
        assert [file.name for file in files if SECRET.encode() in file.read_bytes()] == []


def test_two_attorneys_settle_and_clients_give_at_once(feedback: Feedback, database: Database) -> None:
    thread = asked(database, "ann", *[answer(("a",))] * 8)
    with ThreadPoolExecutor(8) as workers:
        given = list(workers.map(lambda turn: feedback.give(thread, turn, "ann", "other"), range(1, 9)))
        assert feedback.counts() == {"a": 8}
        list(workers.map(lambda one: feedback.settle(one.n, "u1"), given * 2))
    assert len({one.n for one in given}) == 8
    assert (feedback.open(), Ledger(database).verify()) == ((), None)
    assert [dict(e.facts) for e in Ledger(database).entries() if "settled" in e.facts] != []


def test_no_log_and_no_message_has_a_note(
    feedback: Feedback, database: Database, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    thread = asked(database, "ann", answer())
    feedback.give(thread, 1, "ann", "other", SECRET)
    raw(url, "alter table kei_feedback rename column note to remark")
    with pytest.raises(StoreUnusable) as caught:
        feedback.give(thread, 1, "ann", "other", SECRET)
    assert SECRET not in caplog.text + str(caught.value)
