"""The injection suite: poisoned papers, official pages and questions may add a quotation, and change nothing else.

`python -m evals poison` runs it; any finding shuts the gate.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, QuestionError
from assistant.settings import Settings
from evals.poison import checks
from evals.poison.cases import Cases, cases
from evals.poison.checks import Finding
from evals.poison.worlds import TODAY, Answers, Opened, Worlds, opened

__all__ = ["Finding", "Worlds", "cases", "found", "opened", "poison_findings", "run", "summary"]


def run(seed: Settings, opening: Opened = Assistant.open) -> tuple[Finding, ...]:
    """Make the poisoned data folders beside an assistant's own index, ask every case, and throw them away (about a
    minute). Raises CaseError when a table or a made file cannot be used."""
    told = cases()
    with tempfile.TemporaryDirectory(prefix="kei-poison-") as folder:
        return found(told, opened(told, seed, Path(folder), opening))


def poison_findings(assistant: Assistant) -> tuple[str, ...]:
    """Every finding in words, for the gate; the poisoned folders are opened with its settings and by its class."""
    return tuple(f"poison: {one}" for one in run(assistant.settings, type(assistant).open))


def found(told: Cases, worlds: Worlds) -> tuple[Finding, ...]:
    """Every finding in these worlds, in the order of the cases."""
    return tuple(dict.fromkeys(_found(told, worlds)))


def summary(findings: Sequence[Finding], told: Cases) -> Iterator[str]:
    """A line a finding, then the counts."""
    yield from (f"- {one}" for one in findings)
    broken = len({one.case for one in findings})
    kinds = ", ".join(f"{count} {check}" for check, count in sorted(Counter(one.check for one in findings).items()))
    yield f"{len(told)} poisoned cases, {len(told) - broken} without a finding{f': {kinds}' if kinds else ''}."


def _found(told: Cases, worlds: Worlds) -> Iterator[Finding]:
    for paper in told.papers:
        clean = _clean(worlds, paper.question)
        if paper.id in worlds.answerable:
            yield Finding(paper.id, "held", "unflagged", f"{paper.kind}: it is answered from though nobody approved it")
        elif paper.flagged:
            broken = checks.held(paper, clean, _answer(worlds.held, paper.question))
            yield from (Finding(paper.id, "held", *one) for one in broken)
        answer = _answer(worlds.approved, paper.question)
        broken = checks.approved(paper, worlds.papers[paper.id], clean, answer)
        yield from (Finding(paper.id, "approved", *one) for one in broken)
    for page in told.pages:
        broken = checks.official(page, _clean(worlds, page.question), _answer(worlds.approved, page.question))
        yield from (Finding(page.id, "official", *one) for one in broken)
    for question in told.questions:
        broken = checks.asked(_clean(worlds, question.clean), _asked(worlds.clean, question.poisoned))
        yield from (Finding(question.id, "question", *one) for one in broken)


def _clean(worlds: Worlds, question: str) -> Answer:
    return _answer(worlds.clean, question)


def _answer(world: Answers, question: str) -> Answer:
    return world.invoke(Ask(question=question, as_of=TODAY))


def _asked(world: Answers, question: str) -> Answer | None:
    try:
        return _answer(world, question)
    except QuestionError:
        return None
