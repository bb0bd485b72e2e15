"""Stored conversations: one table of threads and one of their turns.

A thread belongs to one owner, and every query asks for the owner too. A turn holds its answer and slots as the JSON of
their models. Messages and logs never hold what was asked, nor a password.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ValidationError

from assistant.contract import Answer, Slots
from assistant.database import TABLES, Database, Utc, storable
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.uses import record

MAX_TITLE = 120
# The whole of what is shown for a stored answer that fits the model no longer: part of it could lack its sources.
OUTDATED = "This answer was stored by another version of Kei Assistant and cannot be shown. Ask the question again."
_Model = TypeVar("_Model", bound=BaseModel)


class ThreadUnknown(LookupError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """No such thread, or another owner's; the message is the same."""

    def __init__(self) -> None:
        super().__init__("there is no such conversation; it may have been deleted")


@dataclass(frozen=True)
class Turn:
    """A question, asked at a time in UTC, and its answer; `n` counts from 1. One that cannot be read says OUTDATED."""

    n: int
    question: str
    answer: Answer
    slots: Slots
    asked: dt.datetime


@dataclass(frozen=True)
class Heading:
    """A thread in a list. `changed` is when it was begun or last added to, in UTC; a new title does not change it."""

    id: str
    title: str
    changed: dt.datetime
    turns: int


@dataclass(frozen=True)
class Thread:
    """A whole conversation, its turns in order."""

    id: str
    title: str
    changed: dt.datetime
    turns: tuple[Turn, ...]


