"""The book as a whole: look a citation up on a date, walk up and down, tell which book this is."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from corpus import citations
from corpus.digests import ROOT, read_all
from corpus.law import Provision, Statement
from corpus.verdicts import Place


@dataclass(frozen=True)
class Lookup:
    """What the book holds for one citation on one date.

    `statements` stand at the coordinate or below it and cover the date; `other_dates` stand there too
    but speak for another date or are not law; `above` are the nearest enclosing statements, given only
    when nothing stands at or below: they are context, never the provision that was asked for.
    """

    citation: citations.Citation
    as_of: dt.date
    statements: tuple[Statement, ...]
    other_dates: tuple[Statement, ...]
    above: tuple[Statement, ...]

    @property
    def found(self) -> bool:
        """Whether the book holds the provision itself, on this or another date."""
        return bool(self.statements or self.other_dates)


class Library:
    """The whole book in memory, read once. `Library.open()` raises corpus.digests.DigestError."""

    def __init__(self, instruments: tuple[Provision, ...], places: tuple[Place, ...]) -> None:
        self.places = {place.code: place for place in places if place.verdicts}
        self.provisions = (*instruments, *(p for place in places for p in place.provisions))
        self.conflicts = {place.code: place.conflicts for place in places}
        self.statements = {s.id: s for p in self.provisions for s in p.statements}
        self.beside: dict[str, Statement] = {}
        self._by_coordinate: dict[str, list[Statement]] = {}
        for statement in self.statements.values():
            self._by_coordinate.setdefault(statement.coordinate, []).append(statement)
        self._aliases = {alias.casefold(): provision for provision in self.provisions for alias in provision.aliases}

    @classmethod
    def open(cls, root: Path = ROOT) -> Library:
        """Read and check every digest under `root`."""
        return cls(*read_all(root))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over everything an answer can rest on; it changes when any word of the book does."""
        digest = hashlib.sha256()
        for provision in sorted(self.provisions, key=lambda p: p.id):
            digest.update(provision.model_dump_json().encode())
        for place in sorted(self.places.values(), key=lambda p: p.code):
            digest.update(place.model_dump_json(exclude={"provisions"}).encode())
        return digest.hexdigest()

    def joined(self, extra: Iterable[Statement]) -> Library:
        """The same book for one question, with statements beside it (official paragraphs, papers of the firm) that an
        answer may rest on; they are found by their id and no look-up counts them as the book's own."""
        view = copy.copy(self)
        view.beside = {s.id: s for s in extra}
        return view

    def statement(self, identifier: str) -> Statement:
        """The statement with this id; KeyError when there is none."""
        return self.beside[identifier] if identifier in self.beside else self.statements[identifier]

    def named(self, text: str) -> Provision | None:
        """The document that goes by this short name ("HS-7", "RTB 001-24"), if the book has it."""
        return self._aliases.get(" ".join(text.split()).casefold())

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every short name of a document, in lower case, longest first."""
        return tuple(sorted(self._aliases, key=len, reverse=True))

    def parse(self, text: str) -> citations.Citation:
        """Text to citation, by form or by a document's short name; raises UnknownCitation."""
        if provision := self.named(text):
            return citations.Citation(provision.coordinate, provision.citation, provision.place)
        return citations.parse(text)

    def lookup(self, text: str | citations.Citation, *, as_of: dt.date) -> Lookup:
        """The provision at a citation on a date. Raises corpus.citations.UnknownCitation; never guesses."""
        citation = self.parse(text) if isinstance(text, str) else text
        held = [*self.at(citation.coordinate), *self.below(citation.coordinate)]
        now = tuple(s for s in held if s.in_force(as_of))
        above: tuple[Statement, ...] = ()
        if not held and "/document/" not in citation.coordinate:
            above = next((up for p in citations.parents(citation.coordinate) if (up := self.at(p))), ())
        return Lookup(citation, as_of, now, tuple(s for s in held if s not in now), above)

    def at(self, coordinate: str) -> tuple[Statement, ...]:
        """Statements exactly at a coordinate, in book order, all versions."""
        return tuple(self._by_coordinate.get(coordinate, ()))

    def below(self, coordinate: str) -> tuple[Statement, ...]:
        """Statements at coordinates strictly below this one, in book order."""
        start = f"{coordinate}/"
        if "/part/" in coordinate:  # a part holds the sections that begin with its number
            head, number = coordinate.rsplit("/part/", 1)
            start = f"{head}/{number}."
        return tuple(s for s in self.statements.values() if s.coordinate.startswith(start))

    def mentions(self, citation: citations.Citation) -> tuple[Statement, ...]:
        """Statements of the same place whose words name the section of a citation, wherever they stand."""
        section = re.search(r"\d[\w.:-]*", citation.coordinate.split("/", 2)[-1])
        if not section:
            return ()
        named = re.compile(rf"(?<![\w.-]){re.escape(section[0])}(?![\w.-]*\w)")
        return tuple(s for s in self.statements.values() if s.place == citation.place and named.search(s.text))

    def versions(self, coordinate: str) -> tuple[Statement, ...]:
        """All statements at a coordinate, earliest effective date first (unknown dates lead)."""
        return tuple(sorted(self.at(coordinate), key=lambda s: s.effective.from_ or dt.date.min))

    def parents(self, coordinate: str) -> tuple[Statement, ...]:
        """Statements at the nearest enclosing coordinate that the book holds."""
        return next((up for p in citations.parents(coordinate) if (up := self.at(p))), ())
