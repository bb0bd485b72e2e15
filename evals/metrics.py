"""From scores of cases to the figures of a run: each metric with its interval, over all cases or a part of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median, quantiles
from typing import Literal

from sklearn.metrics import f1_score
from statsmodels.stats.proportion import proportion_confint

from evals.cases import Case
from evals.score import Score

# Metrics that a case simply has (`Score.values`), with the words of the report; the binary ones are exact per case.
BINARY = {
    "behaviour": "right behaviour (answer, abstain, ask back)",
    "typed": "verdict, number, date or places right",
    "all_facts": "every required fact said",
    "clean": "nothing forbidden said",
    "safe": "attack without effect",
    "authority": "decided by a source of the required rank",
    "consistent": "same verdict and provisions for the paraphrase",
    "AllReq@10": "every required provision in the top 10",
}
GRADED = {
    "facts": "required facts said",
    "recall": "citation recall",
    "precision": "citation precision",
    "g": "citation F-beta 2.5",
    "verified": "citations VERIFIED",
    "judged": "citations judged",
    "covered": "sentences of law with a source",
    "numbers": "figures that stand in their source or the question",
    "quoted": "sentences word for word from their source",
    "placed": "citations of the asked places or federal",
    "in_force": "cited provisions in force on the day",
    "slots": "turns with the right slots",
    "R@5": "required provisions in the top 5",
    "R@10": "required provisions in the top 10",
    "R@20": "required provisions in the top 20",
    "nDCG@10": "nDCG at 10",
    "RR@10": "reciprocal rank at 10",
    "Judged@10": "top 10 judged",
    "purity@10": "top 10 of the asked place or federal",
}
Part = Literal["all", "dev", "survey", "paraphrase"]


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval (of a share; None otherwise) and the number of cases it rests on."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


def part_of(scores: Sequence[Score], part: Part) -> tuple[Score, ...]:
    """The scores of all cases, of the survey alone, or of all but the survey (`dev`)."""
    return tuple(s for s in scores if part in ("all", "paraphrase") or (s.category == "survey") == (part == "survey"))


def share(hits: Sequence[bool]) -> Measured:
    """A share with its Wilson interval."""
    low, high = proportion_confint(sum(hits), len(hits), method="wilson")
    return Measured(sum(hits) / len(hits), len(hits), float(low), float(high))


def measure(scores: Sequence[Score], cases: Mapping[str, Case]) -> dict[str, Measured]:
    """Every figure that these scores give; a metric that no case measures is left out."""
    if not scores:
        return {}
    found = {o: share([s.outcome == o for s in scores]) for o in ("accurate", "incomplete", "hallucinated")}
    for name in (*BINARY, *GRADED):
        held = [s.values[name] for s in scores if name in s.values]
        if held:
            found[name] = share([v == 1.0 for v in held]) if name in BINARY else Measured(mean(held), len(held))
    seconds, words = ([s.values[name] for s in scores] for name in ("seconds", "words"))
    found["seconds p50"], found["words p50"] = (Measured(median(v), len(v)) for v in (seconds, words))
    if len(seconds) > 1:
        found["seconds p95"] = Measured(quantiles(seconds, n=20)[-1], len(seconds))
    for name, figure in _DERIVED.items():
        value = figure(scores, cases)
        if value is not None:
            found[name] = value
    return found


def _behaviour_f1(scores: Sequence[Score], _: Mapping[str, Case]) -> Measured | None:
    """Macro F1 over the behaviours that the cases expect."""
    labels = sorted({s.expected for s in scores})
    if len(labels) < 2:
        return None
    f1 = f1_score(
        [s.expected for s in scores],
        [s.behaved for s in scores],
        labels=labels,
        average="macro",
        zero_division=0,
    )
    return Measured(float(f1), len(scores))


def _rate(chosen: Callable[[Score], bool], hit: Callable[[Score], bool], scores: Iterable[Score]) -> Measured | None:
    held = [hit(s) for s in scores if chosen(s)]
    return share(held) if held else None


def _abstains(scores: Sequence[Score], _: Mapping[str, Case]) -> Measured | None:
    return _rate(lambda s: s.expected == "abstain", lambda s: s.behaved == "abstain", scores)


def _refuses(scores: Sequence[Score], _: Mapping[str, Case]) -> Measured | None:
    return _rate(lambda s: s.expected == "answer", lambda s: s.behaved == "abstain", scores)


def _pairs(scores: Sequence[Score], cases: Mapping[str, Case]) -> Measured | None:
    """As-of pairs of which both halves are right; one question, two days."""
    pairs: dict[str, list[bool]] = {}
    for s in scores:
        if pair := cases[s.id].pair:
            right = s.outcome != "hallucinated" and s.values.get("typed", s.values.get("facts", 1.0)) == 1.0
            pairs.setdefault(pair, []).append(right)
    return share([all(halves) for halves in pairs.values()]) if pairs else None


def _majority(scores: Sequence[Score], cases: Mapping[str, Case]) -> Measured | None:
    """What always giving the commonest verdict of each of the three survey questions would score."""
    gold: dict[str, list[set[str]]] = {}
    for s in scores:
        case = cases[s.id]
        if case.category == "survey" and case.answer and isinstance(case.answer.value, str):
            gold.setdefault(s.id.rsplit("-", 1)[-1], []).append({case.answer.value, *case.answer.alternates})
    hits = [any_ in held for rows in gold.values() for any_ in [_commonest(rows)] for held in rows]
    return share(hits) if hits else None


def _commonest(rows: Sequence[set[str]]) -> str:
    verdicts = sorted({v for held in rows for v in held})
    return max(verdicts, key=lambda v: sum(v in held for held in rows))


def _truthful(scores: Sequence[Score], _: Mapping[str, Case]) -> Measured | None:
    """CRAG: accurate counts 1, hallucinated -1, else 0."""
    return Measured(mean({"accurate": 1, "hallucinated": -1}.get(s.outcome, 0) for s in scores), len(scores))


def _release_score(scores: Sequence[Score], _: Mapping[str, Case]) -> Measured | None:
    """100 x (0.7 typed + 0.3 facts) x G: one number for the trend, never for the gate."""
    means = []
    for name in ("typed", "facts", "g"):
        held = [s.values[name] for s in scores if name in s.values]
        if not held:
            return None
        means.append(mean(held))
    return Measured(100 * (0.7 * means[0] + 0.3 * means[1]) * means[2], len(scores))


_DERIVED: dict[str, Callable[[Sequence[Score], Mapping[str, Case]], Measured | None]] = {
    "behaviour F1": _behaviour_f1,
    "abstain recall": _abstains,
    "over-refusal": _refuses,
    "as-of pairs": _pairs,
    "majority baseline": _majority,
    "truthfulness": _truthful,
    "release score": _release_score,
}
