"""Where a statement stands with the firm's attorneys: their latest decision, held against the words of today.

Pure: who asks brings the decision (`assistant.reviews`) and the official words (`assistant.standings`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.contract import Review
from corpus.law import Statement
from corpus.official.section import normalised

Decision = Literal["verified", "disputed", "corrected"]


@dataclass(frozen=True)
class OfficialWords:
    """The whole official paragraph at a pinpoint, behind the words it continues.

    `text` is "" where its section is on this machine and has no such paragraph in force. `source` is worded as
    `Cited.official_source`; `known` is short ("eCFR of 2026-11-18") and None where there is no text.
    """

    text: str
    source: str | None = None
    known: str | None = None

    @property
    def hash(self) -> str:
        """sha256 of the words, however dashes and spaces are printed."""
        return hashlib.sha256(normalised(self.text).encode()).hexdigest()


@dataclass(frozen=True)
class SignOff:
    """One decision of an attorney on one statement; `n` is its row of the ledger, `at` is in UTC.

    `text_hash` is `Statement.hash`: words, pinpoint, dates and standing; `official_hash` that of `OfficialWords`, None
    when none was on the machine. `reviewed_text` and `reviewed_official` are those words themselves, `proposed` the new
    words of a correction. `note` is for the firm alone.
    """

    n: int
    statement: str
    decision: Decision
    text_hash: str
    official_hash: str | None
    official_source: str | None
    official_known: str | None
    reviewer: str
    name: str
    at: dt.datetime
    note: str
    proposed: str | None
    reviewed_text: str
    reviewed_official: str | None


@dataclass(frozen=True)
class Standing:
    """The state of review, and in words for the client; None where nobody reviewed it."""

    review: Review
    told: str | None = None


UNREVIEWED = Standing("unreviewed")
# Of several statements behind one number, the first of these that one of them has is what the number has.
_WORST: tuple[Review, ...] = ("disputed", "stale", "unreviewed", "verified")


class States(Protocol):
    """What an assistant needs of `assistant.standings.Standings`."""

    def of(self, statements: Iterable[Statement], as_of: dt.date) -> Mapping[str, Standing]:
        """The standing of each statement by its id, for an answer that speaks for a day."""


def standing(statement: Statement | None, signed: SignOff | None, official: OfficialWords | None) -> Standing:
    """What a sign-off is worth today. `statement` is None when the book no longer has it, `official` when its section
    is not on this machine.

    Stale: our words or the official paragraph changed, or an official paragraph has come to the machine that the
    attorney did not have. One that is gone from the machine takes nothing back, but is said. A dispute stands until our
    words change, whatever the official text does; so does a correction, until the book has the new words: these are
    the attorney's own, and count as verified.
    """
    if signed is None:
        return UNREVIEWED
    day = signed.at.date()
    if statement is None:
        return Standing("stale", f"Stale: this statement was taken out of the book after its review on {day}")
    signs = signed.decision == "verified" or adopted(statement, signed)
    changed = [] if signs and signed.decision == "corrected" else _ours(statement, signed)
    if not signs:
        if changed:
            return Standing("stale", f"Stale: {changed[0]} changed since an attorney disputed it on {day}")
        doing = "under review" if signed.decision == "disputed" else "being corrected"
        return Standing("disputed", f"Disputed on {day}: {doing} by the firm's attorneys")
    if official and signed.official_hash not in (None, official.hash):
        changed.append("the official paragraph")
    why = [f"{' and '.join(changed)} changed"] if changed else []
    if official and signed.official_hash is None:
        why.append("the official text has come to this machine")
    if why:
        return Standing("stale", f"Stale: {' and '.join(why)} since {signed.name} verified it on {day}")
    told = f"Verified by {signed.name} on {day}"
    if signed.official_known:
        gone = "" if official else " (which is not on this machine now)"
        told += f", against {signed.official_known}{gone}"
    return Standing("verified", told)


def adopted(statement: Statement, signed: SignOff) -> bool:
    """Whether the book has the words of a correction now, and nothing else of the statement changed."""
    before = statement.model_copy(update={"text": signed.reviewed_text})
    return statement.text == signed.proposed and before.hash == signed.text_hash


def together(held: Iterable[Standing]) -> Standing:
    """The standing of one source of several statements: verified only when all are; the words of those that decide."""
    standings = tuple(held)
    worst = next((r for r in _WORST if any(one.review == r for one in standings)), UNREVIEWED.review)
    told = "; ".join(dict.fromkeys(one.told for one in standings if one.review == worst and one.told))
    return Standing(worst, told or None)


def _ours(statement: Statement, signed: SignOff) -> list[str]:
    if statement.hash == signed.text_hash:
        return []
    return ["our words" if statement.text != signed.reviewed_text else "the pinpoint, dates or status that we give"]
