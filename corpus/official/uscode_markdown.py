"""Read the United States Code as the publicdocs project wrote it in Markdown (release point 114-219, 2016-07).

One file holds one section, or the contents of a chapter. Its layout, from github.com/publicdocs/uscode:

    # 49 U.S.C., USLM ref /us/usc/t49/s30112      and below it licence, disclaimer and links (the wrapper)
    ## § 30112. Prohibitions on …
    four U+00A0 a level, then "(a) __Heading__"; a level's words without number on the same or the next indent
    ([Pub. L. 103–272][/us/pl/103/272], …)        the source credit, not indented
     __Amendments__                               the notes, each under a bold line that is not indented
    ----------                                    the wrapper again
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.official import parse
from corpus.official.section import Document, Kind, Note, ReadError, Section, Standing, normalised
from corpus.official.uslm import Labels, Piece, coordinate, joined, spaced, standing

_HEAD = re.compile(r"^# \w+ U\.S\.C\., USLM ref (/us/usc/t(\w+)/\S+)\s*$", re.M)
_BODY = re.compile(r"^## (?P<heading>.*)\n(?P<body>(?s:.*?))(?=^----------\s*$|\Z)", re.M)
_TITLED = re.compile(r"\[?§{1,2}\s?(?P<number>.*?)\.(?:\s(?P<heading>.*?))?\]?$")
_MARKER = re.compile(r"\[?\((\d{1,3}[A-Za-z]{0,2}(?:[-–]\d{1,3})?|[ivxl]{1,7}|[IVXL]{1,7}|([A-Za-z])\2{0,2})\)")
_BOLD = re.compile(r"\s*__[^_]+__(?:\s+__[^_]+__)*\s*")
_GAP_IN_BOLD = re.compile(r"__\s+__(?=([.,;:)—])?)")
_LINK = re.compile(r"\[((?:\\.|[^\[\]\\])*)\]\[/us/[^\]]*\]")
_FOOTNOTE = re.compile(r"\s*<sup>\s*\\?\[\s*[\w*]{1,4}\s*\\?\]\s*</sup>\s*<sup><sup>([^<]*)</sup></sup>\s*([.,;:)])?")
_TAG = re.compile(r"</?\w+(?: [^<>]*)?>")


@dataclass(frozen=True)
class _Line:
    """One printed line; `depth` counts levels of indent, None where the file lost it. A table is one line."""

    depth: int | None
    raw: str
    table: bool = False

    @property
    def text(self) -> str:
        return _plain(self.raw)


@dataclass
class _Open:
    """A level that is open while lines are read, and whether its own words have come."""

    depth: int
    labels: Labels
    filled: bool


def read(data: bytes, *, title: str) -> Document:
    """The section of one file, or none (and a fault) when it holds the contents of a chapter.

    `title` is the title of the Code to which the file should belong, "49". Words whose level the indentation leaves
    open are `ambiguous`. The headings above are not in the file, so `path` is empty; neither is a date. Raises
    ReadError when it is no such file, or one of another title.
    """
    text = _decoded(data)
    if not (head := _HEAD.search(text)):
        raise ReadError("not a publicdocs file: no line '# … U.S.C., USLM ref …'")
    if head[2].lower() != title.lower():
        raise ReadError(f"the file is of title {head[2]}, not {title}")
    if not (found := _BODY.search(text, head.end())):
        return Document((), faults=(f"{head[1]} has no section: it holds the contents of a chapter",))
    if not (titled := _TITLED.match(_plain(found["heading"]))):
        raise ReadError(f"{head[1]}: no number in the heading {found['heading'][:60]!r}")
    heading = titled["heading"] or ""
    lines = tuple(_lines(found["body"]))
    # A section that has ended has no words of its own left: what stands there tells of its end.
    first = _first_note(lines) if (ended := standing(heading)) is Standing.OPERATIVE else 0
    law, rest = lines[:first], lines[first:]
    footnotes = (Note("footnote", _plain(m[1])) for line in law for m in _FOOTNOTE.finditer(_unbolded(line.raw)))
    section = Section(
        coordinate=coordinate(head[1]),
        heading=heading,
        paragraphs=joined(_pieces(law)),
        source=" ".join(line.text for line in law),
        notes=(*footnotes, *_notes(rest)),
        standing=ended,
    )
    return Document((section,))


def _decoded(data: bytes) -> str:
    if len(data) > parse.LARGEST_BYTES:
        raise ReadError(f"{len(data):,} bytes; the limit is {parse.LARGEST_BYTES:,}")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ReadError(f"not UTF-8 text: {error.reason}") from error


def _lines(body: str) -> Iterator[_Line]:
    table: list[str] = []
    for raw in filter(str.strip, body.split("\n")):
        if table or raw.lstrip().startswith("<table"):
            table.append(raw)
            if "</table>" in raw:
                yield _Line(None, " ".join(table), table=True)
                table = []
        else:
            indent = re.match(r"[\u00a0 ]*", raw)
            depth = indent[0].count("\u00a0") // 4 if indent else 0
            yield _Line(depth or None, raw.strip("\u00a0 ") if depth else raw)
    if table:
        raise ReadError("a table does not end")


def _first_note(lines: tuple[_Line, ...]) -> int:
    """Where the law ends: at the source credit, or at the first bold line that is not indented."""
    ends = (n for n, x in enumerate(lines) if x.depth is None and (x.raw.startswith("(") or _BOLD.fullmatch(x.raw)))
    return next(ends, len(lines))


def _pieces(lines: tuple[_Line, ...]) -> Iterator[Piece]:
    """The pieces of the law, their levels read from numbers and indentation."""
    stack: list[_Open] = []
    for line in lines:
        text = line.text
        if line.table:
            yield Piece(stack[-1].labels if stack else (), text, Kind.TABLE)
        elif line.depth and (match := _MARKER.match(text)):
            while stack and stack[-1].depth >= line.depth:
                stack.pop()
            labels = (*(stack[-1].labels if stack else ()), normalised(match[1]))
            rest = text[match.end() :].strip()
            is_heading = bool(_BOLD.fullmatch(line.raw.partition(")")[2]))
            stack.append(_Open(line.depth, labels, bool(rest) and not is_heading))
            yield Piece(labels, match[0], marker=True)
            if rest:
                yield Piece(labels, rest, Kind.HEADING if is_heading else Kind.TEXT)
        elif text:
            labels, ambiguous = _place(stack, line.depth)
            yield Piece(labels, text, ambiguous=ambiguous)


def _place(stack: list[_Open], depth: int | None) -> tuple[Labels, bool]:
    """The level of words without a number, and whether another is possible; closes what they close.

    Flush text is printed on the indent of the list that it ends: after "(5) …" on the same indent it continues what
    stands above the list. On the indent of a level with members of its own it may end these or the list of which
    that level is one; the words of both cases in hand say the former (42 U.S.C. 7545(k)(3)(B), (o)(2)(B)(ii)).
    """
    if not stack:
        return (), False
    if depth is None:
        own = not stack[-1].filled
        stack[-1].filled = True
        return stack[-1].labels, not own
    closed = False
    while stack and stack[-1].depth > depth:
        stack.pop()
        closed = True
    ambiguous = closed and bool(stack) and stack[-1].depth == depth
    if stack and stack[-1].depth == depth and stack[-1].filled and not ambiguous:
        stack.pop()
    if not stack:
        return (), ambiguous
    stack[-1].filled = True
    return stack[-1].labels, ambiguous


def _notes(lines: tuple[_Line, ...]) -> Iterator[Note]:
    """The source credit and the notes; a note's kind is its heading."""
    kind, words = "", list[str]()
    for line in lines:
        credit = line.depth is None and not line.table and not kind and line.raw.startswith("(")
        if credit:
            yield Note("source credit", line.text)
        elif line.depth is None and not line.table and _BOLD.fullmatch(line.raw):
            if words:
                yield Note(kind or "note", spaced(" ".join(words)))
            kind, words = line.text.lower(), []
        else:
            words.append(line.text.removeprefix("> "))
    if words:
        yield Note(kind or "note", spaced(" ".join(words)))


def _plain(markdown: str) -> str:
    """The words of Markdown: without emphasis, links, footnotes, tags and escapes."""
    text = _FOOTNOTE.sub(lambda m: m[2] or " ", _unbolded(markdown))
    return spaced(html.unescape(_TAG.sub(" ", re.sub(r"\\([^\w\s])", r"\1", text))))


def _unbolded(markdown: str) -> str:
    """Without links and emphasis, whose pieces ("__General__  __.—__") are closed up again."""
    text = _GAP_IN_BOLD.sub(lambda m: "" if m[1] else " ", markdown).replace("__", "")
    return _LINK.sub(r"\1", text)
