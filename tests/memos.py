"""Answers and turns to be exported, made from statements of the real book without asking anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from assistant.compose import DISCLAIMER, cited
from assistant.contract import Answer, Cited, Note
from corpus.library import Library

DAY = dt.date(2026, 11, 25)
ASKED = dt.datetime(2026, 11, 25, 13, 20, tzinfo=dt.UTC)
CONFIRMED, DOUBTFUL = "usc-30112b.9", "us-tx.10"
OFFICIAL = "(9) a vehicle that is not newer than so many years …"
# What breaks a reader of markup, a font, or a writer of XML.
HOSTILE = (
    "<b>bold</b> & <img src='http://leak.example/x.png'/> </para> ]]> &lt; **not bold [1]\n"
    "軽トラック ≤ → § “quoted” – Tōkyō é 😀 \x00\x07\ud800\u202e\ufffe " + "x" * 300
)
# Any text: controls and halves of surrogate pairs too.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@dataclass(frozen=True)
class Turn:
    question: str
    answer: Answer
    asked: dt.datetime = ASKED


def source(library: Library, n: int, identifier: str, **changes: Any) -> Cited:
    return cited(n, [library.statement(identifier)]).model_copy(update=changes)


def answer(library: Library, *citations: Cited, text: str = "", **changes: Any) -> Answer:
    """An answer of these sources; by default one is confirmed and quotes official words, one is not confirmed."""
    held = citations or (
        source(library, 1, CONFIRMED, official_text=OFFICIAL, official_source="text of a test, known for 2026-11-18"),
        source(library, 2, DOUBTFUL),
    )
    said = text or (
        "**Import:** Yes, it is at least 25 years old [1].\n\n**Texas**\n\n- It is registered [1].\n"
        "- No limit was found [2]. *(not confirmed against the official text)*\n\n"
        "> **Sources disagree.** One says so [1].\n>\n> Another does not [2].\n\n"
        f"{DISCLAIMER.format(as_of=DAY.isoformat())}"
    )
    fields = {
        "question": "Can I import a 1999 Suzuki Carry?",
        "outcome": "answered",
        "answer": said,
        "as_of": DAY,
        "places": ("US", "US-TX"),
        "citations": held,
        "notes": (Note(kind="conflict", text="One says so [1]."), Note(kind="pending", text="A bill is no law.")),
        "fingerprint": "f" * 32,
        "timings_ms": {"total": 7},
    }
    return Answer(**{**fields, **changes})


def thread(library: Library) -> tuple[Turn, ...]:
    """Three turns; the second was understood from the first and speaks for another day."""
    second = answer(library, understood="Can I import one to Ohio?", as_of=dt.date(2025, 1, 2))
    return (
        Turn("Can I import a Carry?", answer(library)),
        Turn("What about Ohio?", second),
        Turn("Thanks", answer(library, text="You are welcome.", outcome="declined", citations=(), notes=())),
    )
