"""The nouns of official text: what a reader makes of a file.

A *document* holds *sections*; a section holds its *paragraphs* in the order of the text. The words are the
official ones, so none of this is ever part of the project: it lives on the user's disk.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

# Dashes and spaces that sources use for the same thing ("20‑4.01", "§ 12.80   Federal"): one of each.
_SAME = str.maketrans({**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys("\u00a0\u2009\u202f\u2002\u2003", " ")})
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]")


class ReadError(ValueError):
    """A file that cannot be read as what it should be; the message says what is wrong with it."""


class Kind(StrEnum):
    """What a paragraph is in its section."""

    TEXT = "text"
    HEADING = "heading"
    TABLE = "table"
    FOOTNOTE = "footnote"


class Standing(StrEnum):
    """What the source itself says of a section."""

    OPERATIVE = "operative"
    RESERVED = "reserved"
    REPEALED = "repealed"
    OMITTED = "omitted"
    TRANSFERRED = "transferred"


@dataclass(frozen=True)
class Paragraph:
    """One piece of a section.

    `labels` is the whole way from the section down: ("i", "1") in § 591.5 is 591.5(i)(1); () stands at the
    section itself. `text` is as printed, its own marker included ("(1) The vehicle …"), white space collapsed.
    A piece without a marker of its own (flush text, a table) has the labels of what it hangs under and a `nth` above 0,
    counted within these labels, so that (labels, nth) is unique in a section unless `ambiguous`.
    `ambiguous` says that the marker can be read in another way, or stands there twice. `page` counts from 1, in PDFs.
    """

    labels: tuple[str, ...]
    text: str
    kind: Kind = Kind.TEXT
    nth: int = 0
    ambiguous: bool = False
    page: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _UNSEEN.sub("", self.text))


@dataclass(frozen=True)
class Note:
    """What stands with a section but is not its law: source credit, history, editor's note, pending amendment."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """One section, appendix or article. `coordinate` is the key ("us/cfr/49/591.5", "us-ia/code/321.30").

    `path` holds the headings above it, outermost first. Raises ReadError when the paragraphs do not hold exactly
    the characters of `source`, the operative text as it stood in the file: a reader may lose nothing.
    """

    coordinate: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    source: str = field(repr=False, compare=False)
    path: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    standing: Standing = Standing.OPERATIVE

    def __post_init__(self) -> None:
        if (held := letters(p.text for p in self.paragraphs)) != (whole := letters([self.source])):
            at = next(
                (i for i, (a, b) in enumerate(zip(held, whole, strict=False)) if a != b), min(len(held), len(whole))
            )
            raise ReadError(f"{self.coordinate}: text differs from the source at {whole[max(0, at - 20) : at + 20]!r}")

    @property
    def hash(self) -> str:
        """sha256 of the normalised operative text: it changes when a word of the law does, not with the markup."""
        return hashlib.sha256(normalised(" ".join(p.text for p in self.paragraphs)).encode()).hexdigest()


@dataclass(frozen=True)
class Document:
    """What a reader made of one file. `faults` are things a person should know (a scanned page, hidden text)."""

    sections: tuple[Section, ...]
    current_as_of: str | None = None
    faults: tuple[str, ...] = ()


def normalised(text: str) -> str:
    """One way of writing the same words: NFC, plain dashes and spaces, nothing unseen, white space collapsed."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text).translate(_SAME)).split())


def letters(texts: Iterable[str]) -> str:
    """The texts without any white space, normalised: what must be equal when nothing was lost."""
    return "".join("".join(normalised(text).split()) for text in texts)
