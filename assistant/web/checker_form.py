"""The form of the import checker: what was typed, read into a vehicle, with a word beside each field that cannot be."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from assistant.dates import Built
from assistant.eligibility import built_name, day_name, month_name
from corpus.verdicts import Measure

# Fields longer than this hold no figure and no date.
LONGEST = 40
EARLIEST = 1950
# The days of import for which a picture can be drawn.
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
MONTHS = tuple(month_name(dt.date(2000, n, 1)).removesuffix(" 2000") for n in range(1, 13))
# Field, what it measures, its unit, how people write that, and the most that is believed.
MEASURED: Mapping[str, tuple[Measure, str, str, int]] = {
    "cc": (Measure.ENGINE_CC, "cc", r"cc|cm3", 10_000),
    "mph": (Measure.TOP_MPH, "mph", r"mph", 200),
    "weight": (Measure.WEIGHT_LB, "lb", r"lbs?\.?|pounds?", 30_000),
    "gross": (Measure.GROSS_LB, "lb", r"lbs?\.?|pounds?", 30_000),
}


@dataclass(frozen=True)
class Typed:
    """The fields as they were typed; an empty one was left out."""

    year: str = ""
    month: str = ""
    day: str = ""
    condition: str = "used"
    use: str = "road"
    state: str = ""
    on: str = ""
    cc: str = ""
    mph: str = ""
    weight: str = ""
    gross: str = ""


@dataclass(frozen=True)
class Vehicle:
    """What is checked. `built` is None only for a new vehicle whose build date was not given; `place` is a code of the
    book ("US-TX") or None; `figures` are in the units of `Measure`; `day` is the day of import."""

    built: Built | None
    new: bool
    use: str
    place: str | None
    day: dt.date
    figures: Mapping[Measure, int] = field(default_factory=dict)


@cache
def table() -> dict[str, Any]:
    """The tables of `checker.toml`."""
    return tomllib.loads(Path(__file__).with_name("checker.toml").read_text("utf-8"))


def read(typed: Typed, places: Container[str], today: dt.date) -> tuple[Vehicle | None, dict[str, str]]:
    """The vehicle, or None with what is wrong by field, in the order of the form."""
    wrong: dict[str, str] = {}
    day = _day(typed.on, today, wrong)
    new = typed.condition == "new"
    if typed.condition not in ("new", "used"):
        wrong["condition"] = "Choose new or used."
    if typed.use not in table()["uses"]:
        wrong["use"] = "Choose one of the uses in the list."
    if typed.state and typed.state not in places:
        wrong["state"] = "Choose a state from the list, or none."
    built = _built(typed, new, day, wrong)
    figures = {m: v for name, (m, *_) in MEASURED.items() if (v := _figure(name, typed, wrong)) is not None}
    if wrong:
        return None, {name: wrong[name] for name in vars(typed) if name in wrong}
    return Vehicle(built, new, typed.use, typed.state or None, day, figures), {}


def described(vehicle: Vehicle, place: str | None) -> str:
    """What is checked, in a sentence: "A used vehicle built in May 1999, to be used on public roads in Texas, …"."""
    built = f" built {built_name(vehicle.built)}" if vehicle.built else ""
    where = f" in {place}" if place else ""
    kind = "new" if vehicle.new else "used"
    use = table()["uses"][vehicle.use]
    return f"A {kind} vehicle{built}, to be used {use}{where}, imported on {day_name(vehicle.day)}."


def entered(vehicle: Vehicle, place: str | None) -> tuple[tuple[str, str], ...]:
    """The fields of the form with what was read from each; those left empty are not named."""
    labels = table()["labels"]
    built = built_name(vehicle.built).partition(" ")[2] if vehicle.built else "not given"
    figures = (
        (labels[name], f"{vehicle.figures[measure]:,} {unit}")
        for name, (measure, unit, *_) in MEASURED.items()
        if measure in vehicle.figures
    )
    return (
        ("Built", built),
        (labels["condition"], "new" if vehicle.new else "used"),
        (labels["use"], table()["uses"][vehicle.use]),
        *(((labels["state"], place),) if place else ()),
        (labels["on"], day_name(vehicle.day)),
        *figures,
    )


def _day(text: str, today: dt.date, wrong: dict[str, str]) -> dt.date:
    if not text.strip():
        return today
    try:
        day = dt.date.fromisoformat(text.strip()[:LONGEST])
    except ValueError:
        wrong["on"] = "This is no date; write it as 2027-03-15, or leave it empty for today."
        return today
    if not FIRST_DAY <= day <= LAST_DAY:
        wrong["on"] = f"Write a day between {FIRST_DAY} and {LAST_DAY}."
    return day


def _built(typed: Typed, new: bool, day: dt.date, wrong: dict[str, str]) -> Built | None:
    if not typed.year.strip():
        if typed.month or typed.day:
            wrong["year"] = "Write the year too, such as 1999."
        elif not new:
            wrong["year"] = "Write the year in which it was built, such as 1999."
        return None
    year = _number(typed.year)
    if year is None or not EARLIEST <= year <= day.year:
        wrong["year"] = f"Write the build year in four figures, between {EARLIEST} and {day.year}."
    month, on = _number(typed.month), _number(typed.day)
    if typed.month.strip() and (month is None or not 1 <= month <= 12):
        wrong["month"] = "Choose a month from the list, or none."
    if typed.day.strip() and (on is None or not 1 <= on <= 31):
        wrong["day"] = "Write the day as a figure from 1 to 31, or leave it empty."
    elif on and not typed.month.strip():
        wrong["month"] = "Choose the month too, or leave the day empty."
    if year is None or {"year", "month", "day"} & set(wrong):
        return None
    try:
        first = dt.date(year, month or 1, on or 1)
    except ValueError:
        wrong["day"] = f"{MONTHS[(month or 1) - 1]} {year} has no day {on}."
        return None
    if first > day:
        wrong["month" if month else "year"] = f"It cannot have been built after the day of import, {day}."
    return Built(year, month, on)


def _figure(name: str, typed: Typed, wrong: dict[str, str]) -> int | None:
    text = getattr(typed, name).strip()
    if not text:
        return None
    *_, unit, most = MEASURED[name]
    read = re.fullmatch(rf"([0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,6}})\s?(?:{unit})?", text[:LONGEST], re.I)
    value = int(read[1].replace(",", "")) if read else 0
    if not 0 < value <= most:
        wrong[name] = f"Write a whole figure up to {most:,}, or leave it empty."
    return value


def _number(text: str) -> int | None:
    """A whole number in plain figures; None for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text := text.strip()) else None
