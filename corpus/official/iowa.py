"""Read a chapter of the Iowa Code as the legislature serves it in RTF.

A section begins with a line "321.30  Grounds for …." and ends before the next one. Levels are printed 1. a. (1) (a)
with two hard spaces after each. Below the law stand its history ("[C24, …", "2023 Acts, ch 66, §70"), "Referred to in
§…" and editor's lines: from the first of these on, everything is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from striprtf.striprtf import rtf_to_text

from corpus.official.nesting import IOWA, Marker, nest
from corpus.official.parse import LARGEST_BYTES
from corpus.official.section import Document, Note, Paragraph, ReadError, Section, Standing

_NUMBER = r"\d{1,3}[A-Z]{0,2}\.\d{1,4}[A-Z]{0,2}"
_HEAD = re.compile(rf"({_NUMBER}(?:(?: through |, | and ){_NUMBER})*)\xa0\xa0(\S.*)")
_CHAPTER = re.compile(r"CHAPTER (\d{1,3}[A-Z]{0,2})")
# The one sign of a level, as printed: "1.", "1A.", "a.", "(1)", "(a)".
_MARK = re.compile(r"(?:(\d{1,3}[A-Z]{0,2}|[a-z]{1,2})\.|\((\d{1,3}|[a-z]{1,4})\))\xa0\xa0")
_HISTORY = re.compile(
    r"\[(?:[CRS]{1,2}\d\d|\d\d)|\d\d(?:\d\d)? Acts\b|Referred to in |Section (?:not )?(?:amended|stricken)|NEW "
)
# A line of capitals between two sections is the heading of those that follow.
_PART = re.compile(r"[^a-z]*[A-Z]{4}[^a-z]*(?:\([^)]*\))?")
_STANDING = {
    "repealed": Standing.REPEALED,
    "reserved": Standing.RESERVED,
    "transferred": Standing.TRANSFERRED,
    "omitted": Standing.OMITTED,
}


@dataclass
class _Open:
    """A section while its lines are read."""

    number: str
    heading: str
    path: tuple[str, ...]
    lines: list[str]
    notes: list[str]


def read(data: bytes) -> Document:
    """The sections of a chapter. Raises ReadError when the file is no RTF, or holds no section."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ReadError("not an RTF file")
    if len(data) > LARGEST_BYTES:
        raise ReadError(f"{len(data):,} bytes; the limit is {LARGEST_BYTES:,}")
    if data.rstrip()[-1:] != b"}":
        raise ReadError("the RTF file is cut off")
    lines = rtf_to_text(data.decode("latin-1")).split("\n")
    sections = tuple(_section(one) for one in _sections(lines))
    if not sections:
        raise ReadError("the RTF file holds no section of a code")
    return Document(sections)


def _sections(lines: list[str]) -> Iterator[_Open]:
    chapter, part, one = "", "", None
    for number, raw in enumerate(lines):
        line = raw.strip(" \xa0")
        if not line:
            continue
        if found := _CHAPTER.fullmatch(line):
            title = next((other.strip(" \xa0") for other in lines[number + 1 :] if other.strip(" \xa0")), "")
            chapter, part = f"Chapter {found[1]} {title}", ""
        elif found := _HEAD.fullmatch(line):
            if one:
                yield one
            path = tuple(filter(None, (chapter, part)))
            one = _Open(found[1], found[2], path, [], [])
        elif one and (one.notes or not one.lines) and _PART.fullmatch(line):
            part = line
        elif one and (one.notes or _HISTORY.match(line)):
            one.notes.append(line)
        elif one:
            one.lines.append(line)
    if one:
        yield one


def _section(one: _Open) -> Section:
    standing = next((s for word, s in _STANDING.items() if one.heading.lower().startswith(word)), Standing.OPERATIVE)
    first = re.split(r" through |, | and ", one.number)[0]
    notes = tuple(Note("history" if _HISTORY.match(line) else "editor", line) for line in one.notes)
    source = "\n".join(one.lines)
    return Section(
        f"us-ia/code/{first.lower()}",
        one.heading,
        tuple(_paragraphs(one.lines)),
        source,
        one.path,
        notes,
        standing,
    )


def _paragraphs(lines: list[str]) -> Iterator[Paragraph]:
    pieces = [piece for line in lines for piece in _pieces(line)]
    nested = iter(nest([marker for marker, _ in pieces if marker], IOWA))
    labels: tuple[str, ...] = ()
    counted: dict[tuple[str, ...], int] = {}
    seen: set[tuple[str, ...]] = set()
    for marker, text in pieces:
        found = next(nested) if marker else None
        labels = found.labels if found else labels
        nth = 0
        if not found and (labels in seen or labels):
            nth = counted[labels] = counted.get(labels, 0) + 1
        seen.add(labels)
        yield Paragraph(labels, " ".join(text.split()), nth=nth, ambiguous=bool(found and found.ambiguous))


def _pieces(line: str) -> Iterator[tuple[Marker | None, str]]:
    """A line cut before each of the markers with which it begins; without one it is a piece of its own."""
    at, marks = 0, []
    while match := _MARK.match(line, at):
        marks.append(match)
        at = match.end()
    if not marks:
        yield None, line
    for number, match in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(line)
        marker = Marker(match[1] or match[2], "." if match[1] else "()", beside=number > 0)
        yield marker, line[match.start() : end]