_THREADS = sa.Table(
    "kei_threads",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "title")),
    sa.Column("changed", Utc, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Index("kei_threads_of_owner", "owner", "changed"),
)
_TURNS = sa.Table(
    "kei_turns",
    TABLES,
    sa.Column("thread", sa.Text, sa.ForeignKey("kei_threads.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("question", "answer", "slots")),
    sa.Column("asked", Utc, nullable=False),
)


class ThreadStore:
    """The conversations of every owner, for several threads and processes at once.

    Every verb may raise StoreUnusable, and ValueError for an owner without a name; one with an id, ThreadUnknown.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._ledger = database, Ledger(database)

    @classmethod
    def open(cls, settings: Settings) -> ThreadStore:
        """The store in the database that the settings name."""
        return cls(Database.open(settings))

    def begin(self, owner: str, title: str) -> str:
        """A new thread's id. A title that is too long is cut at a word; an empty one raises ValueError."""
        id = secrets.token_urlsafe(12)
        row = {"id": id, "owner": _owner(owner), "title": _titled(title, cut=True), "turns": 0}
        with self._database.transaction() as db:
            db.execute(sa.insert(_THREADS).values(changed=dt.datetime.now(dt.UTC), **row))
        return id

    def add(self, id: str, owner: str, question: str, answer: Answer, slots: Slots) -> Turn:
        """Store the next turn and its two rows of the ledger; when this returns, all of it is on the disk."""
        mine = _mine(id, owner)
        with self._database.transaction() as db:
            # Counting first holds the thread until the end, so that no other writer gets the same number.
            counted = sa.update(_THREADS).where(mine).values(turns=_THREADS.c.turns + 1).returning(_THREADS.c.turns)
            n = db.execute(counted).scalar_one_or_none()
            if n is None:
                raise ThreadUnknown
            turn = Turn(n, storable(question), answer, slots, dt.datetime.now(dt.UTC))
            row = {"question": turn.question, "answer": answer.model_dump_json(), "slots": slots.model_dump_json()}
            db.execute(sa.insert(_TURNS).values(thread=id, n=n, asked=turn.asked, **row))
            db.execute(sa.update(_THREADS).where(mine).values(changed=turn.asked))
            record(db, id, n, answer)
            self._ledger.append("question", owner, f"{id}/{n}", {}, turn.question, within=db)
            self._ledger.append("answer", owner, f"{id}/{n}", facts_of(answer), answer.answer, within=db)
        return turn

    def amend(self, id: str, owner: str, slots: Slots) -> None:
        """Other slots for the last turn: the client took something out of what the conversation keeps in mind."""
        last = sa.select(sa.func.max(_TURNS.c.n)).where(_TURNS.c.thread == id).scalar_subquery()
        mine = sa.exists().where(_mine(id, owner))
        told = sa.update(_TURNS).where(_TURNS.c.thread == id, _TURNS.c.n == last, mine)
        self._change(told.values(slots=slots.model_dump_json()))

    def read(self, id: str, owner: str) -> Thread:
        """The thread with all its turns, as they were at one moment."""
        shown = sa.select(_THREADS.c.title, _THREADS.c.changed, _TURNS).select_from(_THREADS.outerjoin(_TURNS))
        wanted = shown.where(_mine(id, owner)).order_by(_TURNS.c.n)
        with self._database.transaction() as db:
            rows = db.execute(wanted).all()
        if not rows:
            raise ThreadUnknown
        return Thread(id, rows[0].title, rows[0].changed, tuple(_turn(row) for row in rows if row.n is not None))

    def for_review(self, id: str, n: int) -> Turn:
        """One turn, whoever owns its thread: for the review desk only, which writes down who looked."""
        wanted = sa.select(_TURNS).where(_TURNS.c.thread == storable(id), _TURNS.c.n == n)
        with self._database.transaction() as db:
            row = db.execute(wanted).one_or_none()
        if row is None:
            raise ThreadUnknown
        return _turn(row)

    def headings(self, owner: str) -> tuple[Heading, ...]:
        """The owner's threads, the last changed first."""
        shown = sa.select(_THREADS.c.id, _THREADS.c.title, _THREADS.c.changed, _THREADS.c.turns)
        wanted = shown.where(_THREADS.c.owner == _owner(owner)).order_by(_THREADS.c.changed.desc(), _THREADS.c.id)
        with self._database.transaction() as db:
            return tuple(Heading(*row) for row in db.execute(wanted))

    def rename(self, id: str, owner: str, title: str) -> None:
        """Give a thread another title, one line of 1 to 120 characters; anything else raises ValueError."""
        self._change(sa.update(_THREADS).where(_mine(id, owner)).values(title=_titled(title)))

    def delete(self, id: str, owner: str) -> None:
        """Remove a thread and its turns, and their words from the ledger; in SQLite their bytes are overwritten too
        (see Database.scrub)."""
        with self._database.transaction() as db:
            if not db.execute(sa.delete(_THREADS).where(_mine(id, owner))).rowcount:
                raise ThreadUnknown
            self._ledger.append("thread_deleted", owner, id, {}, within=db)
            self._ledger.purge(id, by=owner, within=db)
        self._database.scrub()

    def close(self) -> None:
        """Give back the database's connections."""
        self._database.close()

    def _change(self, statement: sa.Update | sa.Delete) -> None:
        with self._database.transaction() as db:
            if not db.execute(statement).rowcount:
                raise ThreadUnknown


def facts_of(answer: Answer) -> dict[str, Any]:
    """What the ledger says of an answer for good: no word of it."""
    return {
        "outcome": answer.outcome,
        "as_of": answer.as_of.isoformat(),
        "places": list(answer.places),
        "citations": [cited.coordinate for cited in answer.citations],
        "fingerprint": answer.fingerprint,
    }


def _mine(id: str, owner: str) -> sa.ColumnElement[bool]:
    if id != storable(id):
        raise ThreadUnknown
    return sa.and_(_THREADS.c.id == id, _THREADS.c.owner == _owner(owner))


def _owner(owner: str) -> str:
    """The owner, who must be named: nobody's threads would be everybody's."""
    if not owner.strip() or owner != storable(owner):
        raise ValueError("the owner of a conversation must be named, in plain text")
    return owner


def _titled(title: str, *, cut: bool = False) -> str:
    line = " ".join(storable(title).split())
    if cut and len(line) > MAX_TITLE:
        line = (line[:MAX_TITLE].rpartition(" ")[0] or line[: MAX_TITLE - 1]) + "…"
    if not 0 < len(line) <= MAX_TITLE:
        raise ValueError(f"a title has 1 to {MAX_TITLE} characters; this one has {len(line)}")
    return line


def _turn(row: Any) -> Turn:
    asked = {"question": row.question, "as_of": row.asked.date(), "places": (), "fingerprint": ""}
    lost = Answer(outcome="declined", answer=OUTDATED, **asked)
    return Turn(row.n, row.question, _fitting(row.answer, lost), _fitting(row.slots, Slots()), row.asked)


def _fitting(stored: str, otherwise: _Model) -> _Model:
    try:
        return type(otherwise).model_validate_json(stored)
    except ValidationError:
        return otherwise
