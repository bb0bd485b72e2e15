"""Exact quotations from the official texts on this machine, where our own words do not cover the question."""

from __future__ import annotations

import re

from assistant.memo import Part, Research, Section, Sentence
from assistant.verify import figures
from corpus.law import Statement
from corpus.official.quote import quotable

MOST = 2
OUR_WORDS = "These are the book's own words, not the official text; follow the source's link for that."
UNPREPARED = "Our own words do not cover that; these are the nearest official paragraphs on this machine."


def quoted(research: Research) -> Part:
    """The official paragraphs nearest to the question, as the answer; nothing when none is near."""
    if not research.official:
        return Part(answered=False)
    told = tuple(says(one) for one in research.official[:MOST])
    return Part(short=(Section("Official text", (Sentence(UNPREPARED), *told)),))


def beside(research: Research, place: str) -> tuple[Section, ...]:
    """The same for one place, below an answer in our own words: where these stand at the same pinpoint, the source
    shows both anyway."""
    near = next((one for one in research.official if one.place == place), None)
    held = (says(near),) if near and not research.library.at(near.coordinate) else ()
    return (Section("Official text nearest to the question", held),) if held else ()


def papers(research: Research) -> Part:
    """What the firm's own papers say nearest to the question: below the law, and named as no law."""
    told = tuple(
        Sentence(
            f"{one.citation}, word for word.",
            (one.id,),
            figures(one.citation) | frozenset(re.findall(r"\d+", one.citation)),
            attributed=f"“{one.text}”",
            computed=True,
        )
        for one in research.papers[:MOST]
    )
    if not told:
        return Part(answered=False)
    return Part(rules=(Section("The firm's own papers (not law)", told),), answered=False)


def says(official: Statement) -> Sentence:
    """One quotation with its pinpoint and the day for which the text is known."""
    text = f"{official.citation}, word for word in the text current to {official.checked}."
    given = figures(text) | frozenset(str(official.checked).split("-"))
    return Sentence(text, (official.id,), given, attributed=f"“{quotable(official.text)}”", computed=True)
