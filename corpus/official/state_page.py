"""Read one section from its page on a legislature's site, whatever the site: the section's number is the anchor.

The law begins at the head with the number that was asked for, and ends before its history, the next section's head
or what the site says below. Shapes learned from the pages of Massachusetts, Minnesota, North Carolina, Ohio, Rhode
Island, Texas (a whole chapter on a page) and Virginia.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from corpus import citations
from corpus.official import headings, parse
from corpus.official.markers import Line, paragraphs
from corpus.official.nesting import ANY
from corpus.official.page_blocks import Block, blocks
from corpus.official.section import Document, Kind, Note, ReadError, Section, Standing, letters, normalised

NEAR = 0.6  # of two heads with the number, the later one whose text is at least this part of the longer
_DASH = "[-‐‑‒–—−]"
_SIGN = r"(?:§{1,2}|Sec\.|Section)"
_CODE = r"(?:[A-Z][\w.&' ]{0,40}?\s)?"  # "R.I. Gen. Laws § 31-1-3"
_OTHER = re.compile(rf"{_SIGN}\s*\d[\w.:‐‑‒–—−-]*[.:|]?\s", re.I)
_YEAR = r"(?:1[6-9]|20)\d\d"
_TITLED_HISTORY = re.compile(r"(?:legislative |statutory )?(?:history|source|credit)s?(?: of section)?\s*[:.]", re.I)
_HISTORY = re.compile(
    rf"\(?(?:Added|Amended|Acts|Repealed|Renumbered|Enacted)\b(?:(?: and \w+)? by\b|.{{0,12}}\b{_YEAR}\b)"
    rf"|[(\[]?{_YEAR}(?:,? ?(?:c|cc|ch|chs|s|art|Ex)\b| Acts\b)|\(?Code {_YEAR}\b|\(?(?:P\.L|G\.L|L)\. ?{_YEAR}\b"
    rf"|[(\[](?:Acts|Laws|Stats|St|Code|P\.L|L)\.? ?,?{_YEAR}\b"
)
_END = re.compile(
    r"Last updated\b|Available versions\b|The chapters of the acts of assembly\b|Disclaimer\b|Site ?map\b|Back to top\b"
    r"|Copyright\b|©|(?:Cross.?references?|Annotations?|Notes?|Editor'?s notes?)[:.]?$"
    r"|(?:Previous|Prev|Next)(?: section)?[ »>]*$|Print(?: this)?(?: page| section)?$|Official (?:copy|publication)\b",
    re.I,
)
_TOLD = re.compile(r"(Effective|Latest Legislation|Promulgated Under|PDF):\s*(.*)")
_ABOVE = re.compile(r"(?:title|subtitle|chapter|subchapter|part|article)\b", re.I)
_CAPITALS = re.compile(r"([^a-z]*[A-Z]{2}[^a-z]*\.)(?:\s+(\S.*))?")
_SENTENCE = re.compile(r"(.{0,200}?[^.\sA-Z]\.)(?:\s+[-–—]*\s*(\S.*))?")
_LOGIN = re.compile(r"\b(?:log ?in|sign ?in)\b", re.I)


@dataclass(frozen=True)
class _Found:
    """The head of a section at a place among the blocks, the words after its number, and the blocks of its law."""

    at: int
    words: str
    set_off: bool  # a heading, or in bold
    body: tuple[Block, ...]
    after: tuple[Block, ...]

    @property
    def size(self) -> int:
        return len(letters(one.text for one in self.body if not one.hidden))


def read(data: bytes, *, coordinate: str) -> Document:
    """The section of that coordinate ("us-ri/code/31-1-3"). Hidden words among its law are left out, with a fault.

    Raises ReadError when the page does not hold the section: an application that loads its text by script, an error
    page, a login, another section; when it holds its head and no text; or when no coordinate is given (a mirror's file,
    whose page does not say which section was asked for).
    """
    if not coordinate:
        raise ReadError("a page of one section can only be read for a section that is named; fetch it from its site")
    root = parse.page(_declared(data))
    number = coordinate.rpartition("/")[2]
    pattern = _head_pattern(number)
    places = [*root.xpath("//main|//*[@role='main']|//article"), root]
    for place in places:
        all_blocks = blocks(place)
        if found := _best(list(_heads(all_blocks, pattern))):
            section, faults = _section(coordinate, found, all_blocks)
            return Document((section,), None, faults)
    raise ReadError(f"the page does not hold section {number} ({citations.canonical(coordinate)}): {_instead(root)}")


def _declared(data: bytes) -> bytes:
    """The page with a byte order mark where it names no encoding itself: the server did so, and that is lost."""
    if b"charset" in data[:4096].lower() or data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data
    try:
        return codecs.BOM_UTF8 + data.decode("utf-8-sig").encode()
    except UnicodeDecodeError:
        return codecs.BOM_UTF8 + data.decode("cp1252", "replace").encode()


def _head_pattern(number: str) -> re.Pattern[str]:
    """A head with that number. A plain number needs its sign ("Section 1"), or any list item would be one."""
    digits = re.escape(number).replace(r"\-", _DASH)
    sign = rf"{_CODE}{_SIGN}\s*" if number.isalnum() else rf"(?:{_CODE}{_SIGN}\s*)?"
    return re.compile(rf"{sign}{digits}(?!\w)(?![.:‐‑‒–—−-]\w)\s*[.:|]?\s*", re.I)


def _heads(all_blocks: Sequence[Block], pattern: re.Pattern[str]) -> Iterator[_Found]:
    for at, block in enumerate(all_blocks):
        match = None if block.hidden or block.table else pattern.match(block.text)
        if match:
            set_off = block.heading or block.bold >= match.end() - 2
            heading, rest = _parted(block, match.end())
            end = next((n for n in range(at + 1, len(all_blocks)) if _ends(all_blocks[n], pattern)), len(all_blocks))
            body = (*([Block(rest)] if rest else []), *all_blocks[at + 1 : end])
            yield _Found(at, heading, set_off, body, tuple(all_blocks[end:]))


def _parted(block: Block, start: int) -> tuple[str, str]:
    """The heading after the number, and the law that runs on in the same paragraph."""
    words = block.text[start:]
    if block.heading:
        return words, ""
    if start < block.bold < len(block.text):
        return block.text[start : block.bold].strip(), block.text[block.bold :].lstrip(" -–—")
    if match := _CAPITALS.match(words) or _SENTENCE.match(words):
        return match[1], match[2] or ""
    return words, ""


def _ends(block: Block, own: re.Pattern[str]) -> bool:
    """Whether the law of a section has ended before this block."""
    if block.hidden or block.table or own.match(block.text):
        return False
    history = _TITLED_HISTORY.match(block.text) or _HISTORY.match(block.text)
    other = _OTHER.match(block.text)
    is_head = other and (block.heading or block.bold >= other.end() - 2 or other[0].rstrip()[-1:] in ".:|")
    return bool(history or is_head or _END.match(block.text))


def _best(found: list[_Found]) -> _Found | None:
    """Of several heads with the number (a line of the menu, a citation) the one nearest to the text: with words of
    its own, set off, and last, among those with nearly as much text as any."""
    most = max((one.size for one in found), default=0)
    near = [one for one in found if one.size >= NEAR * most]
    return max(near, key=lambda one: (bool(one.words), one.set_off, one.at), default=None)


def _section(coordinate: str, found: _Found, all_blocks: Sequence[Block]) -> tuple[Section, tuple[str, ...]]:
    body, told = _told(found.body)
    law = [one for one in body if not one.hidden]
    history = [Note("history", text) for text in _history(found.after)]
    standing = Standing.OPERATIVE
    if len(law) <= 1:  # "Repealed by …" may stand in the heading, or in the place of the law
        first = [*law, *found.after][:1]
        said = (headings.standing(words) for words in (found.words, *(one.text.split(". ")[0] for one in first)))
        standing = next((one for one in said if one is not Standing.OPERATIVE), standing)
    if standing is not Standing.OPERATIVE:
        history = [*(Note("history", one.text) for one in law), *history]
        law = []
    elif not law:
        raise ReadError(f"the page holds the head of {citations.canonical(coordinate)}, but none of its text")
    hidden = (one.text for one in body if one.hidden)
    above = (one.text for one in all_blocks[: found.at] if one.heading and _ABOVE.match(one.text))
    section = Section(
        coordinate=coordinate,
        heading=found.words,
        paragraphs=paragraphs([Line(one.text, Kind.TABLE if one.table else Kind.TEXT) for one in law], ANY),
        source="\n".join(one.text for one in law),
        path=tuple(dict.fromkeys(above)),
        notes=(*told, *history),
        standing=standing,
    )
    return section, tuple(f"{coordinate}: hidden on the page and left out: {text[:80]!r}" for text in hidden)


def _told(body: Sequence[Block]) -> tuple[list[Block], list[Note]]:
    """The body without the lines that some sites put between head and law ("Effective:", "April 1, 2024")."""
    notes: list[Note] = []
    here = 0
    while here < len(body) and (match := _TOLD.match(body[here].text)):
        value = match[2]
        here += 1
        if not value and here < len(body):
            value, here = body[here].text, here + 1
        if match[1] != "PDF":
            notes.append(Note(match[1].lower(), value))
    return list(body[here:]), notes


def _history(after: Sequence[Block]) -> Iterator[str]:
    """The lines of the history that follow the law; below a bare title ("History:") the next line is one."""
    titled = False
    for block in (one for one in after if not one.hidden):
        title = _TITLED_HISTORY.match(block.text)
        words = block.text[title.end() :].strip() if title else block.text
        if not (title or titled or _HISTORY.match(words)):
            return
        titled = bool(title) and not words
        if words:
            yield words


def _instead(root: etree._Element) -> str:
    """What the page seems to be, in words for a person."""
    title = normalised("".join(root.xpath("string(//title)")))[:80]
    words = " ".join(one.text for one in blocks(root))
    if _LOGIN.search(title) or root.xpath("//input[@type='password']"):
        return f"it asks for a login ({title!r})"
    if len(letters([words])) < 400 and root.xpath("//script"):
        return f"it is an application that loads its text by script ({title!r})"
    return f"its title is {title!r}, and it begins {normalised(words)[:80]!r}"
