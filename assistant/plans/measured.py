"""Figures of the question held against the limits of a state's class, as its verdict gives them."""

from __future__ import annotations

import re

from assistant.figures import measures
from assistant.memo import Research, Sentence
from assistant.vocabulary import any_of
from corpus.verdicts import Limit, Measure, Verdict

NAMES = {
    Measure.ENGINE_CC: ("an engine of {} cc", "cc"),
    Measure.LENGTH_IN: ("a length of {} inches", "inches"),
    Measure.WIDTH_IN: ("a width of {} inches", "inches"),
    Measure.HEIGHT_IN: ("a height of {} inches", "inches"),
    Measure.WEIGHT_LB: ("a weight of {} lb", "lb"),
    Measure.GROSS_LB: ("a gross weight rating of {} lb", "lb"),
    Measure.TOP_MPH: ("a top speed of {} mph", "mph"),
    Measure.ROAD_MPH: ("a road posted at {} mph", "mph"),
}
MEASURED = {
    Measure.ENGINE_CC: "an engine of",
    Measure.LENGTH_IN: "a length of",
    Measure.WIDTH_IN: "a width of",
    Measure.HEIGHT_IN: "a height of",
    Measure.WEIGHT_LB: "a weight of",
    Measure.GROSS_LB: "a gross weight rating of",
    Measure.TOP_MPH: "a top speed of",
}
BOUNDS = (("least", "at least {}"), ("most", "at most {}"), ("over", "more than {}"), ("under", "less than {}"))
# A question that asks whether the figure shuts the vehicle out is answered the other way round.
_SHUT_OUT = re.compile(
    r"\b(?:out of luck|exclud\w+|rules? (?:it |us |that )?out|too (?:big|long|heavy|wide|tall|large|fast|high)|"
    r"keep (?:it|us|a|my|our)\b.{0,40}\bout|disqualif\w+|fail\w*|illegal|over the limit|not (?:fit|qualify|allowed))\b",
    re.I,
)
# The clause that holds the figure decides which way round it is asked; "it failed inspection" elsewhere does not.
_CLAUSES = re.compile(r"(?<=[.?!;])\s+")


def measured(research: Research, verdict: Verdict) -> tuple[Sentence, ...]:
    """One sentence a figure that the verdict limits: whether it keeps to the limit, what the limit is."""
    asked = measures(research.asked.words)
    limits = [(one, asked[one.measure]) for one in verdict.limits if one.measure in asked]
    shut = any(_SHUT_OUT.search(s) for s in _CLAUSES.split(research.asked.words) if measures(s))
    return tuple(_told(limit, value, opens=limit.holds(value) != shut) for limit, value in limits)


def agree(research: Research, verdicts: tuple[Verdict, ...]) -> tuple[Sentence, ...]:
    """For "do they measure it the same way?": whether the places' limits on the vehicle itself are the same figures."""
    asked = (
        any_of("comparing", "same").search(research.asked.words),
        any_of("comparing", "differ").search(research.asked.words),
    )
    held = [{one.measure: one for one in v.limits if one.measure is not Measure.ROAD_MPH} for v in verdicts]
    if not any(asked) or "size" not in research.asked.kinds or len(held) < 2 or not all(held):
        return ()
    common = [m for m in held[0] if all(m in one for one in held)]
    alike = [m for m in common if len({bounds(one[m]) for one in held}) == 1]
    rests = tuple(dict.fromkeys(i for one in held for m in common for i in one[m].rests_on))
    if not common:
        return ()
    same = alike == common
    opening = "Yes" if same == bool(asked[0]) else "No"
    figures = "; ".join(f"{MEASURED[m]} {bounds(held[0][m])}" for m in alike)
    told = f"{opening}, {'the same figures' if same else 'not all figures are the same'}: {figures or 'none'}."
    return (Sentence(told, rests, computed=True),)


def _told(limit: Limit, value: float, *, opens: bool) -> Sentence:
    name, _ = NAMES[limit.measure]
    lies = "is within" if limit.holds(value) else "is outside"
    text = (
        f"{'Yes' if opens else 'No'}, by that figure: {name.format(_number(value))} {lies} the limit of {limit.of}, "
        f"which is {bounds(limit)}."
    )
    return Sentence(text, limit.rests_on, frozenset({_number(value)}), computed=True)


def bounds(limit: Limit) -> str:
    """The limit in words: "at most 660 cc"."""
    held = (words.format(_number(bound)) for field, words in BOUNDS if (bound := getattr(limit, field)) is not None)
    return f"{' and '.join(held)} {NAMES[limit.measure][1]}"


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
