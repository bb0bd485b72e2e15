"""What clients say of an answer: helpful, or what is wrong with it, until an attorney has settled it.

A row goes with its conversation; the ledger keeps that it was given, and of what kind.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from assistant.database import TABLES, Database, Utc, storable
from assistant.ledger import Ledger
from assistant.threads import ThreadUnknown
from assistant.uses import USES

Kind = Literal["helpful", "wrong_source", "out_of_date", "wrong_state", "other"]
MAX_NOTE = 1_000


class FeedbackUnknown(LookupError):  # noqa: N818 - says what is the matter, as ThreadUnknown does
    """No such feedback."""

    def __init__(self) -> None:
        super().__init__("there is no such feedback; its conversation may have been deleted")


@dataclass(frozen=True)
class Given:
    """One piece of feedback on one turn, by the owner of its conversation; times are in UTC."""

    n: int
    thread: str
    turn: int
    owner: str
    kind: Kind
    note: str
    at: dt.datetime
    settled_at: dt.datetime | None
    settled_by: str | None


_FEEDBACK = sa.Table(
    "kei_feedback",
    TABLES,
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "kind", "note")),
    sa.Column("at", Utc, nullable=False),
    sa.Column("settled_at", Utc),
    sa.Column("settled_by", sa.Text),
    sa.ForeignKeyConstraint(["thread", "turn"], ["kei_turns.thread", "kei_turns.n"], ondelete="CASCADE"),
    sa.Index("kei_feedback_of_turn", "thread", "turn"),
)
# Praise waits for nobody.
_WAITS = sa.and_(_FEEDBACK.c.settled_at.is_(None), _FEEDBACK.c.kind != "helpful")


class Feedback:
    """The feedback of one database, for several threads and processes at once; every verb may raise StoreUnusable."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger

    def give(self, thread: str, turn: int, owner: str, kind: Kind, note: str = "") -> Given:
        """Store it. Raises ThreadUnknown when the owner has no such turn, ValueError for a kind or note unfit."""
        note = storable(note).strip()
        if kind not in get_args(Kind):
            raise ValueError(f"{kind!r} is no kind of feedback; name one of {', '.join(get_args(Kind))}")
        if len(note) > MAX_NOTE:
            raise ValueError(f"a note has at most {MAX_NOTE:,} characters; this one has {len(note):,}")
        if storable(thread + owner) != thread + owner:
            raise ThreadUnknown
        at = dt.datetime.now(dt.UTC)
        threads, turns = TABLES.tables["kei_threads"], TABLES.tables["kei_turns"]
        mine = (threads.c.id == thread, threads.c.owner == owner, turns.c.n == turn)
        given = (turns.c.thread, turns.c.n, threads.c.owner, *map(sa.literal, (kind, note)), sa.literal(at, Utc))
        held = sa.select(*given).select_from(threads.join(turns)).where(*mine)
        names = ("thread", "turn", "owner", "kind", "note", "at")
        with self._database.transaction() as db:
            stored = db.execute(sa.insert(_FEEDBACK).from_select(names, held).returning(_FEEDBACK)).mappings()
            row = stored.one_or_none()
            if row is None:
                raise ThreadUnknown
            facts = {"feedback": row["n"], "kind": kind}
            self._ledger.append("feedback", owner, f"{thread}/{turn}", facts, note or None, within=db)
        return Given(**row)

    def open(self) -> tuple[Given, ...]:
        """All that says something is wrong and is not settled, the oldest first."""
        with self._database.transaction() as db:
            rows = db.execute(sa.select(_FEEDBACK).where(_WAITS).order_by(_FEEDBACK.c.n)).mappings()
            return tuple(Given(**row) for row in rows)

    def settle(self, n: int, by: str) -> None:
        """An attorney has seen to it; what is settled already stays as it is. Raises FeedbackUnknown."""
        settled = sa.update(_FEEDBACK).where(_FEEDBACK.c.n == n, _FEEDBACK.c.settled_at.is_(None))
        settled = settled.values(settled_at=dt.datetime.now(dt.UTC), settled_by=by)
        with self._database.transaction() as db:
            row = db.execute(settled.returning(_FEEDBACK.c.thread, _FEEDBACK.c.turn)).one_or_none()
            if row:
                self._ledger.append("feedback", by, f"{row.thread}/{row.turn}", {"settled": n}, within=db)
            elif not db.execute(sa.select(_FEEDBACK.c.n).where(_FEEDBACK.c.n == n)).first():
                raise FeedbackUnknown

    def counts(self) -> dict[str, int]:
        """How many answers that cite a statement have open feedback that something is wrong; none is left out."""
        at = sa.and_(USES.c.thread == _FEEDBACK.c.thread, USES.c.turn == _FEEDBACK.c.turn)
        complained = sa.select(USES).join(_FEEDBACK, at).where(_WAITS).distinct().subquery()
        counted = sa.select(complained.c.statement, sa.func.count().label("answers"))
        wanted = counted.group_by(complained.c.statement)
        with self._database.transaction() as db:
            return {row.statement: row.answers for row in db.execute(wanted)}
