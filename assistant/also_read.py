"""What the search found for a question and its answer does not rest on, for who wants to look further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.contract import AlsoRead, Cited
from assistant.labels import STATUS
from assistant.memo import BEARS
from assistant.retrieve import Hit
from corpus.law import Authority, Status

MOST = 8
_NO_LAW = {
    Authority.BILL: "A bill is not law.",
    Authority.ALERT: "A law firm's alert is not law.",
    Authority.OVERVIEW: "An overview page is not law.",
}


def also_read(hits: Iterable[Hit], cited: Iterable[Cited]) -> tuple[AlsoRead, ...]:
    """At most `MOST` sources that are not cited, the nearest first, each pinpoint once.

    What was only pointed to by another source was not found by the search, and is left out.
    """
    seen = {one.coordinate for one in cited}
    told: list[AlsoRead] = []
    for hit in hits:
        held = hit.statement
        if hit.found_by == "related" or held.coordinate in seen or len(told) == MOST:
            continue
        seen.add(held.coordinate)
        told.append(
            AlsoRead(
                citation=held.citation,
                coordinate=held.coordinate,
                place=held.place,
                authority=held.authority.value,
                title=held.title,
                statement=held.text,
                confidence=held.confidence.value,
                why=" ".join(_why(hit)) or "Near to the question; the answer does not rest on it.",
            )
        )
    return tuple(told)


def _why(hit: Hit) -> Iterator[str]:
    held = hit.statement
    if held.status is not Status.IN_FORCE:
        yield f"{STATUS[held.status]}: it decides nothing."
    elif held.authority in _NO_LAW:
        yield _NO_LAW[held.authority]
    if not held.confidence.decides:
        yield "It is not confirmed against the official text, and never decides alone."
    if hit.score < BEARS:
        yield "It bears less on the question than what was found first."
