"""Whether an answer rests on what it cites: labels of citations, precision and recall against gold, coverage, rank.

Everything is compared with the book itself, word for word; nearness of wording accepts a dropped "not".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from assistant.contract import Answer, Cited
from corpus import citations
from corpus.law import Authority
from corpus.library import Library
from evals.reading import sentences

# F-beta of citations: a missing provision weighs more than a superfluous one (evals.md 5.3).
BETA = 2.5
_NORMATIVE = re.compile(
    r"\b(?:must|shall|may not|may only|prohibit\w*|required?|requires|exempt\w*|illegal|unlawful|not more than|"
    r"at least)\b",
    re.I,
)
# A sentence about the book, or a question back, states no law.
_NO_LAW = re.compile(r"\bbook\b|\?$|\bI (?:have|can|will|cannot)\b|not (?:found|confirmed|seen|read)|says of|“", re.I)


class Label(StrEnum):
    """What a citation turned out to be."""

    VERIFIED = "VERIFIED"
    NOT_FOUND = "NOT_FOUND"
    MISATTRIBUTED = "MISATTRIBUTED"
    UNRESOLVED = "UNRESOLVED"


def label(cited: Cited, library: Library) -> Label:
    """UNRESOLVED: the pinpoint is none, or is another than the citation names; NOT_FOUND: the book holds nothing
    there; MISATTRIBUTED: the words are not those of the book at that pinpoint, place or authority."""
    held = library.at(cited.coordinate)
    if not held and "/document/" not in cited.coordinate:
        try:
            citations.canonical(cited.coordinate)
        except citations.UnknownCitation:
            return Label.UNRESOLVED
    if not held:
        return Label.NOT_FOUND
    if cited.citation not in {s.citation for s in held}:
        return Label.UNRESOLVED
    rest, own = _plain(cited.statement), True
    for statement in sorted(held, key=lambda s: -len(s.text)):
        if (text := _plain(statement.text)) in rest:
            rest = rest.replace(text, "")
            own &= statement.place == cited.place and statement.authority.value == cited.authority
    return Label.VERIFIED if own and not rest.strip() and cited.statement.strip() else Label.MISATTRIBUTED


def stands_at(coordinate: str, gold: str) -> bool:
    """Whether a cited coordinate is the gold provision or stands below it."""
    return coordinate == gold or coordinate.startswith(f"{gold}/")


def recall(cited: Iterable[str], required: Iterable[str]) -> float | None:
    """The share of the required provisions that are cited; None when none is required."""
    wanted, held = tuple(required), tuple(cited)
    return sum(any(stands_at(c, g) for c in held) for g in wanted) / len(wanted) if wanted else None


def precision(cited: Iterable[str], relevant: Iterable[str]) -> float | None:
    """The share of the cited provisions that bear on the question; None when nothing is cited."""
    held, good = tuple(dict.fromkeys(cited)), tuple(relevant)
    return sum(any(stands_at(c, g) for g in good) for c in held) / len(held) if held else None


def f_beta(precise: float | None, found: float | None) -> float:
    """One number of both; 1 when nothing is cited and nothing required, 0 when only one side is empty."""
    if precise is None and found is None:
        return 1.0
    p, r = precise if precise is not None else 0.0, found if found is not None else 1.0
    below = BETA**2 * p + r
    return (1 + BETA**2) * p * r / below if below else 0.0


def coverage(answer: Answer) -> float | None:
    """The share of the sentences that state law which name a source; None when no sentence does."""
    law = [bool(marks) for text, marks in sentences(answer) if _NORMATIVE.search(text) and not _NO_LAW.search(text)]
    return sum(law) / len(law) if law else None


def numbers(answer: Answer, question: str) -> float | None:
    """The share of the figures in sentences with a source that stand in the source or the question; None for none."""
    held = {c.n: f"{c.citation} {c.title} {c.statement}" for c in answer.citations}
    asked = _figures(question)
    figures = [
        figure in asked | _figures(" ".join(held.get(n, "") for n in marks))
        for text, marks in sentences(answer)
        if marks
        for figure in _figures(text)
    ]
    return sum(figures) / len(figures) if figures else None


def quoted(answer: Answer) -> float | None:
    """The share of the sentences with a source that stand in it word for word; None when none has a source."""
    held = {c.n: _plain(c.statement) for c in answer.citations}
    found = [any(_unmarked(text) in held.get(n, "") for n in marks) for text, marks in sentences(answer) if marks]
    return sum(found) / len(found) if found else None


def placed(answer: Answer, places: Iterable[str]) -> float | None:
    """The share of the citations that are federal or of the places asked about; None when nothing is cited."""
    own = {"US", *places}
    return sum(c.place in own for c in answer.citations) / len(answer.citations) if answer.citations else None


def dangling(answer: Answer) -> frozenset[int]:
    """The marks that name no citation."""
    return frozenset(n for _, marks in sentences(answer) for n in marks) - {c.n for c in answer.citations}


def _figures(text: str) -> set[str]:
    return {figure.replace(",", "") for figure in re.findall(r"\d+(?:[,.]\d+)*", text)}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _unmarked(text: str) -> str:
    """A sentence without the gap that a mark leaves and without what is said of its source."""
    return re.sub(r"\s+(?=[.;,])", "", text.partition(" *(")[0]).strip()


def in_force(answer: Answer, library: Library, as_of: dt.date) -> float | None:
    """The share of the cited provisions of which a version covers the day; None when nothing is cited."""
    held = [any(s.effective.covers(as_of) for s in library.at(c.coordinate)) for c in answer.citations]
    return sum(held) / len(held) if held else None


def ranked(answer: Answer, required: Mapping[str, Authority]) -> float | None:
    """1 when a source of the rank of the highest required provision (or above) is cited; None without one."""
    if not required:
        return None
    wanted = min(a.rank for a in required.values())
    return float(any(Authority(c.authority).rank <= wanted for c in answer.citations))


def misgrounded(answer: Answer, facts: Iterable[tuple[str, ...]], relevant: Iterable[str]) -> bool:
    """Whether a key fact is said only by sentences all of whose sources lie outside the relevant provisions."""
    where = {c.n: c.coordinate for c in answer.citations}
    good = tuple(relevant)
    for patterns in facts:
        said = [m for text, m in sentences(answer) if m and any(re.search(p, text, re.I) for p in patterns)]
        if said and not any(stands_at(where[n], g) for marks in said for n in marks if n in where for g in good):
            return True
    return False
