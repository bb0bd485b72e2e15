"""What the library shows at one coordinate on one day: its statements, official words, who cites it, what changed."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from assistant.official import OfficialTexts, Quoted, place_of
from corpus import citations
from corpus.citations import Citation, UnknownCitation
from corpus.law import Statement
from corpus.library import Library

# So many neighbours are named where the book does not hold what was asked for.
NEAREST = 5


@dataclass(frozen=True)
class Paragraph:
    """One coordinate: the statements that speak for the day, those that do not (another date, or no law), and the
    official words when they are on this machine."""

    citation: Citation
    now: tuple[Statement, ...]
    others: tuple[Statement, ...]
    official: Quoted | None


@dataclass(frozen=True)
class ProvisionOnDay:
    """A provision of the book. `paragraphs` are its own statements first, then those below it, in book order.

    `changes` are the days on which one of its texts starts or ends, `cited_by` the statements elsewhere whose words
    name it, `related` and `pointing` the provisions that its records name and those whose records name it.
    """

    citation: Citation
    titles: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]
    parents: tuple[Citation, ...]
    changes: tuple[dt.date, ...]
    cited_by: tuple[Statement, ...]
    related: tuple[Citation, ...]
    pointing: tuple[Citation, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All that are shown, in the order of the page."""
        return tuple(s for one in self.paragraphs for s in (*one.now, *one.others))


@dataclass(frozen=True)
class Missing:
    """A citation that can be read and is not in the book. `above` are the statements of the nearest provision that
    encloses it; `near` are sections of the same code whose numbers begin alike, the likest first."""

    citation: Citation
    above: tuple[Statement, ...]
    near: tuple[Citation, ...]


def address(coordinate: str) -> str:
    """The one path of a coordinate, as links write it."""
    return f"/library/{quote(coordinate, safe='/:,')}"


def held(library: Library, coordinate: str) -> bool:
    """Whether a statement stands at a coordinate or below it."""
    return bool(library.at(coordinate) or library.below(coordinate))


def named(library: Library, coordinate: str) -> Citation:
    """The citation of a coordinate; of a document, by what its record calls it. Raises UnknownCitation."""
    try:
        return Citation(coordinate, citations.canonical(coordinate), place_of(coordinate))
    except UnknownCitation:
        for record in library.provisions:
            if record.coordinate == coordinate:
                return Citation(coordinate, record.citation, record.place)
        for statement in library.at(coordinate):
            return Citation(coordinate, statement.citation, statement.place)
        raise


def provision(library: Library, citation: Citation, day: dt.date, texts: OfficialTexts) -> ProvisionOnDay | None:
    """All that is held at a citation on a day; None when neither the book nor the official texts hold anything."""
    coordinate = citation.coordinate
    own, below = library.at(coordinate), library.below(coordinate)
    groups = {coordinate: list(own)}
    for statement in below:
        groups.setdefault(statement.coordinate, []).append(statement)
    paragraphs = tuple(_paragraph(library, c, group, day, texts) for c, group in groups.items())
    paragraphs = tuple(one for one in paragraphs if one.now or one.others or one.official)
    if not paragraphs:
        return None
    shown = (*own, *below)
    records = [p for p in library.provisions if p.id in {s.record for s in shown}]
    pointed = dict.fromkeys(c for record in records for c in record.related)
    pointing = (p.coordinate for p in library.provisions if any(_within(c, coordinate) for c in p.related))
    return ProvisionOnDay(
        citation=citation,
        titles=tuple(dict.fromkeys(s.title for s in own or below)),
        paragraphs=paragraphs,
        parents=tuple(named(library, c) for c in reversed(citations.parents(coordinate)) if held(library, c)),
        changes=tuple(sorted({*_days(shown), *_official_days(coordinate, texts)})),
        cited_by=tuple(citing(library, citation, {s.id for s in shown})),
        related=_others(library, pointed, coordinate),
        pointing=_others(library, (c for c in dict.fromkeys(pointing) if c not in pointed), coordinate),
    )


def citing(library: Library, citation: Citation, but: set[str]) -> Iterator[Statement]:
    """Statements, `but` not these, whose words name a provision or something below it."""
    aliases = [a for p in library.provisions if p.coordinate == citation.coordinate for a in p.aliases]
    named_so = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, aliases))})(?![\w-])") if aliases else None
    numbers = re.findall(r"[\w.:,-]*\d[\w.:,-]*", citation.text.partition("(")[0])
    number = numbers[-1] if numbers and "/document/" not in citation.coordinate else None
    for one in library.statements.values():
        if one.id not in but and (
            (named_so and named_so.search(one.text))
            # Reading citations out of every text would take seconds; the number tells which may hold one.
            or (number and number in one.text and _names(one.text, citation.coordinate))
        ):
            yield one


def missing(library: Library, citation: Citation, day: dt.date) -> Missing:
    """What to offer for a citation that the book does not hold."""
    own = _section(citation.coordinate)
    code = own.rpartition("/")[0] + "/"
    sections = dict.fromkeys(_section(s.coordinate) for s in library.statements.values())
    alike = [c for c in sections if c.rpartition("/")[0] + "/" == code]

    def shared(coordinate: str) -> int:
        pairs = zip(coordinate, own, strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    # Nearer than by the name of the code alone.
    near = sorted((c for c in alike if shared(c) > len(code)), key=shared, reverse=True)[:NEAREST]
    above = library.lookup(citation, as_of=day).above
    return Missing(citation, above, tuple(named(library, c) for c in near))


def _paragraph(
    library: Library, coordinate: str, group: list[Statement], day: dt.date, texts: OfficialTexts
) -> Paragraph:
    now = tuple(s for s in group if s.in_force(day))
    rest = sorted((s for s in group if s not in now), key=lambda s: s.effective.from_ or dt.date.min)
    return Paragraph(named(library, coordinate), now, tuple(rest), texts.quoted(coordinate, day))


def _names(text: str, coordinate: str) -> bool:
    return any(_within(one.citation.coordinate, coordinate) for one in citations.find(text))


def _section(coordinate: str) -> str:
    """The outermost provision around a coordinate, which is its section; the coordinate itself without one."""
    return (coordinate, *citations.parents(coordinate))[-1]


def _within(coordinate: str, above: str) -> bool:
    return coordinate == above or coordinate.startswith(f"{above}/")


def _days(statements: Iterable[Statement]) -> Iterator[dt.date]:
    for one in statements:
        yield from (day for day in (one.effective.from_, one.effective.until) if day)


def _official_days(coordinate: str, texts: OfficialTexts) -> Iterator[dt.date]:
    for one in (coordinate, *citations.parents(coordinate)):
        if texts.store and (versions := texts.store.versions(one)):
            yield from (version.effective_from for version in versions)
            return


def _others(library: Library, coordinates: Iterable[str], own: str) -> tuple[Citation, ...]:
    """The provisions among these that the book holds, without the page's own."""
    return tuple(named(library, c) for c in coordinates if c != own and held(library, c))
