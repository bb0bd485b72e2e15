"""The form in which a chat model must answer: claims, each with its sources and the words on which it rests.

Read piece by piece, so that a claim can be checked and shown while the next one is still being written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_CLAIMS = 8
# A small model answers "..." where it may.
SHORTEST = 20
_OPENS = re.compile(r'\s*(?:```(?:json)?\s*)?\{\s*"claims"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
# No reply that keeps to the limits of a claim is longer.
LONGEST = 20_000


class BadDraft(ValueError):  # noqa: N818 - says what is the matter
    """A reply that is not in the form that was asked for."""


class Claim(BaseModel):
    """One sentence for the answer: its text, the ids of its sources, and the source's own words that it repeats."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=600)
    sources: list[str] = Field(min_length=1, max_length=4)
    quote: str = Field(min_length=1, max_length=900)


class Draft(BaseModel):
    """The whole reply."""

    model_config = ConfigDict(extra="forbid")

    claims: list[Claim] = Field(max_length=MOST_CLAIMS)


def schema(ids: Iterable[str]) -> dict[str, Any]:
    """The JSON schema of a reply whose sources can be none but these."""
    claim = {
        "type": "object",
        "properties": {
            "sources": {"type": "array", "items": {"type": "string", "enum": list(ids)}, "minItems": 1, "maxItems": 4},
            "quote": {"type": "string", "minLength": SHORTEST},
            "text": {"type": "string", "minLength": SHORTEST},
        },
        "required": ["sources", "quote", "text"],
        "additionalProperties": False,
    }
    claims = {"type": "array", "items": claim, "maxItems": MOST_CLAIMS}
    return {"type": "object", "properties": {"claims": claims}, "required": ["claims"], "additionalProperties": False}


def read(pieces: Iterable[str]) -> Iterator[Claim]:
    """Each claim as soon as it is complete; a reply that breaks off inside one ends before it.

    Raises BadDraft for another form, an unknown key or too long a reply.
    """
    decoder, text, at, found = json.JSONDecoder(), "", -1, 0
    for piece in pieces:
        text += piece
        if len(text) > LONGEST:
            raise BadDraft("too long")
        if at < 0:
            if not (opens := _OPENS.match(text)):
                continue
            at = opens.end()
        while found < MOST_CLAIMS:
            at = _at(_BETWEEN.match(text, at))
            try:
                value, end = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                break  # not whole yet, or the end of the list
            at, found = end, found + 1
            try:
                yield Claim.model_validate(value)
            except ValidationError:
                raise BadDraft("a claim of another form") from None
    if at < 0 and text.strip():
        raise BadDraft("no list of claims")


def _at(match: re.Match[str] | None) -> int:
    assert match is not None  # the pattern matches the empty text too
    return match.end()
