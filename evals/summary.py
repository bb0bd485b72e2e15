"""The scores of a run as a table by category, with Wilson intervals and the worst cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from evals.score import Score

VERDICTS = ("accurate", "incomplete", "hallucinated")


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def summary(scores: Sequence[Score], fingerprint: str) -> str:
    """Markdown: the headline, a row a category, and every case that is not accurate."""
    rows = [
        "| | cases | accurate | incomplete | hallucinated | behaviour | typed | facts | citation recall |",
        "|---|" + "---|" * 8,
    ]
    groups = {"all": list(scores)}
    for one in scores:
        groups.setdefault(one.category, []).append(one)
    rows += [_row(name, held) for name, held in groups.items()]
    low, high = wilson(sum(s.verdict == "hallucinated" for s in scores), len(scores))
    headline = f"Hallucinated: 95 % interval {low:.1%} to {high:.1%}. Answers of {fingerprint}."
    misses = [f"- {s.id} {s.verdict}: {_why(s)}" for s in scores if s.verdict != "accurate"]
    return "\n".join([headline, "", *rows, "", "Not accurate:", "", *misses, ""])


def _row(name: str, scores: Sequence[Score]) -> str:
    shares = [f"{sum(s.verdict == v for s in scores) / len(scores):.1%}" for v in VERDICTS]
    means = [_mean(s.behaviour for s in scores), _mean(s.typed for s in scores), _mean(s.facts for s in scores)]
    return f"| {name} | {len(scores)} | {' | '.join((*shares, *means, _mean(s.recall for s in scores)))} |"


def _mean(values: Iterable[float | bool | None]) -> str:
    held = [float(v) for v in values if v is not None]
    return f"{sum(held) / len(held):.3f}" if held else "-"


def _why(score: Score) -> str:
    reasons = [f"said {', '.join(score.forbidden)}"] if score.forbidden else []
    reasons += ["behaviour"] if not score.behaviour else []
    reasons += ["verdict"] if score.typed is False else []
    reasons += [f"facts {score.facts:.2f}"] if score.facts is not None and score.facts < 1 else []
    return ", ".join(reasons)
