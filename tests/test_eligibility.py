"""The clocks to the month and to the calendar year, and the caps of the exemptions."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant import eligibility
from assistant.dates import Built
from assistant.verify import fault
from corpus.library import Library

SAFETY, EMISSIONS, TARIFF = eligibility.clocks()


@pytest.mark.parametrize(
    ("built", "day", "state"),
    [
        (Built(2002, 3), dt.date(2027, 2, 28), "unmet"),
        (Built(2002, 3), dt.date(2027, 3, 1), "depends"),
        (Built(2002, 3), dt.date(2027, 3, 31), "met"),
        (Built(2001), dt.date(2025, 12, 31), "unmet"),
        (Built(2001), dt.date(2026, 11, 24), "depends"),
        (Built(2001), dt.date(2026, 12, 31), "met"),
        (Built(2000, 2), dt.date(2025, 2, 28), "met"),
        (Built(1999), dt.date(2026, 11, 24), "met"),
        (Built(2003), dt.date(2026, 11, 24), "unmet"),
        (Built(2001, 11, 24), dt.date(2026, 11, 24), "met"),
        (Built(2001, 11, 25), dt.date(2026, 11, 24), "unmet"),
        (Built(2000, 2, 29), dt.date(2025, 2, 28), "unmet"),
        (Built(2000, 2, 29), dt.date(2025, 3, 1), "met"),
    ],
)
def test_the_safety_clock_counts_from_the_build_date(built: Built, day: dt.date, state: str) -> None:
    assert eligibility.read(SAFETY, built).state(day) == state


@pytest.mark.parametrize(("year", "emissions", "tariff"), [(2002, 2023, 2027), (1999, 2020, 2024), (2005, 2026, 2030)])
def test_the_other_clocks_count_calendar_years(year: int, emissions: int, tariff: int) -> None:
    for clock, met in ((EMISSIONS, emissions), (TARIFF, tariff)):
        for month in (None, 1, 12):
            reading = eligibility.read(clock, Built(year, month))
            assert (reading.earliest, reading.latest) == (dt.date(met, 1, 1), dt.date(met, 1, 1))


def test_an_unknown_month_gives_both_ends() -> None:
    text = eligibility.sentence(eligibility.read(SAFETY, Built(2002)), dt.date(2026, 11, 24)).text
    assert "between January 2027 and December 2027" in text


@pytest.mark.parametrize("vehicles", [1, 2500, 2501, 10_000, 10_001, 1_000_000])
def test_the_caps_of_an_exemption(library: Library, vehicles: int) -> None:
    sentences = eligibility.exemption(vehicles)
    assert sentences[0].text.startswith("No exemption") is (vehicles > 2500)
    assert f"{vehicles:,}" in sentences[0].text
    assert [fault(s, library) for s in sentences] == [None] * len(sentences)


@pytest.mark.parametrize(("vehicles", "fits"), [(9_400, True), (10_000, True), (10_001, False)])
def test_total_production_is_measured_by_the_hardship_limit(library: Library, vehicles: int, fits: bool) -> None:
    (said,) = eligibility.exemption(vehicles, production=True)
    assert said.text.startswith("Yes") is fits
    assert fault(said, library, decides=True) is None


@pytest.mark.parametrize(
    ("figures", "fits"),
    [
        ({"mph": 24, "kg": 1350}, True),
        ({"mph": 25, "lb": 2999}, True),
        ({"mph": 25, "lb": 3000}, False),
        ({"mph": 18, "lb": 1900}, False),
        ({"mph": 20, "lb": 1900}, False),
        ({"mph": 26}, False),
        ({"lb": 3500}, False),
        ({"mph": 25}, None),
        ({}, None),
    ],
)
def test_the_low_speed_limits(library: Library, figures: dict[str, int], fits: bool | None) -> None:
    said = eligibility.low_speed(figures)
    assert [s.text.startswith("Yes, by the numbers given") for s in said] == ([] if fits is None else [fits])
    assert [fault(s, library, decides=True) for s in said] == [None] * len(said)


@pytest.mark.parametrize(
    ("name", "figures", "sum_"),
    [
        ("penalty", {"vehicles": 6}, "$167,244"),
        ("bond", {"usd": 5_000}, "$7,500"),
        ("duty", {"usd": 3_600}, "$900"),
        ("duty", {"usd": 3_333}, "$833.25"),
        ("duty", {}, None),
    ],
)
def test_sums_follow_from_the_figure(library: Library, name: str, figures: dict[str, int], sum_: str | None) -> None:
    said = eligibility.amount(name, figures)
    assert bool(said) is (sum_ is not None)
    for sentence in said:
        assert sum_ is not None
        assert sum_ in sentence.text
        assert fault(sentence, library, decides=True) is None


@pytest.mark.parametrize("year", range(1985, 2027))
def test_every_reading_is_borne_by_its_rule(library: Library, year: int) -> None:
    for month in (None, 5):
        for clock in eligibility.clocks():
            sentence = eligibility.sentence(eligibility.read(clock, Built(year, month)), dt.date(2026, 11, 24))
            assert fault(sentence, library, decides=True) is None


def test_every_id_of_the_tables_is_in_the_book(library: Library) -> None:
    rules = eligibility.rules()
    ids = [*rules["importing"]["entry"], *rules["importing"]["younger"]]
    for group in (rules["importing"], rules["exemption"]):
        ids += [
            i
            for rows in group.values()
            if isinstance(rows, list) and rows and isinstance(rows[0], dict)
            for r in rows
            for i in r["rests_on"]
        ]
    ids += [*rules["low_speed"]["rests_on"], *(i for row in rules["amount"].values() for i in row["rests_on"])]
    assert set(ids) <= set(library.statements)
