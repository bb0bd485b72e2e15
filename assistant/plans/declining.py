"""What to say when the answer is no answer: outside the field, help with evasion, nothing found."""

from __future__ import annotations

from assistant.memo import Callout, Part, Section, Sentence

CAN = (
    "I can help with importing Kei trucks into the United States, the federal safety, emissions and customs rules, "
    "and registering them in the fifty states and D.C."
)
REASONS = {
    "elsewhere": "That is outside what I know about: Kei trucks and the law of bringing in and registering vehicles.",
    "foreign": "I only know United States law, so I cannot say how another country treats Kei trucks.",
    "territory": "The book covers the fifty states and D.C.; it holds nothing on the territories.",
    "evasion": "I will not help to get around the law or to make false papers.",
    "language": "I can only read questions in English for now.",
    "courtesy": "You are welcome. Ask on whenever you like: what was said stays in mind until you start a new chat.",
    "greeting": "Hello. I answer questions on Kei trucks under United States law, each sentence with its source.",
    "empty": "There was no question about Kei trucks left to answer in that message.",
    "nothing": "The book holds nothing on that, and I will not guess.",
}
EXAMPLES = (
    "Can I import a 1999 Suzuki Carry?",
    "Is a kei truck legal on the road in Oklahoma?",
    "What does 49 CFR 591.5(i)(1) say?",
)


def declining(reason: str) -> Part:
    """Two sentences: why not, and what can be asked instead. `reason` is a key of REASONS."""
    return Part(
        short=(Section("", (Sentence(REASONS[reason]), Sentence(CAN))),),
        callouts=() if reason in ("empty", "courtesy", "greeting") else (Callout("scope", Sentence(REASONS[reason])),),
        follow_ups=EXAMPLES,
        answered=False,
    )
