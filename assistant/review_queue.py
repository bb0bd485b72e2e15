"""What an attorney should look at next: every statement of the book once, the riskiest first, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from assistant.contract import Review
from assistant.standing import UNREVIEWED, Standing
from corpus.law import Authority, Confidence, Statement


class Risk(IntEnum):
    """Why a row stands where it stands, the highest risk first."""

    DISPUTED = 0
    STALE = 1
    COMPLAINT = 2
    UNCONFIRMED = 3
    LOW = 4
    USED = 5
    UNREVIEWED = 6
    VERIFIED = 7


@dataclass(frozen=True)
class Row:
    """One statement of the queue. `uses` counts stored answers that cite it, `complaints` those of them with open
    feedback that something is wrong. `why` has a clause for each reason, the one that ranks it first."""

    statement: Statement
    standing: Standing
    risk: Risk
    uses: int
    complaints: int
    why: tuple[str, ...]


def review_queue(
    statements: Iterable[Statement],
    standings: Mapping[str, Standing],
    uses: Mapping[str, int],
    complaints: Mapping[str, int],
    *,
    place: str | None = None,
    authority: Authority | None = None,
    review: Review | None = None,
) -> tuple[Row, ...]:
    """The rows in the order of their risk; within one risk by complaints, then uses, then as they stand in the book.

    What is verified comes last, however doubtful its source was, unless a client complained of an answer with it.
    A mapping may lack statements; those are unreviewed, unused, without complaint.
    """
    rows = [
        _row(one, standings.get(one.id, UNREVIEWED), uses.get(one.id, 0), complaints.get(one.id, 0))
        for one in statements
        if place in (None, one.place) and authority in (None, one.authority)
    ]
    chosen = (row for row in rows if review in (None, row.standing.review))
    return tuple(sorted(chosen, key=lambda row: (row.risk, -row.complaints, -row.uses)))


def _row(statement: Statement, standing: Standing, uses: int, complaints: int) -> Row:
    reasons = tuple(_reasons(statement, standing, uses, complaints))
    return Row(statement, standing, reasons[0][0], uses, complaints, tuple(why for _, why in reasons))


def _reasons(statement: Statement, standing: Standing, uses: int, complaints: int) -> Iterator[tuple[Risk, str]]:
    """Each reason with its risk, the highest first."""
    told = standing.told or "not reviewed yet"
    if standing.review == "disputed":
        yield Risk.DISPUTED, told
    if standing.review == "stale":
        yield Risk.STALE, told
    if complaints:
        yield Risk.COMPLAINT, f"clients say that something is wrong with {_answers(complaints)} citing it"
    if standing.review == "verified":
        yield Risk.VERIFIED, told
        return
    if statement.confidence is Confidence.UNCONFIRMED:
        yield Risk.UNCONFIRMED, "not confirmed against any source"
    if statement.confidence is Confidence.LOW:
        yield Risk.LOW, "of low confidence"
    if uses:
        yield Risk.USED, f"cited by {_answers(uses)}"
    if standing.review == "unreviewed":
        yield Risk.UNREVIEWED, told


def _answers(count: int) -> str:
    return f"{count} stored answer{'' if count == 1 else 's'}"
