"""The result of a check as a memo, with the numbers of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from assistant.eligibility import built_name
from assistant.export.figures import Drawing, Table
from assistant.export.markdown import Block, Span, Spans
from assistant.export.memo import Headings, Memo, Section, in_words, remarks_on, said, source
from assistant.web.checker_form import described, entered, table
from assistant.web.checker_sheet import Entry, Sheet
from assistant.web.states_lines import Line
from assistant.web.states_sheet import Dispute

_HEADINGS = Headings("What was checked", "Result", "Sources")
_WIDTHS = (0.18, 0.22, 0.14, 0.46)


def memo_of(sheet: Sheet, *, exported: dt.date, book: str) -> Memo:
    """The memo of a check. `book` is the fingerprint of the book of law."""
    vehicle, place = sheet.checked.vehicle, sheet.checked.place
    name = place.name if place else None
    section = Section(
        number=1,
        headings=_HEADINGS,
        question=described(vehicle, name),
        understood=None,
        facts=(*entered(vehicle, name), ("Fingerprint of the book", book)),
        blocks=tuple(_blocks(sheet)),
        sources=tuple(map(source, sheet.cited)),
    )
    built = f" built {built_name(vehicle.built)}" if vehicle.built else ""
    title = f"Import check: {'new' if vehicle.new else 'used'} vehicle{built}{f', {name}' if name else ''}"
    facts = (
        ("Re", title),
        ("Date", in_words(exported)),
        ("Speaks for", f"import on {in_words(vehicle.day)}"),
        ("Prepared by", said("author")),
    )
    return Memo(
        title=title,
        as_of=in_words(vehicle.day),
        exported=exported,
        facts=facts,
        sections=(section,),
        disclaimer=said("check_disclaimer"),
        remarks=tuple(remarks_on("check_fingerprint", (section,))),
        heading="Import check",
        name="import check",
    )


def _blocks(sheet: Sheet) -> Iterator[Block | Table | Drawing]:
    """The parts of the page in its order."""
    place = sheet.checked.place
    yield _heading("In short")
    yield _led("Federal", sheet.federal)
    if place:
        yield _led(place.name, sheet.position)
    if sheet.timeline:
        yield _heading("The federal clocks")
        if sheet.picture:
            yield Drawing(sheet.picture)
        yield _timeline(sheet.timeline)
    if sheet.low_speed:
        yield from (_heading("Is it a low-speed vehicle?"), _list(sheet.low_speed))
    if place:
        yield from (_heading(f"More on {place.name}"), *_more(sheet))
    yield _heading("Papers")
    for name, lines in sheet.papers:
        yield Block("check", ((Span(name, bold=True),),))
        yield Block("bullets", tuple(_spans(line, box) for box, line in lines))


def _more(sheet: Sheet) -> Iterator[Block]:
    """What the page says of the state beside its position."""
    if not sheet.more:
        yield Block("paragraph", ((Span("The book holds nothing more."),),))
    if held := (*sheet.limits, *sheet.conditions):
        yield _list(held)
    labelled = (
        ("Sources disagree", tuple(map(_disputed, sheet.conflicts))),
        ("Pending, not law", tuple(map(_spans, sheet.pending))),
        ("Not confirmed", tuple(map(_spans, sheet.unconfirmed))),
    )
    for label, items in labelled:
        if items:
            yield from (_heading(label), Block("bullets", items))


def _disputed(dispute: Dispute) -> Spans:
    """The line, and who says what."""
    sides = ((Span(f" “{side.says}” "), Span(f"({side.citation}).", italic=True)) for side in dispute.sides)
    return (*_spans(dispute.line), *(span for side in sides for span in side))


def _timeline(entries: Iterable[Entry]) -> Table:
    words = table()["states"]
    rows = (
        (
            (Span(e.event.when, bold=e.event.kind == "day"),),
            (Span(e.event.text, bold=e.event.kind == "day"),),
            (Span(words.get(e.event.state, "")),),
            _spans(e.line),
        )
        for e in entries
    )
    return Table(("When", "What", "On import", "In words"), tuple(rows), _WIDTHS)


def _heading(text: str) -> Block:
    return Block("heading", ((Span(text),),))


def _led(name: str, lines: Iterable[Line]) -> Block:
    """One paragraph of these lines under a name."""
    spans = [Span(f"{name}:", bold=True)]
    for line in lines:
        spans += (Span(" "), *_spans(line))
    return Block("paragraph", (tuple(spans),))


def _list(lines: Iterable[Line]) -> Block:
    return Block("bullets", tuple(map(_spans, lines)))


def _spans(line: Line, box: str = "") -> Spans:
    """A line of the page as spans; the name of what is to be marked stands out where the line first says it."""
    spans: list[Span] = []
    for piece in line:
        if piece.n:
            spans.append(Span(f"[{piece.n}]", source=piece.n))
        elif piece.doubt:
            spans.append(Span(piece.words, italic=True))
        elif box and box in piece.words:
            before, _, after = piece.words.partition(box)
            spans += (one for one in (Span(before), Span(box, bold=True), Span(after)) if one.text)
            box = ""
        else:
            spans.append(Span(piece.words))
    return tuple(spans)
