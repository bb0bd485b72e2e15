"""The ledger: who did what and when, in a table that only grows and whose rows vouch for each other by hash.

A row holds ids, fingerprints and hashes for good. The words of a question or an answer lie beside it, salted, and can
be purged: the chain holds only their hash, so it stays whole.

What cannot be found: somebody who may write the database, drops its triggers, and writes all rows from some row on and
the head anew with right hashes. Only a head that was noted elsewhere (`Ledger.head`, `verify(head=…)`) shows that, for
the rows up to it. Nor does the ledger know whether what it was told is true.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from assistant.database import Database, StoreUnusable, storable
from assistant.ledger_chain import CONTENT, HEAD, LEDGER, Finding, Head, canonical, check, hash_of_content, hash_of_row
from assistant.settings import Settings

__all__ = ["Action", "Entry", "Finding", "Head", "Ledger"]

Action = Literal[
    "question", "answer", "review", "feedback", "export", "sign_in", "sign_in_failed", "sign_out", "admin_view",
    "user_added", "user_changed", "thread_deleted", "purge",
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One row; `at` is in UTC, to the microsecond. `content_hash` is None where nothing personal was said."""

    n: int
    at: dt.datetime
    actor: str
    action: str
    subject: str
    facts: Mapping[str, Any]
    content_hash: str | None
    previous: str
    hash: str


