"""The public nouns: what is asked, what is answered, and the events of an answer being made.

`Answer.model_dump(mode="json")` is the Answer JSON that the command line prints and the evals read.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["answered", "declined", "clarify"]
NoteKind = Literal["conflict", "pending", "stale", "unconfirmed", "premise", "scope"]
Review = Literal["unreviewed", "verified", "disputed", "stale"]

# Longer questions are refused before anything reads them (platform notes: 2,000 characters is ample).
MAX_QUESTION = 2_000


class QuestionError(ValueError):
    """A question that cannot be read; the message says why and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(_Frozen):
    """One question: text, an optional place the client picked, and the date it must hold for.

    `context` is the part of an earlier turn that a follow-up leans on (set by `assistant.thread`).
    """

    question: str
    as_of: dt.date
    state: str | None = None
    id: str | None = None
    context: Slots | None = None


class Slots(_Frozen):
    """What a conversation carries from turn to turn. Every field may be unknown; `as_of` only when a turn named it.

    `question` is the last question in a form that stands by itself, `seen` the places spoken of in their order,
    `cited` the ids of the statements on which the last answer rests, `asked_back` what was asked of the client.
    """

    places: tuple[str, ...] = ()
    built: tuple[int, int | None, int | None] | None = None
    model: str | None = None
    use: str | None = None
    question: str | None = None
    as_of: dt.date | None = None
    seen: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    asked_back: tuple[str, ...] = ()


class Cited(_Frozen):
    """One numbered source of an answer; the same number in text, panel and export.

    `statement` is ours, and `statements` are the ids behind it; `official_text` quotes the official words at the
    pinpoint when they are on this machine, and `official_source` says which text that is and for which days it is
    known. `reviewed` tells `review` in words: who verified it and against what, or why that counts no longer. `status`
    is where the law stands (`corpus.law.Status`), None in answers that were stored without it.
    """

    n: int
    citation: str
    coordinate: str
    place: str
    authority: str
    title: str
    statement: str
    statements: tuple[str, ...] = ()
    official_text: str | None = None
    official_source: str | None = None
    url: str
    checked: dt.date | None
    effective_from: dt.date | None
    effective_until: dt.date | None = None
    status: str | None = None
    confidence: str
    review: Review = "unreviewed"
    reviewed: str | None = None


class AlsoRead(_Frozen):
    """A source that the search found and the answer does not rest on: no number, and in `why` what is known of the
    reason. `statement` is the nearest of what the book says there."""

    citation: str
    coordinate: str
    place: str
    authority: str
    title: str
    statement: str
    confidence: str
    why: str


class Note(_Frozen):
    """A callout beside the answer: a conflict, pending law, doubt, a corrected premise, the scope."""

    kind: NoteKind
    text: str


class Drafting(_Frozen):
    """What became of a chat model's draft: how many sentences it put in, how many only at the second try, how many were
    stopped by reason, and whether the draft was used. No text of it."""

    model: str
    chosen: int
    repaired: int
    stopped: dict[str, int]
    used: bool


class Answer(_Frozen):
    """A checked answer. `answer` is Markdown whose `[n]` marks are the numbers of `citations`.

    `understood` is the question as it was read in its conversation, where that is not what was typed. `dropped` counts
    the sentences that `verify` left out.
    """

    id: str | None = None
    question: str
    understood: str | None = None
    outcome: Outcome
    answer: str
    as_of: dt.date
    places: tuple[str, ...]
    citations: tuple[Cited, ...] = ()
    also_read: tuple[AlsoRead, ...] = ()
    notes: tuple[Note, ...] = ()
    follow_ups: tuple[str, ...] = ()
    drafting: Drafting | None = None
    dropped: int = 0
    fingerprint: str
    timings_ms: dict[str, int] = Field(default_factory=dict)


class Step(_Frozen):
    """Progress in plain words ("Searching federal law and Texas")."""

    type: Literal["step"] = "step"
    text: str


class SentenceEvent(_Frozen):
    """One verified paragraph of the answer with its `[n]` marks; paragraphs are joined by blank lines."""

    type: Literal["sentence"] = "sentence"
    text: str


class Final(_Frozen):
    """The whole answer, and what the next turn should carry; always the last event, and always sent."""

    type: Literal["final"] = "final"
    answer: Answer
    slots: Slots


Event = Step | SentenceEvent | Final

Ask.model_rebuild()
