"""What stands beside a state's answer: conflicting sources, bills, rules not yet in force, and doubts."""

from __future__ import annotations

from assistant.memo import Callout, Research, Sentence
from corpus.law import Status
from corpus.verdicts import Conflict, Place, Verdict


def later(research: Research, held: Place) -> tuple[Callout, ...]:
    """What a verdict that starts later says on what was asked, named as not yet in force."""
    found = []
    for verdict in held.verdicts:
        start = verdict.effective.from_
        if start and start > research.asked.as_of:
            for c in verdict.conditions:
                if c.kind.value in research.asked.kinds:
                    given = frozenset(
                        {str(start.year), str(start.month), str(start.day), *start.isoformat().split("-")}
                    )
                    text = f"Not yet in force, from {start.isoformat()}: {c.text}"
                    found.append(Callout("pending", Sentence(text, c.rests_on, given, computed=True)))
    return tuple(found[:2])


def conflicts(research: Research, held: Place) -> tuple[Callout, ...]:
    """Conflicts that rest on the book, each side named with who says it."""
    shown = [c for c in held.conflicts if c.rests_on and research.live(c.rests_on)]
    return tuple(Callout("conflict", Sentence(c.text, c.rests_on, attributed=_sides(c))) for c in shown[:2])


def _sides(conflict: Conflict) -> str:
    """Who says what, in one sentence."""
    return "; ".join(f"“{side.says.rstrip('.')}” ({side.citation})" for side in conflict.sides) + "."


def pending(research: Research, held: Place) -> tuple[Callout, ...]:
    """Bills that are still alive: named as such, never as law."""
    bills = [s for p in held.provisions for s in p.statements if s.status in (Status.PENDING, Status.PROPOSED)]
    live = [s for s in bills if s.effective.covers(research.asked.as_of)]
    return tuple(Callout("pending", Sentence(f"Pending: {s.text}", (s.id,))) for s in live[:1])


def doubts(verdict: Verdict) -> tuple[Callout, ...]:
    return tuple(Callout("unconfirmed", Sentence(text)) for text in verdict.unconfirmed[:2])
