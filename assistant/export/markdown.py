"""The Markdown of an answer as blocks and spans: bold, italic, lists, quoted notes, and marks of sources; no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "bullets", "quote", "check"]
_INLINE = re.compile(r"\*\*(?!\s)([^*]+)(?<!\s)\*\*|\*(?!\s)([^*]+)(?<!\s)\*|\[(\d{1,3})\]")
_HEADING = re.compile(r"\*\*([^*\n]+)\*\*")


@dataclass(frozen=True)
class Span:
    """A piece of text in one face. `source` is the number of the source that a mark such as `[3]` names."""

    text: str
    bold: bool = False
    italic: bool = False
    source: int | None = None


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph (one item), a list (its items), a quoted note (its paragraphs), or a line with a box to
    tick, which belongs to what follows it; no Markdown gives the last."""

    kind: Kind
    items: tuple[Spans, ...]


def blocks(text: str, held: frozenset[int]) -> Iterator[Block]:
    """The blocks of an answer in order; `held` are the numbers that have a source."""
    for part in re.split(r"\n[ ]*\n", text.strip()):
        if not part.strip():
            continue
        lines = part.strip().split("\n")
        if all(line.startswith(">") for line in lines):
            quoted = "\n".join(line[1:].removeprefix(" ") for line in lines)
            items = [one for one in re.split(r"\n[ ]*\n", quoted) if one.strip()]
            yield from [Block("quote", tuple(spans(one.strip(), held) for one in items))] if items else []
        elif all(line.startswith("- ") for line in lines):
            yield Block("bullets", tuple(spans(line[2:], held) for line in lines))
        elif heading := _HEADING.fullmatch(part.strip()):
            yield Block("heading", ((Span(heading[1]),),))
        else:
            yield Block("paragraph", (spans(part.strip(), held),))


def spans(text: str, held: frozenset[int], *, bold: bool = False, italic: bool = False) -> Spans:
    """The spans of one paragraph. A mark without a source is dropped, as on the page."""
    found: list[Span] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            found.append(Span(text[at : match.start()], bold, italic))
        at = match.end()
        if match[3]:
            n = int(match[3])
            found += [Span(f"[{n}]", bold, italic, n)] if n in held else []
        else:
            found += spans(match[1] or match[2], held, bold=bold or bool(match[1]), italic=italic or bool(match[2]))
    if at < len(text):
        found.append(Span(text[at:], bold, italic))
    return tuple(found)
