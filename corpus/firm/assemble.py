"""From the pieces that a reader found to a document: passages under their headings, cross-references, flags."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from corpus import citations
from corpus.firm import suspicious
from corpus.firm.document import FirmDocument, Flag, Passage, media_of
from corpus.official.section import ReadError, normalised

# A text file may be one endless line: passages stay short enough to be quoted, and for citations.find.
LONGEST_PASSAGE = 20_000
LONGEST_TITLE = 200
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_MONTH} ?{_DAY},? {_YEAR}",
        rf"{_DAY} {_MONTH},? {_YEAR}",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        # The firms are American: month first.
        rf"(?<![\d/])(?P<month>\d{{1,2}})/{_DAY}/{_YEAR}",
    )
)
_DATE_LINE = re.compile(r"\s*(?:(?:date|dated|published|posted|issued|updated)\s*:?\s+)?(?:\w+day,\s)?", re.I)
# What converters and templates write where a title or a name should be.
_NO_TITLE = re.compile(r"(?:(?:microsoft word|untitled).*|(?:word )?document ?\d*|slide ?\d+|.*\.\w{3,4})$", re.I)
_NO_AUTHOR = re.compile(r"(?:python-docx|admin(?:istrator)?|user|owner|unknown|author|windows user)$", re.I)


@dataclass(frozen=True)
class Piece:
    """A heading (`level` from 1, outermost) or, at level 0, a paragraph, as a reader found them in order."""

    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True)
class Facts:
    """What the file itself says of it, all as found; unlikely titles and authors are dropped by `assemble`."""

    title: str = ""
    date: dt.date | None = None
    author: str = ""


def assemble(
    data: bytes,
    name: str,
    pieces: Iterable[Piece],
    facts: Facts,
    *,
    flags: Iterable[Flag] = (),
    faults: Iterable[str] = (),
    unread: Iterable[str] = (),
) -> FirmDocument:
    """The document of a file. `unread` are texts that are no passages (running heads) but are looked at all the same.

    The date is that of a line near the top which is a date; else what the file's properties say, which is often only
    the day of an export; else the first date in the first passages. Raises ReadError when there is no text.
    """
    raw = tuple(pieces)
    held = [Piece(suspicious.visible(piece.text), piece.level, piece.page) for piece in raw]
    held = [piece for piece in held if piece.text]
    if not held:
        raise ReadError("there is no text in it")
    first = next((piece.text for piece in held if piece.level), held[0].text.splitlines()[0])
    title = _told(facts.title, _NO_TITLE) or " ".join(first.split())[:LONGEST_TITLE]
    passages = tuple(_passages(held, title))
    seen = [*flags]
    for where, text in (("title", facts.title), ("author", facts.author), *(("running head", one) for one in unread)):
        seen += suspicious.flags(text, where)
    for piece in raw:
        seen += suspicious.flags(piece.text, f"page {piece.page}" if piece.page else _start(piece.text))
    sha256 = hashlib.sha256(data).hexdigest()
    return FirmDocument(
        id=f"alert-{sha256[:16]}",
        name=name,
        sha256=sha256,
        title=title,
        date=_dated(held[:12]) or facts.date or next((day for p in held[:8] if (day := date_in(p.text))), None),
        author=_told(facts.author, _NO_AUTHOR) or None,
        media=media_of(name),
        passages=passages,
        flags=tuple(dict.fromkeys(seen)),
        faults=tuple(dict.fromkeys(faults)),
    )


def date_in(text: str) -> dt.date | None:
    """The first full date written in a text ("Dec. 3, 2025", "3 December 2025", "2025-12-03", "12/3/2025")."""
    found = sorted((match for one in _DATES if (match := one.search(text))), key=lambda match: match.start())
    for match in found:
        month = match["month"][:3].lower()
        number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
        with suppress(ValueError):
            return dt.date(int(match["year"]), number, int(match["day"]))
    return None


def _dated(pieces: Iterable[Piece]) -> dt.date | None:
    """The date of the first line that is nothing but a date, "Date:" and the weekday allowed."""
    for piece in pieces:
        for line in piece.text.splitlines():
            rest = line[match.end() :] if (match := _DATE_LINE.match(line)) else line
            whole = any(one.fullmatch(rest.strip(" .")) for one in _DATES)
            if whole and (day := date_in(rest)):
                return day
    return None


def _told(text: str, no: re.Pattern[str]) -> str:
    plain = suspicious.visible(text)[:LONGEST_TITLE]
    return "" if no.match(plain) else plain


def _start(text: str) -> str:
    return f"at “{' '.join(suspicious.visible(text).split()[:4])[:40]}”"


def _passages(pieces: Iterable[Piece], title: str) -> Iterator[Passage]:
    """Paragraphs with the headings above them. A heading over nothing is a passage itself: no text is lost."""
    number = 0
    for heading, piece in _under_headings(pieces, title):
        for text in _short(" ".join(piece.text.split())):
            number += 1
            cites = tuple(dict.fromkeys(found.citation.coordinate for found in citations.find(text)))
            yield Passage(heading, text, piece.page, number, cites)


def _under_headings(pieces: Iterable[Piece], title: str) -> Iterator[tuple[tuple[str, ...], Piece]]:
    above: list[Piece] = []
    bare = False
    for piece in pieces:
        if piece.level:
            # A deeper heading leaves the one above it in its path; one of the same level would lose it.
            if bare and piece.level <= above[-1].level:
                yield tuple(one.text for one in above[:-1]), above[-1]
            above = [one for one in above if one.level < piece.level]
            if bare := normalised(piece.text).casefold() != normalised(title).casefold():
                above.append(piece)
        else:
            bare = False
            yield tuple(" ".join(one.text.split()) for one in above), piece
    if bare:
        yield tuple(one.text for one in above[:-1]), above[-1]


def _short(text: str) -> Iterator[str]:
    while len(text) > LONGEST_PASSAGE:
        end = text.rfind(" ", 1, LONGEST_PASSAGE)
        end = end if end > 0 else LONGEST_PASSAGE
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text
