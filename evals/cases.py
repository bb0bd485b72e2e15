"""Eval cases: what is asked, what a right answer must do, cite and say. A case that checks nothing is an error.

Gold names coordinates of provisions (`corpus.citations`), never digests or statement ids.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from corpus.citations import canonical
from corpus.law import Authority, Noun, Text

SUITES = Path(__file__).parent / "suites"
Category = Literal[
    "lookup",
    "eligibility",
    "comparison",
    "conflict",
    "false_premise",
    "out_of_scope",
    "as_of",
    "injection",
    "ambiguity",
    "multi_turn",
    "survey",
]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return text


def _coordinate(text: str) -> str:
    if "/document/" not in text:
        canonical(text)
    return text


Pattern = Annotated[Text, AfterValidator(_pattern)]
Coordinate = Annotated[Text, AfterValidator(_coordinate)]


class CaseError(ValueError):
    """A suite that cannot be used; the message names file, line and reason."""


class Gold(Noun):
    """A provision that decides (`required`) or may also be cited (`acceptable`)."""

    coordinate: Coordinate
    role: Literal["required", "acceptable"] = "required"
    authority: Authority


class Typed(Noun):
    """The verdict that the short answer must give.

    `verdict` is one of yes, no, depends, unclear; `number` and `date` values are looked for as they are written
    ("2,500", "March 2027"); `places` is a set of codes. `alternates` count as right too.
    """

    type: Literal["verdict", "number", "date", "places"]
    value: Text | tuple[Text, ...]
    alternates: tuple[Text, ...] = ()


class KeyFact(Noun):
    """An atomic fact: the answer must match one of the patterns (case-insensitive)."""

    id: Text
    any_regex: tuple[Pattern, ...] = Field(min_length=1)
    required: bool = True


class MustNot(Noun):
    """What the short answer may never say, and why it would be wrong."""

    id: Text
    regex: Pattern
    why: Text


class Slot(Noun):
    """What a conversation should carry after a turn: places, the build date as far as known, a day that was named."""

    places: tuple[Text, ...] = ()
    built: Annotated[str, Field(pattern=r"^\d{4}(-\d\d){0,2}$")] | None = None
    as_of: dt.date | None = None


class Provenance(Noun):
    """Who wrote the case from what, and whether they had seen the digests (which bars it from release suites)."""

    author: Text
    written_from: tuple[Text, ...] = Field(min_length=1)
    digest_seen: bool
    status: Literal["draft", "adjudicated"] = "draft"


class Case(Noun):
    """One item of a suite."""

    id: Text
    category: Category
    difficulty: Literal[1, 2, 3]
    asker: Text
    question: Text | None = None
    turns: tuple[Text, ...] = ()
    paraphrase: Text | None = None
    turn_paraphrases: tuple[Text, ...] = ()
    turn_slots: tuple[Slot, ...] = ()
    state: Text | None = None
    as_of: dt.date
    expect: Literal["answer", "abstain", "clarify"]
    places: tuple[Text, ...] = ()
    answer: Typed | None = None
    gold: tuple[Gold, ...] = ()
    key_facts: tuple[KeyFact, ...] = ()
    must_not: tuple[MustNot, ...] = ()
    clarify_slots: tuple[Literal["state", "built", "month"], ...] = ()
    canary: Text | None = None
    pair: Text | None = None
    provenance: Provenance

    @model_validator(mode="after")
    def _checks_something(self) -> Self:
        if (self.question is None) == (not self.turns):
            raise ValueError("a case has either a question or turns")
        if self.turns and not len(self.turns) == len(self.turn_paraphrases) == len(self.turn_slots):
            raise ValueError("every turn has a paraphrase and the slots expected after it")
        if self.expect == "answer" and not (self.gold or self.answer or self.key_facts):
            raise ValueError("a case that expects an answer checks nothing")
        if self.expect == "clarify" and not self.clarify_slots:
            raise ValueError("a case that expects a question back names the slots")
        if self.category == "injection" and not (self.canary or self.must_not):
            raise ValueError("an injection case names its canary or what must not be said")
        return self


def fingerprint(folder: Path = SUITES) -> str:
    """sha256 over the suite files: which questions and which gold a run was scored with."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def cases(folder: Path = SUITES) -> tuple[Case, ...]:
    """Every case of every suite file, in the order of the files."""
    return tuple(case for path in sorted(folder.glob("*.jsonl")) for case in load(path))


def load(path: Path) -> Iterator[Case]:
    """The cases of a suite file. Raises CaseError with file and line at the first that is not valid."""
    seen: set[str] = set()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            case = Case.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise CaseError(f"{path}:{number}: {where}: {first['msg']}") from error
        if case.id in seen:
            raise CaseError(f"{path}:{number}: id {case.id!r} is used twice")
        seen.add(case.id)
        yield case
