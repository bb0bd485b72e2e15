"""Read the chapters or titles that a legislature serves as PDF: a section begins at its number, as on North Dakota's
chapters ("39-04-05. Heading.", in bold) and Wyoming's titles ("31-5-101.  Heading.", set off by a blank line).

Neither tells law from citations by its markup. A line that the print happened to break before "39-04-05." or "(a)" is
no new section or paragraph, so what stands before it, its indentation and the space above it are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.firm import lines, pages
from corpus.official import headings
from corpus.official.markers import Line, opens, paragraphs
from corpus.official.nesting import ANY, IOWA, WYOMING
from corpus.official.section import Document, Note, ReadError, Section, Standing

ORDERS = {"US-ND": IOWA, "US-WY": WYOMING}
INDENT = 8.0  # points
APART = 1.3  # of the least step from line to line: a blank line, or space above a head
SHORT = 0.7  # of the longest line of a page: nothing but a long word follows on such a line
_PART = r"\d+(?:\.\d+)?"
_HEAD = re.compile(
    rf"(?:§+\s*)?({_PART}-{_PART}-{_PART})(?:\.\s|\.?$|,?\s(?:through|to|and)\s{_PART}-{_PART}-{_PART}\.|,\s\d)"
)
# A paragraph's mark that is part of a citation which the line's end broke: "(a) of this section".
_CITED = re.compile(r"\S+\s+of\s(?:this|that|section|subsection|subdivision|paragraph|chapter|title|W\.S)")
_ENDS = re.compile(r"[.:;?!\]][\"'”’)]*$|[;,]\s(?:and|or)$|(?:\s-|[–—])$")
_HEADING_ENDS = re.compile(r"\s.*[.\])]$")
# What a citation follows, although it ends in a stop or like a member of a list: "W.S.", "(a), (b), or".
_CITES = re.compile(
    r"(?:W\.S|N\.D\.C\.C|U\.S\.C|C\.F\.R|\b(?:[Ss]ecs?|[Cc]h|[Aa]rt|[Nn]os?|[Ss]ubds?|[Pp]ars?|v)|§)\.?$"
    r"|[\d)],?\s(?:and|or)$"
)
_ABOVE = ("TITLE", "CHAPTER", "ARTICLE", "PART", "SUBPART")
_OPENS = re.compile(rf"({'|'.join(_ABOVE)})\s+[\dIVXL][\w.-]*\b")


@dataclass(frozen=True)
class _Print:
    """A printed line with its page, whether more space than usual stands above it, and whether it is short there."""

    line: lines.Line
    page: int
    apart: bool
    short: bool


@dataclass(frozen=True)
class _Block:
    """The lines of one paragraph or head, as one text."""

    text: str
    page: int
    head: bool


def read(data: bytes, *, place: str) -> Document:
    """The sections of a chapter or title; `place` ("US-ND") must be told. Each paragraph has the page where it begins.

    Raises ReadError for a file that is damaged, encrypted or partly a scan, that hides text, or holds no section.
    """
    printed = _printed(_seen(data))
    faults: list[str] = []
    found = list(_sections(_blocks(printed, faults), place, faults))
    if not found:
        raise ReadError(f"the PDF holds no section of {place}: no line begins with a number like 39-04-05")
    kept = [one for one in found if one.paragraphs or one.standing is not Standing.OPERATIVE]
    empty = {one.coordinate for one in found} - {one.coordinate for one in kept}  # without those of a list of contents
    faults += (f"{key}: its head stands there without any text, and was left out" for key in sorted(empty))
    faults += headings.told_twice(kept)
    return Document(tuple(kept), None, tuple(faults))


def _seen(data: bytes) -> tuple[pages.Page, ...]:
    """The pages, when everything on them can be seen and read: of official text no part may be missing or doubtful."""
    held = pages.read(data)
    for at, page in enumerate(held.pages, 1):
        if page.scan:
            raise ReadError(f"page {at} is a scan: its law cannot be read; take a copy with text")
        if page.hidden:
            raise ReadError(f"page {at} hides text ({', '.join(page.hidden)}); take the file from the official site")
    if held.layer_off:
        raise ReadError("a layer of the file is switched off: its text cannot be seen; take it from the official site")
    return held.pages


def _printed(seen: Sequence[pages.Page]) -> list[_Print]:
    """The lines in order without running heads and feet."""
    shown = [page.lines for page in seen]
    cut = lines.running(shown)
    kept = [[line for n, line in enumerate(page) if (at, n) not in cut] for at, page in enumerate(shown)]
    downs = [a.y - b.y for page in kept for a, b in pairwise(page) if a.y - b.y >= max(a.size, b.size)]
    step = min(downs, default=0.0)
    printed = []
    for number, page in enumerate(kept, 1):
        longest = max((len(line.text) for line in page), default=0)
        for before, line in zip([None, *page], page, strict=False):
            apart = before is not None and before.y - line.y > APART * step
            printed.append(_Print(line, number, apart, len(line.text) < SHORT * longest))
    return printed


def _blocks(printed: Sequence[_Print], faults: list[str]) -> list[_Block]:
    words = lines.hyphenated(one.line for one in printed)
    heads = _heads(printed, faults)
    blocks: list[_Block] = []
    group: list[_Print] = []
    for at, one in enumerate(printed):
        if group and _begins(group, one, head=at - len(group) in heads, next_head=at in heads):
            blocks.append(_joined(group, words, head=at - len(group) in heads))
            group = []
        group.append(one)
    if group:
        blocks.append(_joined(group, words, head=len(printed) - len(group) in heads))
    return blocks


def _joined(group: Sequence[_Print], words: frozenset[str], *, head: bool) -> _Block:
    text = group[0].line.text
    for one in group[1:]:
        text = lines.join(text, one.line.text, words)
    return _Block(text, group[0].page, head)


def _heads(printed: Sequence[_Print], faults: list[str]) -> frozenset[int]:
    """Which lines are heads. Where any is bold, all are; else a head begins a page, has space above it or is indented,
    or at least goes on in the order of the numbers."""
    may = [at for at, one in enumerate(printed) if _HEAD.match(one.line.text) and _ended(printed, at)]
    if any(printed[at].line.bold for at in may):
        return frozenset(at for at in may if printed[at].line.bold)
    margin = min((one.line.x for one in printed), default=0.0)
    heads: list[int] = []
    last: list[float] = []
    for at in may:
        one = printed[at]
        order = [float(part) for part in re.findall(_PART, one.line.text.split(" ")[0])[:3]]
        tops = not at or printed[at - 1].page < one.page
        if one.apart or tops or one.line.x > margin + INDENT or order > last:
            heads.append(at)
            last = order
        else:
            faults.append(f"page {one.page}: {one.line.text[:60]!r} was read as text, for its number is out of order")
    return frozenset(heads)


def _ended(printed: Sequence[_Print], at: int) -> bool:
    """Whether the sentence before a line has ended."""
    if not at:
        return True
    before = printed[at - 1].line.text
    return before.isupper() or (bool(_ENDS.search(before)) and not _CITES.search(before))


def _begins(group: Sequence[_Print], new: _Print, *, head: bool, next_head: bool) -> bool:
    """Whether a line begins a paragraph after the lines of this one (`head`: of this section's head)."""
    last, line = group[-1].line, new.line
    if new.apart or next_head or (line.text.isupper() and _OPENS.match(line.text)):
        return True
    if head:
        return (last.bold and not line.bold) or bool(_HEADING_ENDS.search(" ".join(one.line.text for one in group)))
    if last.text.isupper() and _OPENS.match(group[0].line.text):
        return not line.text.isupper()
    if not _ended([group[-1], new], 1):
        return False
    if opens(line.text) and not _CITED.match(line.text):
        return True
    hanging = len(group) == 1 and opens(last.text)
    return (line.x > last.x + INDENT and not hanging) or (group[-1].short and not line.text[:1].islower())


def _sections(blocks: Sequence[_Block], place: str, faults: list[str]) -> Iterator[Section]:
    """The sections in order. Titles in capitals right before a head are its path, and stay so until the next of their
    kind: the articles of a compact, which are law, stand before no head."""
    starts = [at for at, one in enumerate(blocks) if one.head]
    above: dict[int, str] = {}
    first = _titles(blocks, starts[0] if starts else 0)
    for start, end in pairwise([*starts, len(blocks)]):
        for title in blocks[first:start]:
            if match := _OPENS.match(title.text):
                level = _ABOVE.index(match[1])
                above = {n: text for n, text in above.items() if n < level} | {level: title.text}
            elif above:
                above[max(above)] += f" {title.text}"
        first = _titles(blocks, end) if end < len(blocks) else end
        law = [Line(one.text, page=one.page) for one in blocks[start + 1 : first]]
        path = tuple(above[n] for n in sorted(above))
        yield from _numbered(blocks[start].text, law, path, place, faults)


def _titles(blocks: Sequence[_Block], end: int) -> int:
    """Where the titles begin that stand before the head at `end`; `end` when there are none."""
    start = end
    while start and not blocks[start - 1].head and blocks[start - 1].text.isupper():
        start -= 1
    return next((at for at in range(start, end) if _OPENS.match(blocks[at].text)), end)


def _numbered(
    head: str, law: Sequence[Line], path: tuple[str, ...], place: str, faults: list[str]
) -> Iterator[Section]:
    numbers, words = headings.numbers(head)
    said = (words, *(line.text.split(". ")[0] for line in law)) if len(law) <= 1 else (words,)
    standing = next((s for s in map(headings.standing, said) if s is not Standing.OPERATIVE), Standing.OPERATIVE)
    notes = headings.effect(words)
    if standing is not Standing.OPERATIVE:  # "Repealed by …" stands where the law stood
        notes = (*(Note("history", line.text) for line in law), *notes)
        law = ()
    for coordinate in headings.coordinates(numbers, place, faults):
        yield Section(
            coordinate=coordinate,
            heading=words,
            paragraphs=paragraphs(law, ORDERS.get(place, ANY)),
            source=" ".join(line.text for line in law),
            path=path,
            notes=notes,
            standing=standing,
        )
