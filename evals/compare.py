"""Two scored runs compared, paired by case: is the later one better, worse, or not to be told apart?

The exact test decides; the interval, drawn over clusters (the items of one state hang together), shows how large a loss
is still possible. Higher scores are better throughout, so a metric of errors is handed over as one minus it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import permutation_test
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

SEED = 20261124
RESAMPLES = 2_000
FLIPS = 9_999
# Means that were summed in another order differ in their last bits; that is no change.
DECIMALS = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """One metric of two runs: the score of each case id (1 is 100 points, higher is better), and its cluster.

    `binary` says that every score is 0 or 1. Ids that only one run has are left out and counted.
    """

    metric: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    cluster: Mapping[str, str]
    binary: bool


@dataclass(frozen=True)
class Change:
    """What became of a metric over the `n` cases that both runs have.

    `before`, `after` and `difference` are means, `low` and `high` the 95 % interval of the difference; `p` is
    two-sided, `p_holm` corrected for all metrics compared together; `better` and `worse` count those cases, `unpaired`
    the ids that only one run has.
    """

    metric: str
    n: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    better: int
    worse: int
    unpaired: int


def compare(pairs: Sequence[Pairs]) -> tuple[Change, ...]:
    """A Change for each metric, in the order given. The same input gives the same numbers, whatever its order.

    Raises ValueError, naming the metric, when there is nothing to compare: no metric, no shared id, a score that is not
    finite (or not 0 or 1 in a binary metric), a shared id without a cluster, or all of them in one cluster.
    """
    if not pairs:
        raise ValueError("no metric to compare")
    changes = [_change(one) for one in pairs]
    corrected = multipletests([c.p for c in changes], method="holm")[1]
    return tuple(replace(c, p_holm=float(p)) for c, p in zip(changes, corrected, strict=True))


def worse(change: Change, alpha: float = 0.05, margin: float = 0.05) -> str | None:
    """Why the change blocks a release, in words; None when it does not.

    It blocks when the mean fell and either Holm's p is below `alpha`, or the interval reaches a loss over `margin` (in
    units of the score). A mean that did not fall never blocks: few items alone are no sign of a loss.
    """
    if change.difference >= 0:
        return None
    fell = f"{change.metric} fell by {-change.difference * 100:.1f} points on {change.n} cases"
    if change.p_holm < alpha:
        return f"{fell}, more than chance explains (Holm p {_p(change.p_holm)})"
    if change.low < -margin:
        return (
            f"{fell}, and a loss of {-change.low * 100:.1f} points is not ruled out (margin {margin * 100:.1f}): "
            "compare on more items, or waive it with a reason"
        )
    return None


def table(changes: Sequence[Change]) -> str:
    """Markdown, one row a metric: means in %, difference and interval in points; ends with a newline."""
    rows = [
        "| metric | cases | unpaired | before | after | change | 95 % interval | better | worse | p | Holm p |",
        "|---|" + "---:|" * 10,
    ]
    for c in changes:
        cells = (
            c.metric, c.n, c.unpaired, f"{c.before:.1%}", f"{c.after:.1%}", _points(c.difference),
            f"{_points(c.low)} to {_points(c.high)}", c.better, c.worse, _p(c.p), _p(c.p_holm),
        )  # fmt: skip
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*rows, ""])


def _change(pairs: Pairs) -> Change:
    ids = _shared(pairs)
    before, after = (np.array([run[i] for i in ids], dtype=np.float64) for run in (pairs.before, pairs.after))
    deltas: Floats = np.round(after - before, DECIMALS)
    up, down = int((deltas > 0).sum()), int((deltas < 0).sum())
    p = float(mcnemar([[0, down], [up, 0]], exact=True).pvalue) if pairs.binary else _sign_flip(deltas)
    low, high = _interval(deltas, [pairs.cluster[i] for i in ids])
    return Change(
        metric=pairs.metric,
        n=len(ids),
        before=float(before.mean()),
        after=float(after.mean()),
        difference=round(float(deltas.mean()), DECIMALS),
        low=low,
        high=high,
        p=p,
        p_holm=p,  # as if it stood alone; `compare` knows the others
        better=up,
        worse=down,
        unpaired=len(pairs.before.keys() ^ pairs.after.keys()),
    )


def _shared(pairs: Pairs) -> list[str]:
    """The ids to compare, sorted, so that the order of the input cannot move a seeded draw."""
    ids = sorted(pairs.before.keys() & pairs.after.keys())
    if not ids:
        raise ValueError(
            f"{pairs.metric}: the runs share no case id ({len(pairs.before)} before, {len(pairs.after)} after)"
        )
    for i in ids:
        scores = (pairs.before[i], pairs.after[i])
        if not np.isfinite(scores).all():
            raise ValueError(f"{pairs.metric}: case {i!r} has a score that is not finite: {scores}")
        if pairs.binary and not {*scores} <= {0, 1}:
            raise ValueError(f"{pairs.metric}: case {i!r} of a binary metric must score 0 or 1: {scores}")
        if i not in pairs.cluster:
            raise ValueError(f"{pairs.metric}: case {i!r} has no cluster")
    if len({pairs.cluster[i] for i in ids}) < 2:
        # Resampling one cluster gives the same mean every time: an interval of no width that would look like certainty.
        raise ValueError(f"{pairs.metric}: all shared cases are in one cluster, which bounds nothing")
    return ids


def _sign_flip(deltas: Floats) -> float:
    """The two-sided p of the mean when every sign is as likely either way."""
    # Zeros do not change under a flip; without them, few changed cases are counted out in full instead of sampled.
    moved = deltas[deltas != 0]
    if moved.size < 2:  # a single changed case is as large either way round
        return 1.0

    def mean(sample: Floats, axis: int) -> Any:
        return sample.mean(axis=axis)

    result = permutation_test(
        (moved,), mean, permutation_type="samples", vectorized=True, n_resamples=FLIPS, rng=np.random.default_rng(SEED)
    )
    return float(result.pvalue)


def _interval(deltas: Floats, clusters: Sequence[str]) -> tuple[float, float]:
    """The middle 95 % of the mean difference over whole clusters drawn with replacement."""
    names, where = np.unique(clusters, return_inverse=True)
    sums, sizes = np.bincount(where, weights=deltas), np.bincount(where)
    drawn = np.random.default_rng(SEED).integers(len(names), size=(RESAMPLES, len(names)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (0.025, 0.975))
    return round(float(low), DECIMALS), round(float(high), DECIMALS)


def _points(share: float) -> str:
    return f"{share * 100:+z.1f}"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"
