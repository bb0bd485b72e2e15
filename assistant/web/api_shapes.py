"""What other programs send and get, beside the Answer JSON of `assistant.contract`; a body is read here, too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.contract import MAX_QUESTION
from assistant.database import storable
from corpus.citations import LONGEST_CITATION

# A question of the longest kind, written in \u escapes, is a fifth of this.
MOST_BYTES = 65_536
# Names of fields are a stranger's words; of those no more is sent back.
_LONGEST_NAME = 40


def _iso(value: object) -> object:
    """Other forms of a date are read by pydantic too, seconds since 1970 among them."""
    if value is None or isinstance(value, dt.date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return dt.date.fromisoformat(value)
    raise ValueError("a day is written YYYY-MM-DD")


Day = Annotated[dt.date | None, BeforeValidator(_iso), Field(description="The day whose law is asked for; today.")]


class Question(BaseModel):
    """One question. With `thread` it is asked in a conversation of the same person, leans on what was said there, and
    is kept there; without, it stands alone, and only the ledger holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    question: str = Field(
        min_length=1,
        max_length=MAX_QUESTION,
        description="In English, in plain words.",
        examples=["Can I import a 1999 Suzuki Carry?"],
    )
    state: str | None = Field(
        default=None, min_length=2, max_length=40, description="A state that the question does not name, such as TX."
    )
    as_of: Day = None
    thread: str | None = Field(
        default=None, min_length=1, max_length=100, description="The id that stands in the chat's address."
    )


class OnDay(BaseModel):
    """What an address may hold; a name that is misspelled would else be answered for another day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Day = None

    @property
    def day(self) -> dt.date:
        """The day that is asked for."""
        return self.as_of or dt.date.today()


class At(OnDay):
    """A citation on a day."""

    citation: str = Field(
        min_length=1,
        max_length=LONGEST_CITATION,
        description="Such as 49 CFR 591.5(i)(1), or the short name of a document.",
        examples=["49 CFR 591.5(i)(1)"],
    )


class Problem(BaseModel):
    """Why it was not done, in words."""

    error: str


class Effective(BaseModel):
    """The days from and until which a statement is in force; null where that is not known, or open."""

    from_: dt.date | None = Field(alias="from")
    until: dt.date | None


class HeldStatement(BaseModel):
    """A statement of the book, in our own words."""

    id: str
    citation: str
    coordinate: str
    place: str
    authority: str
    status: str
    title: str
    url: str
    text: str
    confidence: str
    checked: dt.date | None
    effective: Effective


class Provision(BaseModel):
    """What the book holds at a citation: in force on the day, and for other days or not law (`other_dates`)."""

    citation: str
    coordinate: str
    place: str
    as_of: dt.date
    found: bool
    statements: list[HeldStatement]
    other_dates: list[HeldStatement]
    above: list[HeldStatement]
    official_text: str | None
    official_source: str | None


class StateVerdict(BaseModel):
    """Can a 25-year-old imported kei truck be registered there for the road? Null is what the book does not hold for
    that day; `from` is null where the start is not known."""

    place: str = Field(examples=["US-TX"])
    name: str = Field(examples=["Texas"])
    status: str | None = Field(default=None, examples=["road_legal"])
    confidence: str | None = Field(default=None, examples=["medium"])
    checked: dt.date | None = Field(default=None, description="The day on which the sources were last read.")
    from_: dt.date | None = Field(default=None, alias="from", description="The first day on which it is known to hold.")


class States(BaseModel):
    """The fifty states and D.C., by name."""

    as_of: dt.date
    states: list[StateVerdict]


async def sent(request: Request) -> Question:
    """The question in a request's body. Raises HTTPException 413, 415 or 422, in words that quote nothing of it but the
    name of a field."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send the question as application/json")
    if request.query_params:
        raise HTTPException(422, "the address holds more than /api/ask; send all of it in the body")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"the body is longer than {MOST_BYTES:,} bytes")
    try:
        return Question.model_validate_json(bytes(body))
    except ValidationError as error:
        raise HTTPException(422, wrong(error.errors(include_input=False, include_context=False))) from None


def wrong(errors: Sequence[Any]) -> str:
    """The first of pydantic's errors as words."""
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
    named = storable(where)[:_LONGEST_NAME] or "the body"
    return f"{named}: {first['msg'].removeprefix('Value error, ')}"


def problem(words: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """A refusal; every one has this shape."""
    return JSONResponse({"error": words}, status, headers)
