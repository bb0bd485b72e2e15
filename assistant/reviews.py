"""What the firm's attorneys decided of statements: rows that only grow, each with its row of the ledger.

A decision is bound to the hashes of our words and of the official paragraph; `assistant.standing` says what it is worth
later. Notes are for the firm alone and stay in `kei_reviews`, also after a purge of the ledger's contents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict
from typing import Any, get_args

import sqlalchemy as sa

from assistant.corrections import CorrectionError, correction
from assistant.database import TABLES, Database, Utc, storable
from assistant.ledger import Ledger
from assistant.standing import Decision, OfficialWords, SignOff
from corpus.law import Statement

MAX_NOTE = 2_000
MAX_NAME = 80
# More ids than this in one query are slower than reading all.
_MOST_IDS = 500


class ReviewError(ValueError):
    """A decision that cannot be taken; the message says why and what to do."""


class DecidedMeanwhile(RuntimeError):  # noqa: N818 - says what is the matter, as ThreadUnknown does
    """Somebody else decided on the statement since the reviewer looked; nothing was stored."""

    def __init__(self) -> None:
        super().__init__("somebody decided on this statement while you looked at it; look at that decision first")


_REVIEWS = sa.Table(
    "kei_reviews",
    TABLES,
    sa.Column("n", sa.Integer, sa.ForeignKey("kei_ledger.n"), primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("statement", "decision", "text_hash")),
    *(sa.Column(name, sa.Text) for name in ("official_hash", "official_source", "official_known")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("reviewer", "name")),
    sa.Column("at", Utc, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("proposed", sa.Text),
    sa.Column("reviewed_text", sa.Text, nullable=False),
    sa.Column("reviewed_official", sa.Text),
    sa.Index("kei_reviews_of_statement", "statement", "n"),
)


class Reviews:
    """The reviews of one database, for several threads and processes at once; every verb may raise StoreUnusable."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger

    def decide(
        self,
        statement: Statement,
        decision: Decision,
        reviewer: str,
        name: str,
        official: OfficialWords | None,
        note: str = "",
        proposed: str | None = None,
        *,
        seen: int | None = None,
    ) -> SignOff:
        """Store a decision and its row of the ledger, both or none; when this returns, they are on the disk.

        `name` is what a client is shown, `official` the words beside which it was decided. With `seen`, the `n` of the
        last decision that the reviewer saw (0 for none), one that somebody else took since raises DecidedMeanwhile.
        Raises ReviewError for a dispute without a note and for a correction that is none.
        """
        name, note = " ".join(storable(name).split()), storable(note).strip()
        proposed = _fitting(statement, decision, name, note, proposed, official)
        row: dict[str, Any] = {
            "statement": statement.id,
            "decision": decision,
            "text_hash": statement.hash,
            "official_hash": official and official.hash,
            "official_source": official and official.source,
            "official_known": official and official.known,
            "reviewer": reviewer,
            "name": name,
            "note": note,
            "proposed": proposed,
            "reviewed_text": statement.text,
            "reviewed_official": official and official.text,
        }
        facts = {key: row[key] for key in ("decision", "text_hash", "official_hash")}
        facts["proposed_hash"] = proposed and hashlib.sha256(proposed.encode()).hexdigest()
        with self._database.transaction() as db:
            # First, although it holds up other writers: its number makes the order of decisions that of the ledger,
            # and no other decision can come between the question what was decided meanwhile and this one.
            entry = self._ledger.append("review", reviewer, statement.id, facts, note or None, within=db)
            last = sa.select(sa.func.max(_REVIEWS.c.n)).where(_REVIEWS.c.statement == statement.id)
            if seen is not None and (db.execute(last).scalar() or 0) > seen:
                raise DecidedMeanwhile
            signed = SignOff(n=entry.n, at=entry.at, **row)
            db.execute(sa.insert(_REVIEWS).values(asdict(signed)))
        return signed

    def latest(self, ids: Collection[str]) -> dict[str, SignOff]:
        """The decision that counts for each of these statements that was ever reviewed, in one query."""
        if len(ids) > _MOST_IDS:
            return {id: one for id, one in self.all_latest().items() if id in set(ids)}
        return self._latest(_REVIEWS.c.statement.in_(list(ids))) if ids else {}

    def all_latest(self) -> dict[str, SignOff]:
        """The decision that counts for every statement that was ever reviewed."""
        return self._latest(sa.true())

    def history(self, id: str) -> tuple[SignOff, ...]:
        """Every decision on a statement, the first one first."""
        wanted = sa.select(_REVIEWS).where(_REVIEWS.c.statement == storable(id)).order_by(_REVIEWS.c.n)
        with self._database.transaction() as db:
            return tuple(SignOff(**row) for row in db.execute(wanted).mappings())

    def _latest(self, which: sa.ColumnElement[bool]) -> dict[str, SignOff]:
        last = sa.select(sa.func.max(_REVIEWS.c.n)).where(which).group_by(_REVIEWS.c.statement)
        with self._database.transaction() as db:
            rows = db.execute(sa.select(_REVIEWS).where(_REVIEWS.c.n.in_(last))).mappings()
            return {row["statement"]: SignOff(**row) for row in rows}


def _fitting(
    statement: Statement, decision: Decision, name: str, note: str, proposed: str | None, official: OfficialWords | None
) -> str | None:
    """The new words of a correction, None for another decision; raises ReviewError for what cannot be decided so."""
    if decision not in get_args(Decision):
        raise ReviewError(f"{decision!r} is no decision; name one of {', '.join(get_args(Decision))}")
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise ReviewError(f"the name that clients are shown has 1 to {MAX_NAME} printable characters")
    if len(note) > MAX_NOTE:
        raise ReviewError(f"a note has at most {MAX_NOTE:,} characters; this one has {len(note):,}")
    if decision == "disputed" and not note:
        raise ReviewError("a dispute needs a note: write what is wrong, for whoever looks at it next")
    if decision != "corrected":
        if proposed is not None:
            raise ReviewError("only a correction proposes new words; decide “corrected”, or leave them out")
        return None
    try:
        return correction(statement, proposed or "", official)
    except CorrectionError as error:
        raise ReviewError(str(error)) from None
