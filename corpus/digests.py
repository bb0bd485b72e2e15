"""Read the digest files into the nouns of the book, or say which line is wrong.

Nothing invalid gets in: an unknown key, topic, citation or statement id, a
duplicate id, or a statement more confident than its record allows raises
`DigestError`, whose message starts with `file:line`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from corpus import citations
from corpus.law import Noun, Provision, Statement
from corpus.records import PlaceRecord, ProvisionRecord, StatementRecord
from corpus.verdicts import Place

ROOT = Path(__file__).parent / "digests"
R = TypeVar("R", bound=Noun)


class DigestError(ValueError):
    """A digest that cannot enter the book; the message names file, line and reason."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")


class DigestFile:
    """One parsed YAML file that remembers the line of every value.

    Raises DigestError when the file is not YAML or not a mapping.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            loader = yaml.CSafeLoader(path.read_text("utf-8"))
            self._node = loader.get_single_node()
            self.data = loader.construct_document(self._node) if self._node else None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            raise DigestError(path, mark.line + 1 if mark else 1, f"not readable as YAML: {error}") from error
        if not isinstance(self.data, dict):
            raise DigestError(path, 1, "a digest is a mapping of keys, this is not")

    def line(self, location: Sequence[str | int]) -> int:
        """The line (from 1) of the deepest part of `location` that exists in the file."""
        node = self._node
        line = 1
        for step in location:
            found = None
            if isinstance(node, yaml.MappingNode):
                pairs = [(key, value) for key, value in node.value if key.value == str(step)]
                if pairs:
                    line, found = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node.value[step]
                line = found.start_mark.line + 1
            if found is None:
                break
            node = found
        return line

    def fail(self, location: Sequence[str | int], reason: str) -> DigestError:
        """The error for a value at `location`."""
        return DigestError(self.path, self.line(location), reason)

    def validate(self, model: type[R]) -> R:
        """The file as `model`; raises DigestError at the first value that does not fit."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise self.fail(first["loc"], f"{where}: {first['msg']}") from error


@cache
def topics() -> frozenset[str]:
    """The closed list of topics (`corpus/topics.toml`)."""
    table: dict[str, list[str]] = tomllib.loads((ROOT.parent / "topics.toml").read_text("utf-8"))
    return frozenset(topic for group in table.values() for topic in group)


def read_instrument(path: Path) -> Provision:
    """A federal or alert digest: one provision record per file."""
    file = DigestFile(path)
    record = file.validate(ProvisionRecord)
    if record.place is None:
        raise file.fail((), "place is missing")
    return _provision(file, (), record, record.place, path.stem)


def read_place(path: Path) -> Place:
    """A state digest: verdicts, conflicts and provisions, with every `rests_on` resolved."""
    file = DigestFile(path)
    record = file.validate(PlaceRecord)
    provisions = tuple(
        _provision(file, ("provisions", i), one, one.place or record.place, f"{path.stem}-{one.source}")
        for i, one in enumerate(record.provisions)
    )
    known = {s.id for p in provisions for s in p.statements}
    for location, rests_on in _rests(record):
        for missing in sorted(set(rests_on) - known):
            raise file.fail(location, f"rests on {missing!r}, which is no statement of this file")
    return Place(
        code=record.place,
        name=record.name,
        verdicts=record.verdicts,
        conflicts=record.conflicts,
        provisions=provisions,
    )


def _rests(record: PlaceRecord) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    for v, verdict in enumerate(record.verdicts):
        for h, headline in enumerate(verdict.headline):
            yield ("verdicts", v, "headline", h, "rests_on"), headline.rests_on
        for f, finding in enumerate(verdict.findings):
            yield ("verdicts", v, "findings", f, "rests_on"), finding.rests_on
        for n, limit in enumerate(verdict.limits):
            yield ("verdicts", v, "limits", n, "rests_on"), limit.rests_on
        for c, condition in enumerate(verdict.conditions):
            yield ("verdicts", v, "conditions", c, "rests_on"), condition.rests_on
    for c, conflict in enumerate(record.conflicts):
        yield ("conflicts", c, "rests_on"), conflict.rests_on


def _provision(
    file: DigestFile, at: tuple[str | int, ...], record: ProvisionRecord, place: str, name: str
) -> Provision:
    if record.document:
        coordinate = f"{place.lower()}/document/{record.document}"
        citation = record.citation
    else:
        coordinate, citation = _parsed(file, (*at, "citation"), record.citation, place)
    statements = tuple(
        _statement(file, (*at, "statements", i), record, one, place, name, coordinate, citation)
        for i, one in enumerate(record.statements)
    )
    for i, related in enumerate(record.related):
        _parsed(file, (*at, "related", i), related, place)
    return Provision(
        id=name,
        coordinate=coordinate,
        citation=citation,
        title=record.title,
        place=place,
        authority=record.authority,
        status=record.status,
        url=record.url,
        effective=record.effective,
        checked=record.checked,
        statements=statements,
        related=tuple(citations.parse(r, place=place).coordinate for r in record.related),
        aliases=record.aliases,
    )


def _statement(
    file: DigestFile,
    at: tuple[str | int, ...],
    record: ProvisionRecord,
    one: StatementRecord,
    place: str,
    name: str,
    coordinate: str,
    citation: str,
) -> Statement:
    for topic in one.topics:
        if topic not in topics():
            raise file.fail((*at, "topics"), f"{topic!r} is not in corpus/topics.toml")
    if one.citation:
        coordinate, citation = _parsed(file, (*at, "citation"), one.citation, place)
    if one.at:
        if "/document/" in coordinate:
            citation = f"{citation}, {one.at}"
        else:
            coordinate, citation = _parsed(file, (*at, "at"), f"{citation} {one.at}", place)
    return Statement(
        id=one.id,
        coordinate=coordinate,
        citation=citation,
        place=place,
        authority=one.authority or record.authority,
        status=one.status or record.status,
        title=record.title,
        url=one.url or record.url,
        text=" ".join(one.text.split()),
        confidence=one.confidence,
        topics=one.topics,
        effective=one.effective or record.effective,
        checked=record.checked,
        record=name,
    )


def _parsed(file: DigestFile, location: tuple[str | int, ...], text: str, place: str) -> tuple[str, str]:
    try:
        citation = citations.parse(text, place=place)
    except citations.UnknownCitation as error:
        raise file.fail(location, str(error)) from error
    return citation.coordinate, citation.text


def read_all(root: Path = ROOT) -> tuple[tuple[Provision, ...], tuple[Place, ...]]:
    """Every instrument and every place under `root`, in the order of their paths.

    Raises DigestError at the first file that fails, or when two statements share an id.
    """
    instruments = tuple(
        read_instrument(path) for folder in ("us", "alerts") for path in sorted((root / folder).glob("*.yaml"))
    )
    places = tuple(read_place(path) for path in sorted((root / "states").glob("*.yaml")))
    seen: dict[str, str] = {}
    for provision in (*instruments, *(p for place in places for p in place.provisions)):
        for statement in provision.statements:
            if statement.id in seen:
                raise DigestError(
                    root, 1, f"statement id {statement.id!r} is in {seen[statement.id]} and {provision.id}"
                )
            seen[statement.id] = provision.id
    return instruments, places