class Ledger:
    """The ledger of one database, for several threads and processes at once; every verb may raise StoreUnusable.

    Rows stand in the order in which they were accepted, by `n`. A clock that is set back changes no order and is no
    finding, for `at` is vouched for like all else; `turned_back` names the rows after which to look at the clock.
    """

    def __init__(self, database: Database, *, now: Callable[[], dt.datetime] | None = None) -> None:
        self._database, self._now = database, now or (lambda: dt.datetime.now(dt.UTC))

    @classmethod
    def open(cls, settings: Settings) -> Ledger:
        """The ledger in the database that the settings name."""
        return cls(Database.open(settings))

    def append(
        self,
        action: Action,
        actor: str,
        subject: str,
        facts: Mapping[str, Any],
        content: str | None = None,
        *,
        within: sa.Connection | None = None,
    ) -> Entry:
        """Add a row; when this returns, it is on the disk, unless it was put `within` the caller's transaction.

        `actor` is "local" or the id of a user, `subject` the id of what it is about. `facts` is JSON that stays for
        good: never words of a question or an answer; those are the `content`. Within a transaction append last: the
        row holds up every other writer of the ledger until the end. Raises ValueError for what no row may hold.
        """
        if action not in get_args(Action) or action == "purge":
            raise ValueError(f"{action!r} cannot be appended; name one of Action, or call purge")
        with nullcontext(within) if within is not None else self._database.transaction() as db:
            return self._write(db, _held(db), action, actor, subject, facts, content)

    def purge(self, whose: str, *, by: str, within: sa.Connection | None = None) -> Entry:
        """Delete the contents of all rows of an actor, or about a thread and its turns (`thread/2`), and add the row
        that says so. Within a caller's transaction, as with `append`; then scrubbing is the caller's too.

        In SQLite the bytes are overwritten (see Database.scrub); PostgreSQL does so when it vacuums. The rows stay with
        the actor's id, which should say nothing about the person.
        """
        with nullcontext(within) if within is not None else self._database.transaction() as db:
            last = _held(db)
            about = sa.or_(LEDGER.c.subject == whose, LEDGER.c.subject.startswith(f"{whose}/", autoescape=True))
            rows = sa.select(LEDGER.c.n).where(sa.or_(LEDGER.c.actor == whose, about))
            gone = db.execute(sa.delete(CONTENT).where(CONTENT.c.n.in_(rows))).rowcount
            entry = self._write(db, last, "purge", by, whose, {"contents": gone}, None)
        if within is None:
            self._database.scrub()
        return entry

    def head(self) -> Head:
        """The last row, to be noted where who can write the database cannot."""
        with self._database.transaction() as db:
            return _head(db.execute(sa.select(HEAD.c.n, HEAD.c.hash).where(HEAD.c.only == 1)))

    def entries(self, *, after: int = 0, subject: str | None = None, limit: int = 1000) -> tuple[Entry, ...]:
        """The rows after row `after`, at most `limit`; only those about `subject` where one is named. Not verified."""
        wanted = sa.select(LEDGER).where(LEDGER.c.n > after).order_by(LEDGER.c.n).limit(limit)
        with self._database.transaction() as db:
            rows = db.execute(wanted if subject is None else wanted.where(LEDGER.c.subject == subject))
            return tuple(map(_entry, rows.mappings()))

    def content(self, n: int) -> str | None:
        """The words that belong to row `n`; None where there never were any or they were purged."""
        with self._database.transaction() as db:
            return db.execute(sa.select(CONTENT.c.text).where(CONTENT.c.n == n)).scalar_one_or_none()

    def turned_back(self) -> tuple[int, ...]:
        """The rows that say an earlier time than the row before: the clock was set back, or two machines differ."""
        before = sa.func.lag(LEDGER.c.at).over(order_by=LEDGER.c.n).label("before")
        rows = sa.select(LEDGER.c.n, LEDGER.c.at, before).subquery()
        with self._database.transaction() as db:
            return tuple(db.execute(sa.select(rows.c.n).where(rows.c.at < rows.c.before).order_by(rows.c.n)).scalars())

    def verify(self, head: tuple[int, str] | None = None) -> Finding | None:
        """The first row that cannot be trusted, as of this moment; None when every row, content and the head agree.

        Found are rows edited, deleted, moved or put in, a tail cut off (by the head), and contents edited, deleted
        without a purge, or brought back after one. `head` is one noted earlier: it shows rows up to it that were
        written anew. Not found is what the module's first lines say.
        """
        with self._database.snapshot() as db:
            return check(db, None if head is None else Head(*head))

    def close(self) -> None:
        """Give back the database's connections."""
        self._database.close()

    def _write(
        self,
        db: sa.Connection,
        last: Head,
        action: Action,
        actor: str,
        subject: str,
        facts: Mapping[str, Any],
        content: str | None,
    ) -> Entry:
        """The row after `last`, its content, and the head that names it."""
        if not actor.strip() or not subject.strip() or storable(actor + subject) != actor + subject:
            raise ValueError("actor and subject of a row must be named, in plain text")
        salt, text = secrets.token_hex(32), None if content is None else storable(content)
        row: dict[str, Any] = {
            "n": last.n + 1,
            "at": self._now().astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "action": action,
            "subject": subject,
            "facts": canonical(dict(facts)),
            "content_hash": None if text is None else hash_of_content(salt, text),
            "previous": last.hash,
        }
        row["hash"] = hash_of_row(row)
        try:
            db.execute(sa.insert(LEDGER).values(row))
        except IntegrityError:
            told = f"row {row['n']} of the ledger is there already, and the ledger did not write it"
            raise StoreUnusable(f"{told}; run: kei ledger verify") from None
        if text is not None:
            db.execute(sa.insert(CONTENT).values(n=row["n"], salt=salt, text=text))
        db.execute(sa.update(HEAD).where(HEAD.c.only == 1).values(n=row["n"], hash=row["hash"]))
        return _entry(row)


def _held(db: sa.Connection) -> Head:
    """The last row, held to the end of the transaction by a change to the same, so that no other gets the next number.

    Nothing is changed yet: a caller who goes on after an error of `append` leaves the head right.
    """
    same = sa.update(HEAD).where(HEAD.c.only == 1).values(n=HEAD.c.n)
    return _head(db.execute(same.returning(HEAD.c.n, HEAD.c.hash)))


def _head(found: sa.CursorResult[Any]) -> Head:
    row = found.one_or_none()
    if row is None or not isinstance(row.n, int):
        raise StoreUnusable("the head of the ledger is gone; run: kei ledger verify")
    return Head(row.n, row.hash)


def _entry(row: Mapping[Any, Any]) -> Entry:
    """The row as it stands; one that somebody edited may not be readable at all."""
    try:
        return Entry(**{**row, "at": dt.datetime.fromisoformat(row["at"]), "facts": json.loads(row["facts"])})
    except (TypeError, ValueError):
        raise StoreUnusable(f"row {row['n']} of the ledger cannot be read; run: kei ledger verify") from None
