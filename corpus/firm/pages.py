"""What the pages of a PDF show: the visible lines of each, and its hidden text. The only file that imports pypdf.

A page is looked at first (`sight`): text that nobody can see is kept apart, with the reason. A page that is only a
picture is a scan; its invisible text layer, if it has one, need not be what the picture shows.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pypdf
from pypdf.errors import DependencyError

from corpus.firm.lines import Line
from corpus.firm.sight import SHOWS, Box, Matrix, Sight, multiplied
from corpus.official.section import ReadError

MOST_PAGES = 2_000
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


@dataclass(frozen=True)
class Page:
    """What one page gives: its visible lines, its hidden text by reason, how many images it shows."""

    lines: tuple[Line, ...]
    hidden: Mapping[str, str]
    images: int

    @property
    def scan(self) -> bool:
        """Whether it shows a picture and no text."""
        return bool(self.images) and not self.lines


@dataclass(frozen=True)
class Pdf:
    """A file: its pages, what its properties say ("" or None where they do not), and what it holds beside its pages."""

    pages: tuple[Page, ...]
    title: str
    author: str
    created: dt.date | None
    layer_off: bool  # a layer is switched off; its text is among the visible lines
    script: bool


def read(data: bytes) -> Pdf:
    """The pages of a PDF. Raises ReadError when it is none, is damaged, needs a password or has too many pages."""
    # pypdf logs pieces of what it reads, and a client's document belongs in no log.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = _opened(data)
        pages = tuple(_page(page) for page in reader.pages)
        return Pdf(pages, *_properties(reader), *_beside(reader))
    except ReadError:
        raise
    except DependencyError as error:
        raise ReadError("it is encrypted in a way that is not read here; save it without a password") from error
    except Exception as error:  # pypdf's own words: "broken PDF files might cause other Exceptions"
        raise ReadError(f"it is damaged: {type(error).__name__} while reading the PDF") from error


def _opened(data: bytes) -> pypdf.PdfReader:
    if b"%PDF-" not in data[:1024]:
        raise ReadError("it is no PDF: its first bytes say something else")
    reader = pypdf.PdfReader(io.BytesIO(data))
    # Many files are encrypted with an empty password, only to forbid printing: those open.
    if reader.is_encrypted and not reader.decrypt(""):
        raise ReadError("it is encrypted and needs a password; save it without one")
    if len(reader.pages) > MOST_PAGES:
        raise ReadError(f"{len(reader.pages):,} pages; the limit is {MOST_PAGES:,}")
    if not reader.pages:
        raise ReadError("it has no pages")
    return reader


class _Reading(Sight):
    """Takes the visible text of a page, or with `hidden` the text that is not, by blanking the operands of the other.

    pypdf then lays out only what is left: a hidden word between two visible ones leaves no trace in the line.
    """

    def __init__(self, page: Box, resources: Mapping[str, Any], reasons: tuple[str, ...], only: str = "") -> None:
        super().__init__(page, resources)
        self._reasons, self._only, self._at = reasons, only, 0
        self._line: list[tuple[str, float, float, float, bool]] = []
        self.found: list[Line] = []

    def before(self, operator: bytes, operands: list[Any], cm: Matrix, tm: Matrix) -> None:
        super().before(operator, operands, cm, tm)
        if operator in SHOWS:
            if self._reasons[self._at] != self._only:
                operands[-1:] = []
            self._at += 1

    def text(self, text: str, cm: Matrix, tm: Matrix, font: Mapping[str, Any] | None, size: float) -> None:
        """pypdf's visitor_text: a piece of a line, a line's end as "\\n"."""
        placed = multiplied(tm, multiplied(cm, self.base))
        height = size * (placed[2] ** 2 + placed[3] ** 2) ** 0.5
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        for n, part in enumerate(text.split("\n")):
            if n:
                self.end()
            if part:
                self._line.append((part, placed[4], placed[5], height, bold))

    def end(self) -> None:
        """The line is whole. It stands where its first letters stand, in the size of most of them."""
        printed = [one for one in self._line if one[0].strip()]
        if printed:
            text = " ".join("".join(one[0] for one in self._line).translate(_LIGATURES).split())
            _, x, y, _, _ = printed[0]
            size = max(printed, key=lambda one: len(one[0].strip()))[3]
            self.found.append(Line(text, x, y, size, all(one[4] for one in printed)))
        self._line = []


def _page(page: pypdf.PageObject) -> Page:
    left, bottom, right, top = (float(one) for one in page.cropbox)
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    resources: Mapping[str, Any] = page.get("/Resources", {}).get_object() if "/Resources" in page else {}
    sight = Sight(box, resources)
    page.extract_text(visitor_operand_before=sight.before, visitor_operand_after=sight.after)
    reasons = sight.reasons()
    hidden = {}
    for why in dict.fromkeys(filter(None, reasons)):
        if words := " ".join(line.text for line in _taken(page, box, resources, reasons, why)):
            hidden[why] = words
    return Page(_taken(page, box, resources, reasons, ""), hidden, sight.images)


def _taken(
    page: pypdf.PageObject, box: Box, resources: Mapping[str, Any], reasons: tuple[str, ...], only: str
) -> tuple[Line, ...]:
    """The lines of the text operators with that reason for not being seen; with "", the visible ones."""
    reading = _Reading(box, resources, reasons, only)
    page.extract_text(
        visitor_operand_before=reading.before, visitor_operand_after=reading.after, visitor_text=reading.text
    )
    reading.end()
    return tuple(reading.found)


def _properties(reader: pypdf.PdfReader) -> tuple[str, str, dt.date | None]:
    told = reader.metadata
    if told is None:
        return "", "", None
    made: dt.datetime | None = None
    with suppress(ValueError):
        made = told.creation_date
    return str(told.title or ""), str(told.author or ""), made.date() if made else None


def _beside(reader: pypdf.PdfReader) -> tuple[bool, bool]:
    root: Any = reader.trailer["/Root"].get_object()
    layers = root.get("/OCProperties", {}).get_object() if "/OCProperties" in root else {}
    default = layers["/D"].get_object() if "/D" in layers else {}
    names = root["/Names"].get_object() if "/Names" in root else {}
    action = root["/OpenAction"].get_object() if "/OpenAction" in root else {}
    script = "/JavaScript" in names or (hasattr(action, "get") and action.get("/S") == "/JavaScript")
    return bool(default.get("/OFF")), script
