"""Figures in a question are read with their units, and held against a state's limits the right way round."""

from __future__ import annotations

import pytest

from assistant.figures import figures, measures
from corpus.verdicts import Limit, Measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What duty on a $3.5k kei truck?", {"usd": 3500}),
        ("a fine of $1.5 million", {"usd": 1_500_000}),
        ("dutiable value five grand", {"usd": 5000}),
        ("2.5k vehicles a year", {"vehicles": 2500}),
        ("six 2015 kei trucks", {"vehicles": 6}),
        ("two 2015 trucks and a van", {"vehicles": 2}),
        ("a 2015 kei truck", {}),
        ("half a dozen trucks", {"vehicles": 6}),
    ],
)
def test_figures(text: str, expected: dict[str, int]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("128 in long and 58 in wide", {Measure.LENGTH_IN: 128, Measure.WIDTH_IN: 58}),
        ("Does Florida let me drive on a 45 mph road?", {Measure.ROAD_MPH: 45}),
        ("mine does 70 mph, the road is a 55 mph road", {Measure.TOP_MPH: 70, Measure.ROAD_MPH: 55}),
        ("a road posted 50", {Measure.ROAD_MPH: 50}),
        ("top speed of 48 mph", {Measure.TOP_MPH: 48}),
        ("our 1.3L", {Measure.ENGINE_CC: 1300}),
        ("a one-litre engine", {Measure.ENGINE_CC: 1000}),
        ("GVWR 1,350 kg", {Measure.GROSS_LB: 2976}),
        ("1,650 lb dry", {Measure.WEIGHT_LB: 1650}),
    ],
)
def test_measures(text: str, expected: dict[Measure, float]) -> None:
    assert measures(text) == expected


@pytest.mark.parametrize(
    ("bound", "inside", "outside"),
    [({"most": 130}, 130, 130.5), ({"least": 48}, 48, 47), ({"over": 1500}, 1501, 1500), ({"under": 3000}, 2999, 3000)],
)
def test_a_limit_holds_to_its_words(bound: dict[str, float], inside: float, outside: float) -> None:
    limit = Limit.model_validate({"measure": "weight_lb", "of": "a class", "rests_on": ("x",), **bound})
    assert limit.holds(inside)
    assert not limit.holds(outside)


def test_a_limit_without_a_bound_is_an_error() -> None:
    with pytest.raises(ValueError, match="bound"):
        Limit.model_validate({"measure": "weight_lb", "of": "a class", "rests_on": ("x",)})
