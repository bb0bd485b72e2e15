"""The text of one CFR section: its elements to blocks, and blocks to paragraphs with their labels.

Both XML forms of the CFR print paragraphs flat, `<P>(a)(1) …</P>`, and headings run in,
`<P>(b) <I>Labels</I>—(1) <I>Place.</I> …</P>`; a paragraph is cut at each such marker. Markers in extracts, notes,
examples, tables and footnotes are not the section's own and open no level.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lxml import etree

from corpus.official.nesting import Marker, nest
from corpus.official.section import Kind, Paragraph

IMAGE = "[image]"
_BLOCK = re.compile(
    r"P(?:-?\d)?|FP.*|FRP|FL-2|HD\d?|HED|PSPACE|EXTRACT|NOTE|EXAMPLE|E?FTNT|DIV|TABLE|GPOTABLE|LDR.*|GPH"
)
_HEADING = re.compile(r"HD\d?|HED")
_PARAGRAPH = re.compile(r"P(?:-?\d)?|FP.*|FRP")
_QUOTED = {"EXTRACT", "NOTE", "EXAMPLE"}
_TABLES, _FOOTNOTES, _IMAGES = {"TABLE", "GPOTABLE"}, {"FTNT", "EFTNT"}, {"img", "GID"}
# White space that the markup stands for. Only white space is added, so that no letter can come or go.
_ROOM = {
    **dict.fromkeys(("TD", "TH", "ENT", "CHED"), "\t"),
    **dict.fromkeys(("TR", "ROW", "BOXHD", "TTITLE", "CAPTION"), "\n"),
}
_ROOM |= {"br": " ", "P": "\n", "TNOTE": "\n"}

_SYMBOL = r"\d{1,3}[a-zA-Z]?|[ivxl]{1,7}|[IVXL]{1,7}|(?:([a-z])\2{0,2}|([A-Z])\3{0,2})(?:-\d{1,2})?"
# "(S)he" is none.
_MARKER = re.compile(rf"\(\s?({_SYMBOL})\s?\)(?![a-z])")
# Vehicle safety standards number their paragraphs S5, S5.1, S5.1.1 in place of (a), (1), (i).
_STANDARD = re.compile(r"\s*(S\d{1,2}(?:\.\d{1,3})*)\.?(?=[\s(])")
_SECOND = {"1": "2", "i": "ii", "A": "B", "a": "b"}
_WHITE = re.compile(r"\s+")
_STOPS = re.compile(r"[\s.,:;—–-]*")
_BEFORE_LIST = re.compile(r"[—:.]\s*$")


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, table or footnote as printed; `italic` has an "i" for each character in italics."""

    kind: Kind
    text: str
    italic: str
    marked: bool = False
    flush: bool = False


@dataclass(frozen=True)
class _Piece:
    """A block, or a part of one that begins at a marker. `standard` is an S number."""

    block: Block
    text: str
    marker: Marker | None = None
    standard: str = ""


def name(element: etree._Element) -> str:
    """The element's tag; lxml types it wider than these files use it."""
    return str(element.tag)


def show_images(root: etree._Element) -> None:
    """Put "[image]" into each image, whose words are lost, so that it counts as text from here on."""
    for image in root.iter(*_IMAGES):
        image.text = IMAGE


def blocks(element: etree._Element, kind: Kind = Kind.TEXT, *, marked: bool = True) -> Iterator[Block]:
    """The blocks below an element in the order of the file; what stands loose between two is one too."""
    loose = [(element.text or "", False)]
    for child in element:
        if _BLOCK.fullmatch(name(child)) or name(child) in _IMAGES:
            yield from _block(loose, kind)
            yield from _below(child, kind, marked)
            loose = [(child.tail or "", False)]
        else:
            loose += [*_runs(child), (child.tail or "", False)]
    yield from _block(loose, kind)


def _below(element: etree._Element, kind: Kind, marked: bool) -> Iterator[Block]:
    tag = name(element)
    if tag in _TABLES or (tag == "DIV" and next(element.iter(*_TABLES), None) is not None):
        yield from _block(list(_runs(element)), Kind.TABLE)
    elif tag in _FOOTNOTES:
        yield from blocks(element, Kind.FOOTNOTE, marked=False)
    elif kind is Kind.TEXT and _HEADING.fullmatch(tag):
        yield from _block(list(_runs(element)), Kind.HEADING, marked=marked)
    elif _PARAGRAPH.fullmatch(tag):
        yield from _block(list(_runs(element)), kind, marked=marked, flush=tag.startswith("FP"))
    else:
        yield from blocks(element, kind, marked=marked and tag not in _QUOTED)


def _block(runs: list[tuple[str, bool]], kind: Kind, *, marked: bool = False, flush: bool = False) -> Iterator[Block]:
    text = "".join(run for run, _ in runs)
    if text.strip():
        yield Block(kind, text, "".join((" i"[slanted]) * len(run) for run, slanted in runs), marked, flush)


def _runs(element: etree._Element, slanted: bool = False) -> Iterator[tuple[str, bool]]:
    """The text of an element, piece by piece, and whether it is in italics."""
    slanted = slanted or name(element) in ("I", "em") or (name(element) == "E" and element.get("T") == "03")
    yield _ROOM.get(name(element), "") + _WHITE.sub(" ", element.text or ""), slanted
    for child in element:
        yield from _runs(child, slanted)
        yield _WHITE.sub(" ", child.tail or ""), slanted


