"""What is embedded and searched: one passage per statement, worded so that place and instrument come first,
and one per question of a brief."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.briefs import briefs, general_asks, local_replies
from assistant.recognise import examples
from corpus.law import Statement
from corpus.library import Library

# Dates as numbers, because Chroma compares only numbers; the ends stand for "unknown" and "open".
NO_START, NO_END = 0, 99_999_999
# The "place" of the questions of briefs, so that one index and one filter serve both.
BRIEFS = "briefs"
# The same for the example questions by which scope and intent are recognised.
EXAMPLES = "examples"
# And for the questions of the direct replies of a place: "replies:US-TX".
REPLIES = "replies:"
# And for the questions that a place's headline and findings answer.
GENERAL = "general"


# The days of a passage that holds on every day.
ALWAYS = (NO_START, NO_END)


@dataclass(frozen=True)
class Passage:
    """A searchable text and the statement (or the brief, as `brief#n`) it stands for."""

    id: str
    text: str
    place: str
    starts: int = NO_START
    ends: int = NO_END


def day_number(day: dt.date) -> int:
    """2026-11-23 as 20261123."""
    return day.year * 10_000 + day.month * 100 + day.day


def passages(library: Library) -> tuple[Passage, ...]:
    """One passage per statement of the book, in book order."""
    names = {code: place.name for code, place in library.places.items()}
    return tuple(_passage(s, names.get(s.place, "Federal law")) for s in library.statements.values())


def prepared_passages() -> tuple[Passage, ...]:
    """Everything beside the book that is searched: the questions of briefs, local replies and examples."""
    general = (Passage(f"{GENERAL}#{n}", ask, GENERAL) for n, ask in enumerate(general_asks()))
    return (*brief_passages(), *reply_passages(), *general, *example_passages())


def told_of(held: Iterable[Passage]) -> str:
    """sha256 over the ids and texts of passages."""
    return hashlib.sha256("\n".join(f"{p.id} {p.text}" for p in held).encode()).hexdigest()


def brief_passages() -> tuple[Passage, ...]:
    """One passage per question of every brief."""
    return tuple(
        Passage(f"{brief.id}#{n}", ask, BRIEFS)
        for brief in briefs().values()
        for n, (ask, _) in enumerate(brief.questions)
    )


def reply_passages() -> tuple[Passage, ...]:
    """One passage per question of every local reply, under `replies:US-TX`."""
    return tuple(
        Passage(f"{place}#{n}", ask, f"{REPLIES}{place}")
        for place, replies in local_replies().items()
        for n, ask in enumerate(a for r in replies for a in r.asks)
    )


def example_passages() -> tuple[Passage, ...]:
    """One passage per example question of `recognise`."""
    return tuple(
        Passage(f"{label}#{n}", text, EXAMPLES) for label, texts in examples().items() for n, text in enumerate(texts)
    )


def _passage(statement: Statement, place_name: str) -> Passage:
    text = f"{place_name}. {statement.citation}. {statement.title}. {statement.text}"
    period = statement.effective
    starts = day_number(period.from_) if period.from_ else NO_START
    ends = day_number(period.until) if period.until else NO_END
    return Passage(statement.id, text, statement.place, starts, ends)


_WORD = re.compile(r"[a-z0-9]+(?:[.\-/][a-z0-9]+)*")


def words(text: str) -> list[str]:
    """Lower-case words for exact matching: "25-year" and "8704.31" stay whole and also count in parts."""
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        found.append(word)
        if not word.isalnum():
            found.extend(part for part in re.split(r"[.\-/]", word) if part)
    return found


_STOP = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "into", "is", "it", "its",
        "of", "on", "or", "that", "the", "their", "this", "to", "was", "were", "which", "with", "will", "may", "can",
        "must", "not", "no",
    )
)  # fmt: skip


def content(text: str) -> frozenset[str]:
    """The words that carry meaning, cut so that "applies" and "apply" are the same."""
    return frozenset(w.replace("y", "i")[:5] for w in re.findall(r"[a-z][a-z-]+", text.lower()) if w not in _STOP)
