"""Paragraphs of an RTF file with what their print tells: bold, size, centred, and whether they are only a link.

Legislatures publish chapters in RTF in which section heads, notes and headings differ from the law by their print
alone, and text converters (striprtf) drop just that. Only the control words that bear text or print are known;
others, and groups that hold no text of the page, are passed over.
Source: Rich Text Format Specification 1.9.1, Microsoft 2008.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.official.parse import LARGEST_BYTES
from corpus.official.section import ReadError

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)"
)
_NOT_TEXT = {
    "fonttbl", "colortbl", "stylesheet", "info", "listtable", "listoverridetable", "fldinst", "pict", "header",
    "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "bkmkstart", "bkmkend",
    "object", "themedata",
}  # fmt: skip
_WORDS = {"tab": "\t", "cell": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’"}
_WORDS |= {"ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002"}
_SIGNS = {"~": "\u00a0", "_": "\u2011", "-": "", "{": "{", "}": "}", "\\": "\\"}
_ENDS = {"par", "row", "sect", "page"}


@dataclass(frozen=True)
class Line:
    """One paragraph as printed. `size` is in half points; it and `bold` are those of its first word."""

    text: str
    bold: bool = False
    size: int = 24
    centred: bool = False
    link: bool = False


@dataclass(frozen=True)
class _Print:
    """What a group passes on to the groups inside it."""

    hidden: bool = False
    bold: bool = False
    size: int = 24
    link: bool = False
    instead: int = 1  # how many characters follow each \\u for readers without Unicode


def lines(data: bytes) -> Iterator[Line]:
    """The paragraphs in order, empty ones too. Raises ReadError for what is not RTF, is cut off or binary."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ReadError(f"not RTF: the file begins with {data[:20]!r}")
    if len(data) > LARGEST_BYTES:
        raise ReadError(f"{len(data):,} bytes; the limit is {LARGEST_BYTES:,}")
    return _lines(data.decode("latin-1"))


def _lines(source: str) -> Iterator[Line]:
    state, around, centred, skip = _Print(), list[_Print](), False, 0
    page = re.search(r"\\ansicpg(\d+)", source[:1000])
    coding = _coding(page[1] if page else "1252")
    runs: list[tuple[str, _Print]] = []
    for token in _TOKEN.finditer(source):
        word, number, text = token["word"], token["number"], token["text"] or ""
        if token["brace"] == "{":
            around.append(state)
        elif token["brace"]:
            if not around:
                raise ReadError("the RTF closes a group that it never opened")
            state, skip = around.pop(), 0
        elif word == "bin":
            raise ReadError("the RTF holds binary data")
        elif token["sign"] == "*" or word in _NOT_TEXT:
            state = replace(state, hidden=True)
        elif word in _ENDS:
            yield _line(runs, centred)
            runs = []
        elif word in ("pard", "qc", "ql", "qr", "qj"):
            centred = word == "qc"
        elif word:
            state = _printed(state, word, int(number) if number else None)
            text = chr(int(number or 0) % 0x10000) if word == "u" else _WORDS.get(word, "")
            skip = state.instead if word == "u" else skip
        elif token["sign"]:
            text = _SIGNS.get(token["sign"], "")
        elif token["byte"]:
            text = bytes.fromhex(token["byte"]).decode(coding, "replace")
        if text and word is None and skip:
            text, skip = text[skip:], max(0, skip - len(text))
        if text and not state.hidden:
            runs.append((text, state))
    if around:
        raise ReadError("the RTF ends inside a group: the file is cut off")
    if runs:
        yield _line(runs, centred)


def _printed(state: _Print, word: str, number: int | None) -> _Print:
    match word:
        case "b":
            return replace(state, bold=number != 0)
        case "plain":
            return replace(state, bold=False, size=24)
        case "fs":
            return replace(state, size=number or 24)
        case "field":
            return replace(state, link=True)
        case "uc":
            return replace(state, instead=number or 0)
        case _:
            return state


def _line(runs: list[tuple[str, _Print]], centred: bool) -> Line:
    words = [how for text, how in runs if text.strip()]
    text = "".join(text for text, _ in runs).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not words:
        return Line(text, centred=centred)
    return Line(text, words[0].bold, words[0].size, centred, all(how.link for how in words))


def _coding(page: str) -> str:
    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError as error:
        raise ReadError(f"the RTF is in code page {page}, which is unknown") from error
