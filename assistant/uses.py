"""Which stored answers cite a statement: a row for each, which goes with its conversation."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from assistant.contract import Answer
from assistant.database import TABLES, Database, storable


@dataclass(frozen=True)
class Use:
    """A turn whose answer cites the statement."""

    thread: str
    turn: int


USES = sa.Table(
    "kei_uses",
    TABLES,
    sa.Column("statement", sa.Text, primary_key=True),
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.ForeignKeyConstraint(["thread", "turn"], ["kei_turns.thread", "kei_turns.n"], ondelete="CASCADE"),
    sa.Index("kei_uses_of_turn", "thread", "turn"),
)


def record(db: sa.Connection, thread: str, turn: int, answer: Answer) -> None:
    """Note what a stored answer cites, in the transaction that stores its turn."""
    cited = dict.fromkeys(id for one in answer.citations for id in one.statements)
    if cited:
        db.execute(sa.insert(USES), [{"statement": id, "thread": thread, "turn": turn} for id in cited])


class Uses:
    """The uses in one database. They name conversations of every owner: for attorneys only. May raise StoreUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, statement: str) -> tuple[Use, ...]:
        """The stored answers that cite a statement, by conversation."""
        wanted = sa.select(USES.c.thread, USES.c.turn).where(USES.c.statement == storable(statement))
        with self._database.transaction() as db:
            return tuple(Use(*row) for row in db.execute(wanted.order_by(USES.c.thread, USES.c.turn)))

    def counts(self) -> dict[str, int]:
        """In how many stored answers each statement is cited; those in none are left out."""
        wanted = sa.select(USES.c.statement, sa.func.count().label("answers")).group_by(USES.c.statement)
        with self._database.transaction() as db:
            return {row.statement: row.answers for row in db.execute(wanted)}