def paragraphs(found: Sequence[Block]) -> tuple[Paragraph, ...]:
    """The paragraphs of a section. Text without a marker hangs under the paragraph before it: a definition beside
    the definition before it, flush text (FP) under the level whose list it closes, footnotes under the section."""
    labelled = _labelled(_pieces(found))
    times = Counter(labels for piece, labels, _ in labelled if piece.marker or piece.standard)
    counted: Counter[tuple[str, ...]] = Counter()
    made: list[Paragraph] = []
    opening = True  # what stands before the first marker is the section's own text
    for piece, labels, ambiguous in labelled:
        marked = bool(piece.marker or piece.standard)
        opening = opening and not marked
        own = marked or (opening and piece.block.kind is Kind.TEXT)
        nth = counted[labels] if own else max(1, counted[labels])
        counted[labels] = nth + 1
        twice = marked and times[labels] > 1
        made.append(Paragraph(labels, _spaced(piece), piece.block.kind, nth, ambiguous or twice))
    return tuple(made)


def _spaced(piece: _Piece) -> str:
    """White space collapsed; the rows of a table stay on lines of their own and its cells apart by tabs."""
    if piece.block.kind is not Kind.TABLE:
        return " ".join(piece.text.split())
    rows = ("\t".join(" ".join(cell.split()) for cell in _cells(row)).rstrip() for row in piece.text.split("\n"))
    return "\n".join(filter(None, rows))


def _cells(row: str) -> list[str]:
    """The cells of a row; an empty first one stays, so that the others keep their columns."""
    before, *cells = row.split("\t")
    return cells if cells and not before.strip() else [before, *cells]


def _labelled(pieces: Sequence[_Piece]) -> list[tuple[_Piece, tuple[str, ...], bool]]:
    """Each piece with its labels, and whether they are ambiguous. Below each S number the nesting begins anew."""
    done: list[tuple[_Piece, tuple[str, ...], bool]] = []
    number = -1
    numbers = [number := number + bool(piece.standard) for piece in pieces]
    for _, group in groupby(zip(numbers, pieces, strict=True), key=lambda one: one[0]):
        run = [piece for _, piece in group]
        top: tuple[str, ...] = (run[0].standard,) if run[0].standard else ()
        nested = iter(nest([piece.marker for piece in run if piece.marker]))
        last, defined = top, None
        for piece in run:
            labels, ambiguous = last, False
            if piece.marker:
                one = next(nested)
                labels = last = top + one.labels
                ambiguous = one.ambiguous
            elif piece.block.kind is Kind.FOOTNOTE:
                labels = ()
            elif piece.block.kind is Kind.HEADING and piece.block.marked:
                labels = last = top
            elif piece.block.flush and piece.block.marked:
                labels = last[:-1] if len(last) > len(top) + 1 else last
            elif _defines(piece.block):
                # The list below a definition ends where the next one begins.
                labels = last = defined = defined if defined is not None and last[: len(defined)] == defined else last
            done.append((piece, labels, ambiguous))
    return done


def _pieces(found: Sequence[Block]) -> list[_Piece]:
    """The pieces of all blocks; a list may begin anew in one that follows text without a marker."""
    pieces: list[_Piece] = []
    following: Marker | None = None  # the first marker of the next block that has one
    for block in reversed(found):
        cut = _cut(block, following) if block.marked else [_Piece(block, block.text)]
        following = next((piece.marker for piece in cut if piece.marker), following)
        pieces += reversed(cut)
    pieces.reverse()
    return [
        replace(piece, marker=replace(piece.marker, fresh=not before.marker)) if piece.marker and before else piece
        for before, piece in zip([None, *pieces], pieces, strict=False)
    ]


def _cut(block: Block, following: Marker | None) -> list[_Piece]:
    """The block cut at its markers; `following` is the marker that the text goes on with."""
    standard = _STANDARD.match(block.text)
    here = standard.end() if standard else 0
    cuts: list[tuple[int, Marker | None]] = [(0, None)]
    for match in _MARKER.finditer(block.text, here):
        marker, first = _marker(block, match), not standard and len(cuts) == 1
        lead = block.text[here : match.start()].strip()
        if lead and (first or marker.symbol not in _SECOND or not _runs_in(block, here, match.start())):
            break
        cuts.append((match.start(), replace(marker, beside=len(cuts) > 1)))
        here = match.end()
    for match in _MARKER.finditer(block.text, here):
        marker = _marker(block, match)
        second = _SECOND.get(marker.symbol), marker.style
        if (
            following
            and second == (following.symbol, following.style)
            and _BEFORE_LIST.search(block.text[here : match.start()])
        ):
            cuts.append((match.start(), replace(marker, beside=len(cuts) > 1)))
            break
    ends = [start for start, _ in cuts[1:]] + [len(block.text)]
    number = standard[1] if standard else ""
    return [
        _Piece(block, block.text[start:end], marker, "" if marker else number)
        for (start, marker), end in zip(cuts, ends, strict=True)
        if block.text[start:end].strip()
    ]


def _defines(block: Block) -> bool:
    """Whether it begins with a term in italics."""
    first = len(block.text) - len(block.text.lstrip())
    return block.kind is Kind.TEXT and block.marked and block.italic[first] == "i"


def _runs_in(block: Block, start: int, end: int) -> bool:
    """Whether a heading in italics, and nothing else but its stop, stands between two markers."""
    signs = zip(block.text[start:end], block.italic[start:end], strict=True)
    upright = "".join(sign for sign, slant in signs if slant != "i")
    return "i" in block.italic[start:end] and bool(_STOPS.fullmatch(upright))


def _marker(block: Block, match: re.Match[str]) -> Marker:
    slanted = block.italic[match.start(1)] == "i" and block.italic[match.start()] != "i"
    words = len(block.text) - len(block.text[match.end() :].lstrip())
    return Marker(match[1], "italic" if slanted else "()", headed=block.italic[words : words + 1] == "i")
