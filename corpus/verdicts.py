"""The nouns of a place: its dated verdicts with findings, limits and conditions, and the conflicts of its sources."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from corpus.law import Confidence, Effective, Noun, Provision, Rested, Text


class Registration(StrEnum):
    """Can a 25-year-old imported kei truck be newly registered for ordinary road use?"""

    ROAD_LEGAL = "road_legal"
    ANTIQUE_ONLY = "road_legal_antique_only"
    RESTRICTED = "restricted"
    LOCAL_ONLY = "off_road_or_local_only"
    PROHIBITED = "prohibited"
    UNCLEAR = "unclear"


class ConditionKind(StrEnum):
    """What a state's condition is about, so that a question can ask for just that."""

    AGE = "age"
    ROADS = "roads"
    SIZE = "size"
    EQUIPMENT = "equipment"
    PAPERWORK = "paperwork"
    INSURANCE = "insurance"
    INSPECTION = "inspection"
    EMISSIONS = "emissions"
    FEE = "fee"
    USE = "use"
    LOCAL = "local"
    LICENCE = "licence"
    EXCEPTION = "exception"
    HISTORY = "history"
    COMING = "coming"


class Condition(Rested):
    """A condition, exception or limit on a place's verdict."""

    kind: ConditionKind


class Says(StrEnum):
    """The answer to a yes-or-no question about the law."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
    UNCLEAR = "unclear"


def _yes_or_no(value: object) -> object:
    """YAML reads a bare yes as true."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class Finding(Noun):
    """A place's answer to a standing question: has it an age rule of its own, or does it limit the roads?

    `text` goes on after the opening word, in full sentences. Without `rests_on` it only tells what the book lacks.
    """

    kind: Literal[ConditionKind.AGE, ConditionKind.ROADS]
    says: Annotated[Says, BeforeValidator(_yes_or_no)]
    text: Text
    rests_on: tuple[Text, ...] = ()


class Measure(StrEnum):
    """What of a vehicle or of a road a limit measures, with its unit."""

    ENGINE_CC = "engine_cc"
    LENGTH_IN = "length_in"
    WIDTH_IN = "width_in"
    HEIGHT_IN = "height_in"
    WEIGHT_LB = "weight_lb"
    GROSS_LB = "gross_lb"
    TOP_MPH = "top_mph"
    ROAD_MPH = "road_mph"


class Limit(Noun):
    """A figure that a class of vehicle must keep to (or, for `road_mph`, a road it may use).

    `least` and `most` are allowed themselves, `over` and `under` are not. `of` names the class, as in "North
    Carolina's mini-truck class". WEIGHT_LB is the vehicle's own weight (dry, unladen or curb, as `of` says),
    GROSS_LB the gross vehicle weight rating.
    """

    measure: Measure
    least: float | None = None
    most: float | None = None
    over: float | None = None
    under: float | None = None
    of: Text
    rests_on: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.least is self.most is self.over is self.under is None:
            raise ValueError("a limit has at least one bound")
        return self

    def holds(self, value: float) -> bool:
        """Whether a figure keeps to the limit."""
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.over is None or value > self.over)
            and (self.under is None or value < self.under)
        )


class Verdict(Noun):
    """A place's answer for a period. `headline` is what a client is told first."""

    registration: Registration
    confidence: Confidence
    effective: Effective
    checked: dt.date
    headline: tuple[Rested, ...] = Field(min_length=1)
    findings: tuple[Finding, ...] = ()
    limits: tuple[Limit, ...] = ()
    conditions: tuple[Condition, ...] = ()
    unconfirmed: tuple[Text, ...] = ()

    def finding(self, kind: ConditionKind) -> Finding | None:
        """The answer to the standing question of this kind, or None when it was not looked into."""
        return next((f for f in self.findings if f.kind is kind), None)


class Side(Noun):
    """One side of a conflict: what it says, and the citation or page that says it."""

    says: Text
    citation: Text


class Conflict(Noun):
    """Sources that disagree. Both sides are shown; `rests_on` names statements of the book, if any."""

    text: Text
    sides: tuple[Side, ...] = Field(min_length=1)
    rests_on: tuple[Text, ...] = ()


class Place(Noun):
    """A jurisdiction with its verdicts, oldest first, its conflicts and its provisions."""

    code: Text
    name: Text
    verdicts: tuple[Verdict, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    provisions: tuple[Provision, ...]

    def verdict(self, day: dt.date) -> Verdict | None:
        """The verdict in force on that day, or None when the book holds none for it."""
        held = [v for v in self.verdicts if v.effective.covers(day)]
        return held[-1] if held else None
