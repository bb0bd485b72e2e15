"""The result of a check as its page and its export show it: lines with the numbers of their sources, in one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from assistant.contract import Cited
from assistant.memo import Sentence
from assistant.timeline import Picture, picture
from assistant.web.checker_form import table
from assistant.web.checker_papers import papers
from assistant.web.checker_result import Checked, Event
from assistant.web.states_lines import Line, Lines
from assistant.web.states_sheet import Dispute


@dataclass(frozen=True)
class Entry:
    """A line of the timeline with its result, where it is a clock."""

    event: Event
    line: Line


@dataclass(frozen=True)
class Sheet:
    """Everything the result shows, numbered in the order of the page. `papers` are names with their lines, each with
    what is to be marked on the form or "". `cited` are the sources, `cards` the same as HTML."""

    checked: Checked
    federal: tuple[Line, ...]
    position: tuple[Line, ...]
    timeline: tuple[Entry, ...]
    picture: Picture | None
    low_speed: tuple[Line, ...]
    limits: tuple[Line, ...]
    conditions: tuple[Line, ...]
    conflicts: tuple[Dispute, ...]
    pending: tuple[Line, ...]
    unconfirmed: tuple[Line, ...]
    papers: tuple[tuple[str, tuple[tuple[str, Line], ...]], ...]
    cited: tuple[Cited, ...]
    cards: tuple[str, ...]

    @property
    def more(self) -> bool:
        """Whether the book holds more on the state than its position."""
        return bool(self.limits or self.conditions or self.conflicts or self.pending or self.unconfirmed)


def sheet(checked: Checked, lines: Lines, today: dt.date) -> Sheet:
    """The result of a check. Lines are asked for in the order in which the page shows them."""
    day = checked.vehicle.day
    named = "today" if day == today else "day of import"
    return Sheet(
        checked=checked,
        federal=lines.lines(checked.federal()),
        position=lines.lines(checked.position()),
        timeline=tuple(Entry(e, lines.line(e.sentence) if e.sentence else ()) for e in checked.events()),
        picture=picture(checked.readings, day, table()["clocks"], day_name=named) if checked.readings else None,
        low_speed=lines.lines(checked.low_speed()),
        limits=lines.lines(checked.limits()),
        conditions=lines.lines(checked.conditions()),
        conflicts=tuple(Dispute(lines.line(Sentence(c.text, c.rests_on)), c.sides) for c in checked.conflicts()),
        pending=lines.lines(checked.pending()),
        unconfirmed=lines.lines(checked.unconfirmed()),
        papers=tuple((paper.name, _marked(paper.lines, lines.line)) for paper in papers(checked)),
        cited=lines.cited(),
        cards=lines.cards(),
    )


def _marked(held: tuple[tuple[str, Sentence], ...], line: Callable[[Sentence], Line]) -> tuple[tuple[str, Line], ...]:
    return tuple((box, line(one)) for box, one in held)
