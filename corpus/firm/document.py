"""The nouns of a firm's own document: its passages, what they cite, and what is odd about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from corpus.official.section import ReadError

LONGEST_EXCERPT = 80
MEDIA = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".html": "text/html",
        ".htm": "text/html",
        ".xhtml": "text/html",
        ".md": "text/markdown",
        ".markdown": "text/markdown",
        ".txt": "text/plain",
    }
)


@dataclass(frozen=True)
class Flag:
    """Something in the file that a person must look at before it is answered from.

    `kind` says what ("hidden text", "instruction to a model"), `where` the page or passage, `excerpt` at most 80
    characters of it, cut here.
    """

    kind: str
    where: str
    excerpt: str

    def __post_init__(self) -> None:
        plain = " ".join(self.excerpt.split())
        cut = plain if len(plain) <= LONGEST_EXCERPT else plain[: LONGEST_EXCERPT - 1] + "…"
        object.__setattr__(self, "excerpt", cut)


@dataclass(frozen=True)
class Passage:
    """A paragraph, table row, list item or footnote.

    `heading` holds the headings above it, outermost first; the document's title is not among them. `page` counts
    from 1 and is where the passage begins, None where the format has no pages; `number` counts from 1 within the
    document. `cites` are the coordinates of the provisions it cites, in their order.
    """

    heading: tuple[str, ...]
    text: str
    page: int | None
    number: int
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class FirmDocument:
    """One file. `id` follows from its bytes, so that the same file has the same id under every name.

    `name` is the bare file name. `date` is the day the document gives itself, None when it gives none. `flags` hold it
    back until a person approves it; `faults` are for a person to know ("page 3 is a scan") and hold nothing back.
    """

    id: str
    name: str
    sha256: str
    title: str
    date: dt.date | None
    author: str | None
    media: str
    passages: tuple[Passage, ...]
    flags: tuple[Flag, ...]
    faults: tuple[str, ...] = ()

    @property
    def cites(self) -> tuple[str, ...]:
        """The coordinates that any passage cites, each once, in the order of the text."""
        return tuple(dict.fromkeys(one for passage in self.passages for one in passage.cites))


def media_of(name: str) -> str:
    """The media type by the ending of the name. Raises ReadError for a kind that is not read."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in MEDIA:
        raise ReadError(f"{suffix or 'a file without an ending'} is not read; what is: {', '.join(MEDIA)}")
    return MEDIA[suffix]
