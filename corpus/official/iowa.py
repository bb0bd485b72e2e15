"""Read a chapter of the Iowa Code as legis.iowa.gov serves it: RTF in which print tells law from notes.

Section heads are bold ("321.30  Grounds …."), the law is in nine points and indented, its history in nine points
without indentation, what the editor adds in six points, and headings of the chapter stand centred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from corpus.official import headings, rtf
from corpus.official.markers import Line, paragraphs
from corpus.official.nesting import IOWA
from corpus.official.section import Document, Kind, Note, ReadError, Section, Standing

PLACE = "US-IA"
NOTE_SIZE = 12  # half points
_INDENT = "\u00a0\u00a0"
_HEAD = re.compile(r"\d{1,3}[A-Z]?\.\d{1,4}[A-Z]{0,2}(?=[\s,]|Reserved)")
_HISTORY = re.compile(r"\[?[CSR]\d{2,4},|\[?(?:\d\d|\d{4}) (?:Iowa )?Acts\b|[\[;]")
_GOES_ON = re.compile(r"[;,.)\]]|\s?[a-z]")
_COLUMNS = re.compile("[\u00a0\t]{3,}")


@dataclass
class _Found:
    """A section while its lines come in."""

    heading: str
    path: tuple[str, ...]
    law: list[rtf.Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read(data: bytes, *, year: int | None = None) -> Document:
    """The sections of one chapter file. `year` is that of the Code, which the file does not name; the text of a year's
    Code is taken to stand on its first of January.

    "321.75 through 321.77 Reserved." gives a section for each number. Raises ReadError when the file is not RTF (the
    server answers a missing chapter with an HTML page), is cut off or holds no section.
    """
    faults: list[str] = []
    sections = [section for found in _found(_joined(rtf.lines(data))) for section in _sections(found, faults)]
    if not sections:
        raise ReadError("the RTF holds no section of the Iowa Code")
    faults += headings.told_twice(sections)
    return Document(tuple(sections), f"{year}-01-01" if year else None, tuple(faults))


def _joined(lines: Iterable[rtf.Line]) -> list[rtf.Line]:
    """The lines without empty ones. A link is printed as a paragraph of its own and breaks the one in which it
    stands in three: joined again."""
    joined: list[rtf.Line] = []
    after_link = False
    for line in lines:
        if not line.text.strip():
            continue
        if joined and (line.link or (after_link and _GOES_ON.match(line.text))):
            joined[-1] = replace(joined[-1], text=joined[-1].text + line.text)
        else:
            joined.append(line)
        after_link = line.link
    return joined


def _found(lines: list[rtf.Line]) -> Iterator[_Found]:
    """The sections in order; centred lines before a head are its path, and stay so until the next."""
    chapter, part = _opening(lines)
    now: _Found | None = None
    for at, line in enumerate(lines):
        if _is_head(line):
            if now:
                yield now
            now = _Found(line.text, tuple(filter(None, (chapter, part))))
        elif now and line.centred and _opens_part(lines, at):
            if not lines[at - 1].centred:
                part = _titles(lines, at)
        elif now and line.size == NOTE_SIZE:
            now.notes.append(Note("editor's note", _spaced(line.text)))
        elif now and not line.text.startswith(_INDENT) and (now.notes or _HISTORY.match(line.text)):
            now.notes.append(Note("history", _spaced(line.text)))
        elif now:
            now.law.append(line)
    if now:
        yield now


def _is_head(line: rtf.Line) -> bool:
    return line.bold and bool(_HEAD.match(line.text))


def _opening(lines: list[rtf.Line]) -> tuple[str, str]:
    """The chapter's name and the part of it with which it begins, from the lines before the first section."""
    first = next((at for at, line in enumerate(lines) if _is_head(line)), len(lines))
    named = [at for at, line in enumerate(lines[:first]) if line.centred]
    if not named:
        return "", ""
    noted = next((at for at in named if lines[at].size == NOTE_SIZE), first)
    return _titles(lines[:noted], named[0]), _titles(lines[:first], noted)


def _opens_part(lines: list[rtf.Line], at: int) -> bool:
    """Whether nothing but centred lines stands between this one and the next head; tables have centred titles too."""
    after = next((line for line in lines[at:] if not line.centred), None)
    return after is not None and _is_head(after)


def _titles(lines: list[rtf.Line], at: int) -> str:
    """The centred lines from here on as one heading, without the editor's notes among them."""
    titles = []
    for line in lines[at:]:
        if not line.centred:
            break
        titles += [line.text] * (line.size != NOTE_SIZE)
    return _spaced(" ".join(titles))


def _sections(found: _Found, faults: list[str]) -> Iterator[Section]:
    numbers, words = headings.numbers(found.heading)
    law = list(_law(found.law))
    for coordinate in headings.coordinates(numbers, PLACE, faults):
        yield Section(
            coordinate=coordinate,
            heading=_spaced(words),
            paragraphs=paragraphs(law, IOWA),
            source=" ".join(line.text for line in found.law),
            path=found.path,
            notes=tuple(found.notes),
            standing=Standing.OPERATIVE if law else headings.standing(_spaced(words)),
        )


def _law(lines: list[rtf.Line]) -> Iterator[Line]:
    """The lines of the law; rows that follow one another are one table. A row is centred, or has columns set apart by
    blanks, or stands at the margin, where no sentence of the law begins."""
    rows: list[str] = []
    for line in lines:
        text = line.text.strip("\u00a0 ")
        if line.centred or _COLUMNS.search(text) or not line.text.startswith(_INDENT):
            rows.append("\t".join(_spaced(cell) for cell in _COLUMNS.split(text)))
            continue
        yield from _table(rows)
        rows = []
        yield Line(text)
    yield from _table(rows)


def _table(rows: list[str]) -> Iterator[Line]:
    if rows:
        yield Line("\n".join(rows), Kind.TABLE)


def _spaced(text: str) -> str:
    return " ".join(text.split())
