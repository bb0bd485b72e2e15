"""Computed answers: the federal age clocks, the low-speed-vehicle limits and the exemption caps.

The numbers and the statements they rest on are data (`clocks.toml`); the code only does the calendar.
"""

from __future__ import annotations

import calendar
import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.dates import Built
from assistant.memo import Sentence


@dataclass(frozen=True)
class Clock:
    """An age rule: `years` counted by the date of manufacture (`date`) or by calendar year (`calendar_year`)."""

    name: str
    years: int
    counts: str
    rests_on: tuple[str, ...]
    met: str
    unmet: str


@dataclass(frozen=True)
class Reading:
    """A clock read for one vehicle: `earliest` and `latest` bound the first day on which the rule is met.

    They are the same day when the build date is known to the month (its first day) or the rule counts
    calendar years.
    """

    clock: Clock
    built: Built
    earliest: dt.date
    latest: dt.date

    def state(self, day: dt.date) -> str:
        """`met`, `unmet`, or `depends` when only the unknown build day or month decides."""
        if day >= self.latest:
            return "met"
        return "unmet" if day < self.earliest else "depends"


@cache
def rules() -> dict[str, Any]:
    """The tables of `clocks.toml`."""
    return tomllib.loads(Path(__file__).with_name("clocks.toml").read_text("utf-8"))


@cache
def clocks() -> tuple[Clock, ...]:
    """The age clocks in the order in which an answer gives them."""
    return tuple(Clock(**{**row, "rests_on": tuple(row["rests_on"])}) for row in rules()["clock"])


def read(clock: Clock, built: Built) -> Reading:
    """When this vehicle first meets the rule. A month is read as 'some day of that month'."""
    year = built.year + clock.years
    if clock.counts == "calendar_year":
        first = dt.date(year, 1, 1)
        return Reading(clock, built, first, first)
    first_month, last_month = (built.month or 1), (built.month or 12)
    last = dt.date(year, last_month, calendar.monthrange(year, last_month)[1])
    if built.day:  # someone born on February 29 is 25 on February 28 or March 1; the later day is the safe one
        exact = dt.date(year, first_month, built.day) if built.day <= last.day else last + dt.timedelta(days=1)
        return Reading(clock, built, exact, exact)
    return Reading(clock, built, dt.date(year, first_month, 1), last)


def month_name(day: dt.date) -> str:
    """2027-03-01 as "March 2027"."""
    return f"{calendar.month_name[day.month]} {day.year}"


def built_name(built: Built) -> str:
    """ "in 2002", "in March 2002" or "on March 3, 2002"."""
    month = f"{calendar.month_name[built.month]} " if built.month else ""
    return f"on {month}{built.day}, {built.year}" if built.day else f"in {month}{built.year}"


def day_name(day: dt.date) -> str:
    """2027-03-04 as "March 4, 2027"."""
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def sentence(reading: Reading, day: dt.date) -> Sentence:
    """The reading as one sentence, worded by the clock's own `met` and `unmet` texts."""
    clock, built = reading.clock, reading.built
    if clock.counts == "calendar_year":
        when = day_name(reading.earliest)
    elif built.day:
        when = f"on {day_name(reading.earliest)}"
    elif built.month:
        when = f"in {month_name(reading.earliest)}, on the anniversary of the day it was built"
    else:
        when = f"between {month_name(reading.earliest)} and {month_name(reading.latest)}, depending on the build month"
    text = clock.met if reading.state(day) == "met" else clock.unmet
    given = {str(built.year), str(reading.earliest.year), str(reading.latest.year), str(clock.years)}
    given |= {str(built.day), str(reading.earliest.day)} if built.day else set()
    given |= {str(reading.earliest.day)} if clock.counts == "calendar_year" else set()
    words = {calendar.month_name[d.month] for d in (reading.earliest, reading.latest)}
    words |= {calendar.month_name[built.month]} if built.month else set()
    return Sentence(
        text.format(built=built_name(built), when=when, years=clock.years),
        clock.rests_on,
        frozenset(given | words),
    )


def answer(reading: Reading, day: dt.date, *, owes: bool = False) -> Sentence:
    """The reading with its outcome, for a question about this clock alone; `owes` when it asks whether something is
    due, and not whether the vehicle is old enough."""
    said = sentence(reading, day)
    lead = {"met": "Yes, by this clock it is old enough. ", "unmet": "Not yet: by this clock it is too young. "}
    if owes:
        lead = {"met": "No: by this clock it is old enough. ", "unmet": "Yes: by this clock it is too young. "}
    return Sentence(f"{lead.get(reading.state(day), '')}{said.text}", said.rests_on, said.given, computed=True)


def exemption(vehicles: int, *, production: bool = False) -> tuple[Sentence, ...]:
    """What a number of vehicles means for the two routes of 49 U.S.C. 30113(d).

    `production`: the number is the maker's total production, which only the hardship route limits.
    """
    caps = rules()["exemption"]
    if production:
        key = "hardship_misses" if vehicles > caps["hardship"] else "hardship_fits"
    else:
        key = "over_both" if vehicles > caps["hardship"] else "over_sales" if vehicles > caps["sales"] else "within"
    given = frozenset({str(vehicles), f"{vehicles:,}"})
    return tuple(
        Sentence(row["text"].format(vehicles=f"{vehicles:,}"), tuple(row["rests_on"]), given) for row in caps[key]
    )


def low_speed(figures: dict[str, int]) -> tuple[Sentence, ...]:
    """The low-speed test of 49 CFR 571.3(b) for a top speed and a weight rating; empty unless a figure decides."""
    rule = rules()["low_speed"]
    mph, pounds = figures.get("mph"), figures.get("lb")
    if pounds is None and "kg" in figures:
        pounds = round(figures["kg"] / 0.45359237)
    speed = mph is None or rule["over_mph"] < mph <= rule["most_mph"]
    weight = pounds is None or pounds < rule["under_lb"]
    if (speed and weight) and (mph is None or pounds is None):
        return ()
    said = " and ".join(f"{value:,} {unit}" for value, unit in ((mph, "mph"), (pounds, "lb")) if value is not None)
    text = rule["fits" if speed and weight else "misses"].format(said=said)
    return (Sentence(text, tuple(rule["rests_on"]), frozenset({str(mph), str(pounds)})),)


def amount(name: str, figures: dict[str, int]) -> tuple[Sentence, ...]:
    """A sum that follows from a figure of the question ("six trucks", "$3,600"); empty without the figure."""
    rule = rules()["amount"][name]
    figure = figures.get(rule["figure"])
    if not figure:
        return ()
    total = figure * rule["each"] if "each" in rule else figure * rule["percent"] / 100
    shown = f"{total:,.2f}".removesuffix(".00")
    text = rule["text"].format(figure=f"{figure:,}", amount=shown)
    return (Sentence(text, tuple(rule["rests_on"]), frozenset({str(figure), shown})),)
