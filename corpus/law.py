"""The nouns of the book: authority, status, statement, provision, verdict, place.

Everything here is frozen and free of side effects. A *digest* is one YAML file
(`corpus/digests/`); `corpus.digests` reads it into these nouns and names the
file and line of anything it cannot accept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Noun(BaseModel):
    """A frozen record in which an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Authority(StrEnum):
    """Kinds of source, highest first; `rank` orders them (0 decides over 1, and so on)."""

    CONSTITUTION = "constitution"
    STATUTE = "statute"
    TARIFF = "tariff"
    REGULATION = "regulation"
    CASE = "case"
    INTERPRETATION = "interpretation"
    GUIDANCE = "guidance"
    FORM = "form"
    POLICY = "policy"
    BILL = "bill"
    ALERT = "alert"
    OVERVIEW = "overview"

    @property
    def rank(self) -> int:
        """0 for the highest authority. The tariff schedule ranks with the statutes it is part of."""
        return _RANK[self]

    @property
    def is_law(self) -> bool:
        """True for sources that bind by themselves; a bill, a remark or an alert never does."""
        return self.rank <= _RANK[Authority.CASE]


_RANK: dict[Authority, int] = {
    Authority.CONSTITUTION: 0,
    Authority.STATUTE: 1,
    Authority.TARIFF: 1,
    Authority.REGULATION: 2,
    Authority.CASE: 2,
    Authority.INTERPRETATION: 3,
    Authority.GUIDANCE: 4,
    Authority.FORM: 4,
    Authority.POLICY: 4,
    Authority.BILL: 5,
    Authority.ALERT: 6,
    Authority.OVERVIEW: 7,
}


class Status(StrEnum):
    """Where a provision stands. Only `in_force` is law; dates decide since when and until when."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    PROPOSED = "proposed"
    NOT_ENACTED = "not_enacted"
    VETOED = "vetoed"
    REPEALED = "repealed"
    SUPERSEDED = "superseded"


class Confidence(StrEnum):
    """How well a statement is supported by a text that was actually read."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNCONFIRMED = "unconfirmed"

    @property
    def decides(self) -> bool:
        """Whether a yes or no may rest on it alone (`low` and `unconfirmed` never do)."""
        return self in (Confidence.HIGH, Confidence.MEDIUM)


class Registration(StrEnum):
    """Can a 25-year-old imported kei truck be newly registered for ordinary road use?"""

    ROAD_LEGAL = "road_legal"
    ANTIQUE_ONLY = "road_legal_antique_only"
    RESTRICTED = "restricted"
    LOCAL_ONLY = "off_road_or_local_only"
    PROHIBITED = "prohibited"
    UNCLEAR = "unclear"


class Effective(Noun):
    """When a rule speaks: from (inclusive) and until (exclusive). None is *unknown* or *open*."""

    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.from_ and self.until and self.until <= self.from_:
            raise ValueError(f"effective.until {self.until} is not after effective.from {self.from_}")
        return self

    def covers(self, day: dt.date) -> bool:
        """True unless the day is known to lie outside the period."""
        return not (self.from_ and day < self.from_) and not (self.until and day >= self.until)


class Statement(Noun):
    """One thing the law says, in our own words, at one pinpoint.

    `id` is stable and unique in the book (`usc-30112b.9`): answers, plans and sign-offs name it.
    The other fields are already resolved from the record it stands in.
    """

    id: Text
    coordinate: Text
    citation: Text
    place: Text
    authority: Authority
    status: Status
    title: Text
    url: Text
    text: Text
    confidence: Confidence
    topics: tuple[str, ...]
    effective: Effective
    checked: dt.date | None
    record: Text

    @property
    def hash(self) -> str:
        """sha256 of what a reviewer signs: pinpoint, text, dates and standing."""
        signed = (self.coordinate, self.text, self.status, self.confidence, str(self.effective))
        return hashlib.sha256("\n".join(signed).encode()).hexdigest()

    def in_force(self, day: dt.date) -> bool:
        """True when the rule is law (or live policy) on that day, as far as the book knows."""
        return self.status is Status.IN_FORCE and self.effective.covers(day)


class Provision(Noun):
    """One record of the book: an instrument, or a group of provisions of one instrument."""

    id: Text
    coordinate: Text
    citation: Text
    title: Text
    place: Text
    authority: Authority
    status: Status
    url: Text
    effective: Effective
    checked: dt.date | None
    statements: tuple[Statement, ...]
    related: tuple[str, ...]
    aliases: tuple[str, ...]


class Rested(Noun):
    """A sentence of ours and the ids of the statements it rests on."""

    text: Text
    rests_on: tuple[Text, ...] = Field(min_length=1)


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


class Verdict(Noun):
    """A place's answer for a period. `headline` is what a client is told first."""

    registration: Registration
    confidence: Confidence
    effective: Effective
    checked: dt.date
    headline: tuple[Rested, ...] = Field(min_length=1)
    conditions: tuple[Condition, ...] = ()
    unconfirmed: tuple[Text, ...] = ()


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
