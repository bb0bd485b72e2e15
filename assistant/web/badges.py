"""Badges of a source: each a sign and words, so that neither colour nor shape has to be known."""

from __future__ import annotations

import datetime as dt
from html import escape

from assistant.contract import Cited
from assistant.labels import AUTHORITY, currency, place_name, reviewed

# Sources that do not bind have a dashed edge.
_LOOSE = frozenset({"bill", "alert", "overview"})
_DOUBT = {"low": "Weakly supported", "unconfirmed": "Not confirmed"}
_REVIEW = {"verified": "&#10003;", "disputed": "&#10007;", "stale": "&#8635;", "unreviewed": ""}
# By how the words of `labels.currency` begin; everything else is over, or never was law.
_CURRENCY = {"In force": ("&#9679;", ""), "Start date": ("?", "dashed"), "Not in": ("&#9675;", "dashed")}
_CURRENCY |= {"Pending": ("&#9675;", "dashed"), "Proposed": ("&#9675;", "dashed")}
_OVER = ("&#9632;", "over")


def badges(one: Cited, as_of: dt.date | None) -> str:
    """Authority, place, currency on the day (where one is given), doubt, and the attorneys' review, as a paragraph."""
    told = [*rank(one.authority, one.place), *doubt(one.confidence)]
    if as_of and (stands := currency(one, as_of)):
        sign, kind = next((held for begin, held in _CURRENCY.items() if stands.startswith(begin)), _OVER)
        told.insert(2, _badge(stands, sign, kind))
    told.append(_badge(reviewed(one), _REVIEW[one.review], one.review))
    return row(told)


def rank(authority: str, place: str) -> list[str]:
    """What kind of source it is, and of which place."""
    kind = "dashed" if authority in _LOOSE else "kind"
    return [_badge(AUTHORITY.get(authority, authority), "", kind), _badge(place_name(place), "", "place")]


def doubt(confidence: str) -> list[str]:
    """A warning where the source was not confirmed."""
    return [_badge(_DOUBT[confidence], "&#9888;", "dashed doubted")] if confidence in _DOUBT else []


def row(told: list[str]) -> str:
    """Badges in a line."""
    return f'<p class="badges">{" ".join(told)}</p>'


def _badge(words: str, sign: str, kind: str) -> str:
    shown = f'<span aria-hidden="true">{sign}</span> ' if sign else ""
    return f'<span class="badge {kind}">{shown}{escape(words)}</span>'
