"""The nouns of the book: authority, status, statement, provision. What a place decides is in `corpus.verdicts`.

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
        dates = f"{self.effective.from_}/{self.effective.until}"
        signed = (self.coordinate, self.citation, self.text, self.status, self.confidence, dates)
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
