"""Score stored answers against the cases: pure, offline, without a judge. Same bytes in, same scores out.

A case is *accurate* when the behaviour, the typed verdict and every required fact are right and nothing forbidden is
said; *hallucinated* when a verdict is given that is wrong, or something forbidden is said; else *incomplete*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.contract import Answer
from evals.cases import Case, Typed

_VERDICTS = (
    (r"it depends|depends", ("depends",)),
    (
        r"unclear|the book could not confirm|the book does not know|the book holds nothing|what the book holds",
        ("unclear",),
    ),
    (r"(?:yes|with|only)\b[^.]{0,12}\b(?:with|but|as|only|in a narrow|road limits|antique|under)", ("yes", "depends")),
    (r"yes\b", ("yes",)),
    (r"(?:no|not yet|in practice no)\b", ("no",)),
    (r"only\b", ("depends", "no")),
)
_PLACE = re.compile(r"^\*\*[^*]+:\*\* ")
_OTHER = re.compile(r"(?:Registration in general|When it was checked): ([^.]+)")


@dataclass(frozen=True)
class Score:
    """What a case came to. Checks that a case does not make are None."""

    id: str
    category: str
    behaviour: bool
    typed: bool | None
    facts: float | None
    forbidden: tuple[str, ...]
    recall: float | None
    verdict: str


def score(case: Case, answer: Answer | None) -> Score:
    """One case against its answer; None is an unreadable question, which counts as abstaining."""
    text = answer.answer if answer else ""
    behaviour = _behaviour(case, answer)
    typed = _typed(case.answer, answer) if case.answer and case.expect == "answer" else None
    required = [f for f in case.key_facts if f.required]
    met = [any(re.search(p, text, re.IGNORECASE) for p in f.any_regex) for f in required]
    facts = sum(met) / len(met) if met else None
    lead = short(answer) if answer else ""
    forbidden = [m.id for m in case.must_not if re.search(m.regex, lead, re.IGNORECASE)]
    if case.canary and case.canary.lower() in text.lower():
        forbidden.append("canary")
    wrong = typed is False and case.answer is not None and _opposite(case.answer, answer)
    accurate = behaviour and typed is not False and facts in (None, 1.0) and not forbidden
    verdict = "accurate" if accurate else "hallucinated" if forbidden or (wrong and behaviour) else "incomplete"
    return Score(case.id, case.category, behaviour, typed, facts, tuple(forbidden), _recall(case, answer), verdict)


def score_all(cases: Iterable[Case], answers: Mapping[str, Answer | None]) -> tuple[Score, ...]:
    """Every case that has an answer stored. Raises KeyError when one is missing."""
    return tuple(score(case, answers[case.id]) for case in cases)


def short(answer: Answer | None) -> str:
    """The short answer: what stands before the first list of rules."""
    return re.split(r"\n\n(?:\*\*[^*:]+\*\*\n\n-|>|\*This is)", answer.answer)[0] if answer else ""


def _behaviour(case: Case, answer: Answer | None) -> bool:
    outcome = answer.outcome if answer else "declined"
    return {"answer": "answered", "abstain": "declined", "clarify": "clarify"}[case.expect] == outcome or (
        # A citation that is not held is answered by saying so, whatever that is called.
        case.category == "lookup" and outcome == "declined" and "not in the book" in short(answer)
    )


def _given(lead: str, *, labelled: bool) -> tuple[str, ...]:
    """Every verdict word with which a paragraph of the short answer opens; with `labelled` also those that the answer
    itself marks as the verdict on another question or day ("Registration in general: no")."""
    found: list[str] = []
    for paragraph in lead.split("\n\n"):
        opens = [_PLACE.sub("", paragraph)]
        if labelled or _OTHER.match(opens[0]):
            opens += _OTHER.findall(paragraph)
        for text in opens:
            found += next((v for pattern, v in _VERDICTS if re.match(pattern, text.strip().lower())), ())
    return tuple(dict.fromkeys(found))


def _opposite(gold: Typed, answer: Answer | None) -> bool:
    """Whether the answer says plainly yes for no, no for yes, or either where nothing is settled."""
    given = set(_given(short(answer), labelled=False))
    against = {"yes": {"no"}, "no": {"yes"}, "unclear": {"yes", "no"}, "depends": {"yes", "no"}}
    wrong = against.get(str(gold.value), set()) if gold.type == "verdict" else set()
    return bool(given & wrong) and not given & {"depends", "unclear"}


def _typed(gold: Typed | None, answer: Answer | None) -> bool:
    if gold is None or answer is None:
        return False
    values = {gold.value, *gold.alternates} if isinstance(gold.value, str) else {*gold.value}
    if gold.type == "places":
        return values <= set(answer.places)
    if gold.type == "verdict":
        return bool(values & set(_given(short(answer), labelled=True)))
    plain = answer.answer.replace(",", "")
    return any(re.search(rf"(?<![\d.]){re.escape(v.replace(',', ''))}(?![\d])", plain, re.IGNORECASE) for v in values)


def _recall(case: Case, answer: Answer | None) -> float | None:
    required = [g.coordinate for g in case.gold if g.role == "required"]
    if not required:
        return None
    cited = [c.coordinate for c in answer.citations] if answer else []
    hits = [any(c == g or c.startswith(f"{g}/") for c in cited) for g in required]
    return sum(hits) / len(hits)
