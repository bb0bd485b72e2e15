"""The sources of official text as `corpus/sources.toml` names them, and which of a folder's files serve one.

The table is read and checked once. Nothing here touches the network.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from corpus.law import Noun, Provision, Text

TABLE = Path(__file__).parent.parent / "sources.toml"
_FIELD = re.compile(r"\{([a-z]+)(?::([^{}]*))?\}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class SourceError(ValueError):
    """`sources.toml` cannot be used, or an address lacks a value; the message names the entry."""


class Reader(StrEnum):
    """Who makes sections of a file: the modules of this package of the same name."""

    ECFR = "ecfr"
    ANNUAL_CFR = "annual_cfr"
    USLM = "uslm"
    USCODE_MARKDOWN = "uscode_markdown"
    IOWA = "iowa"
    ANNOTATED = "annotated"
    STATE_PAGE = "state_page"
    STATE_PDF = "state_pdf"


class Grade(StrEnum):
    """How an address is known: A seen working by somebody, B in public code or documents, C from memory."""

    A = "A"
    B = "B"
    C = "C"


class Media(Noun):
    """What a kind of file must be: content types, its first and last characters, and how its name may end."""

    types: tuple[Text, ...]
    begins: tuple[Text, ...]
    ends: tuple[Text, ...]
    suffixes: tuple[Text, ...]


class Endpoints(Noun):
    """The lists that are asked before a text is fetched."""

    ecfr_titles: Text
    ecfr_structure: Text
    olrc_front: Text
    olrc_releases: tuple[Text, ...]
    federal_register: Text


class Alternative(Noun):
    """The same text from another official place, chosen by its name."""

    name: Text
    url: Text
    reader: Reader
    media: Text
    grade: Grade


class Source(Noun):
    """One place where official text is: a part of the CFR, a title of the U.S. Code, the code of a state.

    `covers` is a regular expression of whole coordinates; `url` a template filled by `address`. A source that is
    `by_hand` has no address that a program may ask: `why` says so, and `page` is the link to open. `number` is that
    of a federal title ("49"), which some readers must be told.
    """

    id: Text
    title: Text
    place: Text
    number: str = ""
    reader: Reader
    media: Text
    grade: Grade
    covers: Text
    url: str = ""
    by_hand: bool = False
    why: str = ""
    page: str = ""
    alternatives: tuple[Alternative, ...] = ()

    @field_validator("covers")
    @classmethod
    def _pattern(cls, covers: str) -> str:
        re.compile(covers)
        return covers

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.by_hand != (not self.url) or self.by_hand != bool(self.why):
            raise ValueError(f"{self.id}: either a url, or by_hand with its why")
        return self

    def holds(self, coordinate: str) -> bool:
        """Whether the provision at this coordinate stands in the source."""
        return bool(re.fullmatch(self.covers, coordinate))

    def address(self, coordinate: str = "", *, alternative: str = "", **known: str) -> str:
        """The address of the file that holds a coordinate ("" where the whole source is one file).

        `known` are the values that change with time: date, or congress and law. `alternative` names one of the
        alternatives. Raises SourceError when the source is by hand, has no such alternative, or a value is missing.
        """
        ways = {"": self.url} | {one.name: one.url for one in self.alternatives}
        if not (template := ways.get(alternative)):
            raise SourceError(f"{self.id}: " + (self.why or f"no alternative {alternative!r}"))
        match = re.fullmatch(self.covers, coordinate)
        values = (match.groupdict() if match else {}) | known
        if lacking := [one[1] for one in _FIELD.finditer(template) if not values.get(one[1])]:
            raise SourceError(f"{self.id}: {lacking[0]} is not given, so there is no address")
        return filled(template, values)


@dataclass(frozen=True)
class ByHand:
    """An instrument that is no code: nothing is fetched; a person opens `link`, for the reason `why`."""

    place: str
    link: str
    why: str


@dataclass(frozen=True)
class Mirrored:
    """A file in a folder of copies, and what `sources.toml` knows of it.

    `current_as_of` is None in the plain layout when the name of the file does not begin with a day: the document
    itself or the user must then give it. `fidelity` is shown to attorneys; "" when the file is an official one.
    """

    path: Path
    reader: Reader
    current_as_of: dt.date | None
    fidelity: str
    url: str


class _Rule(Noun):
    covers: Text
    why: Text
    page: str = ""


class _Mirror(Noun):
    serves: Text
    files: Text
    reader: Reader
    current_as_of: dt.date
    fidelity: Text
    url: Text


class _Table(Noun):
    media: dict[str, Media]
    endpoints: Endpoints
    source: tuple[Source, ...]
    by_hand: tuple[_Rule, ...]
    mirror: tuple[_Mirror, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [one.id for one in self.source]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"two sources are called {twice[0]}")
        if unknown := sorted({one.media for one in self.source} - set(self.media)):
            raise ValueError(f"no [media.{unknown[0]}]")
        return self


def filled(template: str, values: Mapping[str, str], quote: Callable[[str], str] = str) -> str:
    """The template with each `{name}` or `{name:0>2}` replaced for which a value is given; others stay."""
    return _FIELD.sub(
        lambda m: quote(format(values[m[1]], m[2] or "")) if values.get(m[1]) is not None else m[0], template
    )


@cache
def _table() -> _Table:
    try:
        raw = tomllib.loads(TABLE.read_text("utf-8"))
        raw["source"] = [one for entry in raw["source"] for one in _expanded(entry)]
        return _Table.model_validate(raw)
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValidationError, re.error) as error:
        raise SourceError(f"{TABLE}: {error}") from error


def _expanded(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry for each row of a table (for each member of a list in a row), its templates filled."""
    common = {key: value for key, value in entry.items() if key not in ("rows", "example")}
    for row in entry.get("rows", [{}]):
        many = [[(key, one) for one in (value if isinstance(value, list) else [value])] for key, value in row.items()]
        for pairs in itertools.product(*many):
            values = dict(pairs)
            own = common | {key: value for key, value in values.items() if key in Source.model_fields}
            yield _filled_in(own, values)


