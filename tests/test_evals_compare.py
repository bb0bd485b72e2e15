"""Two runs are compared as the hand calculation says, and a release is blocked for a loss, never for standing still."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from evals.compare import Change, Pairs, compare, table, worse


def pairs(
    before: Sequence[float],
    after: Sequence[float],
    *,
    metric: str = "accurate",
    clusters: Sequence[str] | None = None,
    binary: bool = True,
) -> Pairs:
    """Cases c000, c001 ..., each its own cluster unless told."""
    ids = [f"c{i:03}" for i in range(len(before))]
    return Pairs(
        metric=metric,
        before=dict(zip(ids, before, strict=True)),
        after=dict(zip(ids, after, strict=True)),
        cluster=dict(zip(ids, clusters or ids, strict=True)),
        binary=binary,
    )


def discordant(better: int, worse: int, same: int = 14, metric: str = "accurate") -> Pairs:
    """Binary: so many cases gained, so many lost, the rest right in both."""
    return pairs([0] * better + [1] * (worse + same), [1] * better + [0] * worse + [1] * same, metric=metric)


def graded(*deltas: float, metric: str = "facts") -> Pairs:
    return pairs([0.5] * len(deltas), [0.5 + d for d in deltas], metric=metric, binary=False)


def one(given: Pairs) -> Change:
    (change,) = compare([given])
    return change


CHANGE = Change(
    metric="accurate", n=200, before=0.8, after=0.78, difference=-0.02, low=-0.045, high=0.005, p=0.2, p_holm=0.4,
    better=4, worse=8, unpaired=0,
)  # fmt: skip


# Two-sided binomial: twice the tail of (better + worse) fair coins, at most 1.
@pytest.mark.parametrize(
    ("better", "lost", "p"),
    [(1, 5, 2 * (1 + 6) / 64), (5, 1, 2 * (1 + 6) / 64), (0, 6, 2 / 64), (2, 8, 2 * (1 + 10 + 45) / 1024), (3, 3, 1.0)],
)
def test_a_binary_metric_is_decided_by_exact_mcnemar(better: int, lost: int, p: float) -> None:
    change = one(discordant(better, lost))
    assert change.p == pytest.approx(p)
    assert (change.better, change.worse, change.n) == (better, lost, better + lost + 14)
    assert change.difference == pytest.approx((better - lost) / change.n)
    assert change.after - change.before == pytest.approx(change.difference)


def test_one_against_five_is_not_significant() -> None:
    assert one(discordant(1, 5)).p == pytest.approx(0.21875)


# Of the 2^n ways to give signs, those whose sum is at least as far out on one side, twice.
@pytest.mark.parametrize(
    ("deltas", "p"),
    [
        ((0.1, 0.2, 0.3, 0.4), 2 / 16),
        ((-0.1, -0.2, -0.3, -0.4), 2 / 16),
        ((-0.1, 0.2, 0.3, 0.4), 2 * 2 / 16),
        ((0.3, -0.2), 2 * 2 / 4),
        ((0.1, 0.2, 0.3, 0.4, 0.0, 0.0, 0.0), 2 / 16),
    ],
)
def test_a_graded_metric_is_decided_by_sign_flips(deltas: tuple[float, ...], p: float) -> None:
    assert one(graded(*deltas)).p == pytest.approx(p)


def test_many_graded_cases_are_sampled_close_to_the_exact_value() -> None:
    # Twenty equal steps, five of them down: a fair coin's tail, P(at most 5 of 20), twice.
    exact = 2 * sum(math.comb(20, k) for k in range(6)) / 2**20
    assert one(graded(*[0.1] * 15, *[-0.1] * 5)).p == pytest.approx(exact, abs=0.01)


def test_graded_and_binary_tests_differ_where_sizes_matter() -> None:
    # Five small losses against one gain that outweighs them: the mean rises, though more cases fell.
    change = one(graded(*[-0.02] * 5, 0.4))
    assert (change.better, change.worse) == (1, 5)
    assert change.difference == pytest.approx(0.05)
    assert change.p == pytest.approx(1.0)


@pytest.mark.parametrize("binary", [True, False])
def test_the_same_run_twice_passes(binary: bool) -> None:
    scores = [1.0, 0.0, 1.0, 1.0]
    change = one(pairs(scores, scores, binary=binary))
    assert (change.difference, change.low, change.high, change.p, change.p_holm) == (0, 0, 0, 1, 1)
    assert (change.better, change.worse) == (0, 0)
    assert worse(change) is None


def test_the_last_bits_of_a_sum_are_no_change() -> None:
    change = one(pairs([0.3, 0.5], [0.1 + 0.2, 0.5], binary=False))
    assert (change.better, change.worse, change.p) == (0, 0, 1)


def test_the_interval_is_wider_when_the_items_of_a_cluster_agree() -> None:
    after = [float(state % 2) for state in range(20) for _ in range(6)]
    states = [f"S{state:02}" for state in range(20) for _ in range(6)]
    alone, together = one(pairs([0.0] * 120, after)), one(pairs([0.0] * 120, after, clusters=states))
    assert together.difference == alone.difference == 0.5
    # Six agreeing items are worth one: the width grows by about the root of six.
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(6**0.5, rel=0.1)
    assert alone.high - alone.low == pytest.approx(2 * 1.96 * (0.25 / 120) ** 0.5, rel=0.1)
    assert together.low < 0.5 < together.high


def test_a_cluster_weighs_as_much_as_it_has_items() -> None:
    # One cluster of nine gains, one of one stays: drawn twice, both, or not at all, the mean is 1, 0.9 or 0.
    change = one(pairs([0] * 10, [1] * 9 + [0], clusters=["big"] * 9 + ["small"]))
    assert (change.low, change.high, change.difference) == (0, 1, 0.9)


def test_the_same_input_gives_the_same_numbers_in_any_order() -> None:
    deltas = [((i * 7) % 11 - 5) / 20 for i in range(40)]
    given = pairs([0.5] * 40, [0.5 + d for d in deltas], clusters=[f"S{i % 9}" for i in range(40)], binary=False)

    def turned(scores: Mapping[str, float]) -> dict[str, float]:
        return dict(reversed(scores.items()))

    other = replace(given, before=turned(given.before), after=turned(given.after))
    assert one(given) == one(given) == one(other)
    beside = compare([discordant(1, 5), given])[1]
    assert replace(beside, p_holm=0) == replace(one(given), p_holm=0)


def test_holm_corrects_over_all_metrics_and_keeps_their_order() -> None:
    given = [discordant(0, 6, metric="a"), discordant(0, 9, metric="b"), discordant(1, 5, metric="c")]
    changes = compare(given)
    assert [c.metric for c in changes] == ["a", "b", "c"]
    assert [c.p for c in changes] == pytest.approx([2 / 64, 2 / 512, 0.21875])
    # The smallest times three, the next times two, the largest as it is.
    assert [c.p_holm for c in changes] == pytest.approx([2 * 2 / 64, 3 * 2 / 512, 0.21875])


def test_a_larger_p_is_never_corrected_below_a_smaller_one() -> None:
    first, second = compare([discordant(1, 5, metric="a"), discordant(5, 1, metric="b")])
    assert first.p_holm == second.p_holm == pytest.approx(2 * 0.21875)


def test_ids_of_one_run_only_are_left_out_and_counted() -> None:
    given = pairs([1, 0, 1], [1, 1, 1])
    change = one(replace(given, before={**given.before, "gone": 1}, after={**given.after, "new": 0, "newer": 0}))
    assert (change.n, change.unpaired) == (3, 3)
    assert (change.before, change.after) == (pytest.approx(2 / 3), 1.0)


def test_a_significant_drop_blocks() -> None:
    reason = worse(one(discordant(0, 9, same=191)))
    assert reason == "accurate fell by 4.5 points on 200 cases, more than chance explains (Holm p 0.004)"


def test_a_drop_within_the_margin_that_chance_explains_passes() -> None:
    assert worse(CHANGE) is None


def test_a_drop_blocks_while_a_loss_over_the_margin_is_not_ruled_out() -> None:
    reason = worse(replace(CHANGE, low=-0.081))
    assert reason is not None
    assert "accurate fell by 2.0 points" in reason
    assert "a loss of 8.1 points is not ruled out (margin 5.0)" in reason
    assert worse(replace(CHANGE, low=-0.081), margin=0.1) is None


def test_the_margin_itself_is_allowed_and_a_corrected_p_decides() -> None:
    assert worse(one(graded(-0.05, -0.05, -0.05))) is None
    assert worse(replace(CHANGE, p=0.03, p_holm=0.06)) is None
    assert worse(replace(CHANGE, p=0.03, p_holm=0.06), alpha=0.1) is not None


def test_a_gain_or_a_draw_never_blocks() -> None:
    draw = one(discordant(3, 3))
    assert (draw.difference, draw.low < -0.05) == (0, True)
    assert worse(draw) is None
    assert worse(one(discordant(9, 0))) is None
    assert worse(replace(CHANGE, difference=0.02, low=-0.2, p_holm=0.001)) is None


def test_the_table_has_a_row_for_each_metric() -> None:
    given = [discordant(1, 5), discordant(14, 0, metric="typed"), graded(0.0, 0.0)]
    head, rule, *rows = table(compare(given)).splitlines()
    assert len({line.count("|") for line in (head, rule, *rows)}) == 1
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [row[0] for row in cells] == ["accurate", "typed", "facts"]
    assert cells[0][1:6] == ["20", "0", "95.0%", "75.0%", "-20.0"]
    assert cells[0][7:] == ["1", "5", "0.219", "0.438"]
    assert cells[1][9:] == ["< 0.001", "< 0.001"]
    assert cells[2][5:] == ["+0.0", "+0.0 to +0.0", "0", "0", "1.000", "1.000"]


GOOD = pairs([1, 0], [1, 1])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (replace(GOOD, after={"other": 1}), r"accurate: the runs share no case id \(2 before, 1 after\)"),
        (replace(GOOD, before={}, after={}), "share no case id"),
        (replace(GOOD, cluster={"c000": "TX"}), "case 'c001' has no cluster"),
        (replace(GOOD, cluster={"c000": "TX", "c001": "TX"}), "all shared cases are in one cluster"),
        (replace(GOOD, after={"c000": 1, "c001": 0.5}), "case 'c001' of a binary metric must score 0 or 1"),
        (
            replace(GOOD, after={"c000": 1, "c001": math.nan}, binary=False),
            "case 'c001' has a score that is not finite",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(given: Pairs, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compare([given])


def test_no_metric_at_all_is_no_passed_comparison() -> None:
    with pytest.raises(ValueError, match="no metric"):
        compare([])
