"""Paragraphs of a state code from its printed lines: the markers at their start are cut off and nested.

Shapes: "(a)(1) Boats", "1.  a.  Boats", "A. Boats", "Subdivision 1. Boats". Markers inside a sentence are not cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from corpus.official.nesting import Level, Marker, nest
from corpus.official.section import Kind, Paragraph

_SYMBOL = r"\d{1,3}(?:\.\d{1,2})?(?:-?[a-zA-Z]{1,2})?|[ivxl]{1,7}|[IVXL]{1,7}|([a-zA-Z])\2{0,2}(?:-?\d{1,2})?|[a-z]{2}"
_BRACKETS = re.compile(rf"\s*\(\s?({_SYMBOL})\s?\)(?![a-z])")
# "12.5 tons" and "no. 5" are none.
_STOP = re.compile(r"\s*(\d{1,3}[A-Z]{0,2}|[ivx]{1,5}|([a-zA-Z])\2{0,2}|[a-z]{2})\.(?=\s|$)")
_SUBDIVISION = re.compile(r"\s*subd(?:ivision\s+|\.\s*)(\d{1,3}[a-z]{0,2})\.", re.I)


@dataclass(frozen=True)
class Line:
    """One printed paragraph or table, and the page of a PDF on which it begins."""

    text: str
    kind: Kind = Kind.TEXT
    page: int | None = None


@dataclass(frozen=True)
class _Piece:
    """A line, or the part of one that begins at a marker. `top` is a subdivision, below which nesting begins anew."""

    text: str
    kind: Kind
    marker: Marker | None = None
    top: str = ""
    page: int | None = None


def paragraphs(lines: Sequence[Line], order: tuple[Level, ...]) -> tuple[Paragraph, ...]:
    """The paragraphs of a section. A line without a marker hangs under the paragraph before it: nothing in print
    tells whether it closes the list above (flush text) or goes on with its last member."""
    return counted(_labelled([piece for line in lines for piece in _cut(line)], order))


def opens(text: str) -> bool:
    """Whether a printed line begins with a marker."""
    return any(form.match(text) for form in (_BRACKETS, _STOP, _SUBDIVISION))


def counted(labelled: Sequence[tuple[Paragraph, bool]]) -> tuple[Paragraph, ...]:
    """Paragraphs with their `nth`, from (paragraph, whether it begins with its own marker); twice is ambiguous."""
    times = Counter(one.labels for one, marked in labelled if marked)
    so_far: Counter[tuple[str, ...]] = Counter()
    made: list[Paragraph] = []
    opening = True  # what stands before the first marker is the section's own text
    for one, marked in labelled:
        opening = opening and not marked
        own = marked or (opening and one.kind is Kind.TEXT)
        nth = so_far[one.labels] if own else max(1, so_far[one.labels])
        so_far[one.labels] = nth + 1
        again = any(times[one.labels[:depth]] > 1 for depth in range(1, len(one.labels) + 1))
        made.append(replace(one, nth=nth, ambiguous=one.ambiguous or again))
    return tuple(made)


def _labelled(pieces: Sequence[_Piece], order: tuple[Level, ...]) -> list[tuple[Paragraph, bool]]:
    done: list[tuple[Paragraph, bool]] = []
    number = 0
    numbers = [number := number + bool(piece.top) for piece in pieces]
    for _, group in groupby(zip(numbers, pieces, strict=True), key=lambda one: one[0]):
        run = [piece for _, piece in group]
        top: tuple[str, ...] = (run[0].top,) if run[0].top else ()
        last = top
        nested = iter(nest(list(_fresh(run)), order))
        for piece in run:
            ambiguous = False
            if piece.marker:
                one = next(nested)
                last, ambiguous = top + one.labels, one.ambiguous
            paragraph = Paragraph(last, piece.text, piece.kind, 0, ambiguous, piece.page)
            done.append((paragraph, bool(piece.marker or piece.top)))
    return done


def _fresh(run: Sequence[_Piece]) -> Iterator[Marker]:
    """The markers, each with whether text without one stands before it, so that a list may begin anew."""
    for before, piece in zip([None, *run], run, strict=False):
        if marker := piece.marker:
            fresh = before is not None and not before.marker
            yield Marker(marker.symbol, marker.style, marker.beside, fresh)


def _cut(line: Line) -> Iterator[_Piece]:
    """A line cut at the markers with which it begins."""
    if line.kind is not Kind.TEXT:
        yield _Piece(line.text, line.kind, page=line.page)
        return
    start = here = 0
    marker: Marker | None = None
    top = ""
    if match := _SUBDIVISION.match(line.text):
        top, here = f"subd-{match[1].lower()}", match.end()
    while match := _BRACKETS.match(line.text, here) or _STOP.match(line.text, here):
        if here:
            yield _Piece(_spaced(line.text[start:here]), line.kind, marker, top, line.page)
        style = "()" if match.re is _BRACKETS else "."
        start, marker, top = here, Marker(match[1], style, beside=marker is not None), ""
        here = match.end()
    yield _Piece(_spaced(line.text[start:]), line.kind, marker, top, line.page)


def _spaced(text: str) -> str:
    return " ".join(text.split())