def _filled_in(entry: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in entry.items():
        if isinstance(value, list):
            out[key] = [_filled_in(one, values) for one in value]
        elif isinstance(value, str):
            out[key] = filled(value, values, re.escape if key == "covers" else str)
        else:
            out[key] = value
    return out


def sources() -> tuple[Source, ...]:
    """Every source of `sources.toml`, in its order. Raises SourceError when the file is not valid."""
    return _table().source


def media(name: str) -> Media:
    """What a file of this kind must be; KeyError for a kind that `sources.toml` does not have."""
    return _table().media[name]


def endpoints() -> Endpoints:
    """The addresses of the lists."""
    return _table().endpoints


def source_at(coordinate: str) -> Source | None:
    """The source that holds a coordinate; None when none does."""
    return next((one for one in sources() if one.holds(coordinate)), None)


def source_of(provision: Provision) -> Source | ByHand:
    """Where the official text of a provision is. Total: what no rule covers is by hand, with the record's own link."""
    if source := source_at(provision.coordinate):
        return source
    for rule in _table().by_hand:
        if match := re.fullmatch(rule.covers, provision.coordinate):
            return ByHand(provision.place, filled(rule.page, match.groupdict()) or provision.url, rule.why)
    return ByHand(provision.place, provision.url, "sources.toml names no source for it")


def mirror_files(source: Source, folder: Path) -> tuple[Mirrored, ...]:
    """The files below `folder` that serve a source, in the order of their names; empty when there are none.

    First looked for is the plain layout, `<source id>/*.xml` (or the suffix of its kind), where a name may begin with
    the day of the text ("2026-11-20.xml"); then the layouts of the mirrors in `sources.toml`, in their order.
    """
    own = folder / source.id
    kind = media(source.media)
    if plain := [one for one in sorted(own.glob("*")) if one.suffix.lower() in kind.suffixes and one.is_file()]:
        return tuple(Mirrored(one, source.reader, _day(one), "", "") for one in plain)
    for mirror in _table().mirror:
        if match := re.fullmatch(mirror.serves, source.id):
            values = match.groupdict()
            if found := sorted(folder.glob(filled(mirror.files, values))):
                return tuple(
                    Mirrored(
                        one,
                        mirror.reader,
                        mirror.current_as_of,
                        mirror.fidelity,
                        filled(mirror.url, values | {"stem": one.stem}),
                    )
                    for one in found
                )
    return ()


def _day(path: Path) -> dt.date | None:
    match = _DAY.match(path.stem)
    try:
        return dt.date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None
