"""Read plain text, and Markdown as the text it is: headings, paragraphs, list items."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from corpus.firm.assemble import Facts, Piece, assemble, date_in
from corpus.firm.document import FirmDocument, Flag
from corpus.official.parse import LARGEST_BYTES
from corpus.official.section import ReadError

_FRONT = re.compile(r"\A---[ \t]*\n(?P<lines>(?:[^\n]*\n){0,60}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FACT = re.compile(r"(?P<key>title|date|author)\s*:\s*(?P<value>.*)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?P<text>.*?)(?:-->|\Z)", re.DOTALL)
# The other way to write what no renderer shows: a link definition that nothing refers to.
_ASIDE = re.compile(
    r"^ {0,3}\[(?://|comment|_|#|\^)?\]:[ \t]*\S{1,200}[ \t]+[(\"'](?P<text>.*)[)\"'][ \t]*$", re.M | re.I
)
_HEADING = re.compile(r" {0,3}(?P<signs>#{1,6})(?:[ \t]+(?P<text>.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(?P<sign>=+|-{2,})[ \t]*$")
_ITEM = re.compile(r"\s{0,12}(?:[-*+]|\d{1,4}[.)])\s+")
_RULE = re.compile(r" {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,}|\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*)$")
_LINK = re.compile(r"!?\[(?P<text>[^\[\]]{0,300})\]\((?:[^()\s]|\([^()\s]*\)){0,2000}(?:\s+[\"'][^\"']{0,300}[\"'])?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(?P<text>.{1,2000}?)(?<=\S)\1")


def read_text(data: bytes, *, name: str) -> FirmDocument:
    """The document of a text file. A form feed begins a page. Raises ReadError on what is no text."""
    pages = decoded(data).split("\f")
    pieces = []
    for number, page in enumerate(pages, 1):
        blocks = filter(str.strip, re.split(r"\n[ \t]*\n", page))
        pieces += [Piece(block, page=number if len(pages) > 1 else None) for block in blocks]
    return assemble(data, name, pieces, Facts())


def read_markdown(data: bytes, *, name: str) -> FirmDocument:
    """The document of a Markdown file. Raw HTML is text; comments are flagged and left out. Raises ReadError."""
    text = decoded(data).replace("\f", "\n")
    front = _FRONT.match(text)
    facts, text = (_facts(front["lines"]), text[front.end() :]) if front else (Facts(), text)
    hidden = [
        Flag("hidden text", "comment", match["text"])
        for pattern in (_COMMENT, _ASIDE)
        for match in pattern.finditer(text)
        if match["text"].strip()
    ]
    text = _ASIDE.sub("", _COMMENT.sub("", text))
    raw = tuple(_blocks(text))
    # What a link points to is looked at, but is no text of the passage.
    links = [match[0] for piece in raw for match in _LINK.finditer(piece.text)]
    return assemble(data, name, [Piece(_plain(one.text), one.level) for one in raw], facts, flags=hidden, unread=links)


def decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else Windows-1252, with "\\n" for line ends. Raises ReadError on anything binary."""
    if not data.strip():
        raise ReadError("the file is empty")
    if len(data) > LARGEST_BYTES:
        raise ReadError(f"{len(data):,} bytes; the limit is {LARGEST_BYTES:,}")
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked:
            raise ReadError("it is marked as UTF-16 but is not") from error
        text = data.decode("cp1252", "replace")
    if "\x00" in text:
        raise ReadError("it is binary, or UTF-16 without its mark")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _facts(lines: str) -> Facts:
    found = {
        match["key"].lower(): match["value"].strip(" \t\"'") for match in map(_FACT.match, lines.split("\n")) if match
    }
    return Facts(found.get("title", ""), date_in(found.get("date", "")), found.get("author", ""))


def _blocks(text: str) -> Iterator[Piece]:
    """Headings, paragraphs, list items, table rows. Lines between fences stay one paragraph."""
    block: list[str] = []
    fence = ""
    for line in [*text.split("\n"), ""]:
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if fence or mark:
            if not fence and block:
                yield Piece("\n".join(block))
                block = []
            if not mark:
                block.append(line)
            fence = (mark[1] if mark else fence) if not (fence and mark and mark[1].startswith(fence)) else ""
            continue
        heading, underline = _HEADING.match(line), _UNDERLINE.match(line)
        if underline and len(block) == 1 and not _ITEM.match(block[0]) and "|" not in block[0]:
            yield Piece(block[0], 1 if underline["sign"][0] == "=" else 2)
            block = []
            continue
        own = heading or not line.strip() or _ITEM.match(line) or _RULE.match(line) or line.lstrip().startswith("|")
        if own and block:
            yield Piece("\n".join(block))
            block = []
        if heading:
            yield Piece(heading["text"] or "", len(heading["signs"]))
        elif line.strip() and not _RULE.match(line):
            block.append(line)
    if block:
        yield Piece("\n".join(block))


def _plain(text: str) -> str:
    """The words without the marks of links and bold type; a list's own mark and a quotation's go too."""
    text = _STRONG.sub(r"\g<text>", _LINK.sub(r"\g<text>", text))
    return re.sub(r"(?m)^\s{0,12}(?:[-*+]\s+|>\s?)", "", text)
