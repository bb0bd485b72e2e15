"""How place, authority, confidence, currency and review are named wherever a source is shown: page, desks, memo."""

from __future__ import annotations

import datetime as dt

from assistant.contract import Cited, Review
from assistant.vocabulary import place_names

AUTHORITY = {
    "constitution": "Constitution",
    "statute": "Statute",
    "tariff": "Tariff schedule",
    "regulation": "Regulation",
    "case": "Court case",
    "interpretation": "Agency interpretation",
    "guidance": "Agency guidance",
    "form": "Agency form",
    "policy": "Agency policy",
    "bill": "Bill, not law",
    "alert": "Law-firm alert, not law",
    "overview": "Overview page, not law",
}
CONFIDENCE = {
    "high": "text read",
    "medium": "partly read",
    "low": "weakly supported",
    "unconfirmed": "not confirmed",
}
STATUS = {
    "in_force": "In force",
    "pending": "Pending, not law",
    "proposed": "Proposed, not law",
    "not_enacted": "Not enacted",
    "vetoed": "Vetoed",
    "repealed": "Repealed",
    "superseded": "Superseded",
}
REVIEW: dict[Review, str] = {
    "unreviewed": "Not reviewed",
    "verified": "Verified",
    "disputed": "Disputed",
    "stale": "Review is stale",
}
# Sources that are no rule: of these nothing is in force.
_NO_RULE = frozenset({"bill", "alert", "overview"})


def place_name(code: str) -> str:
    """ "Texas" for "US-TX", "Federal" for "US"; a code that nobody knows as it stands."""
    if code == "US":
        return "Federal"
    names = place_names().get(code.removeprefix("US-"))
    return names["names"][0] if names else code


def currency(one: Cited, as_of: dt.date) -> str:
    """Where a source stands on the day of its answer, as far as it is known; "" where it is no rule."""
    start, end = one.effective_from, one.effective_until
    if one.status not in (None, "in_force"):
        return STATUS.get(one.status, one.status)
    if one.authority in _NO_RULE:
        return ""
    if start and as_of < start:
        return f"Not in force before {start}"
    if end and as_of >= end:
        return f"Ended on {end}"
    if end:
        return f"In force until {end}"
    return f"In force from {start}" if start else "Start date unknown"


def reviewed(one: Cited) -> str:
    """The state of review in a few words, who signed and when included; what it was held against is left out."""
    return (one.reviewed or REVIEW[one.review]).partition(", against ")[0]
