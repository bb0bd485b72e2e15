"""The import checker at /checker: a small form, each federal clock with its dates, a checklist with its sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.memo import Sentence
from assistant.web.checker_form import LAST_DAY, MONTHS, Typed, read, table
from assistant.web.checker_result import STATES, Checked, Event
from assistant.web.services import Services
from assistant.web.session import person_of
from assistant.web.sites import drawn
from assistant.web.states_lines import Line, Lines
from assistant.web.states_sheet import Dispute
from assistant.web.timeline import Picture, picture
from corpus.verdicts import Place


@dataclass(frozen=True)
class Entry:
    """A line of the timeline with its result, where it is a clock."""

    event: Event
    line: Line


@dataclass(frozen=True)
class Sheet:
    """Everything the result shows, numbered in the order of the page; `cards` are its sources as HTML."""

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
    cards: tuple[str, ...]


def sheet(checked: Checked, lines: Lines) -> Sheet:
    """The result of a check. Lines are asked for in the order in which the page shows them."""
    day = checked.vehicle.day
    return Sheet(
        checked=checked,
        federal=lines.lines(checked.federal()),
        position=lines.lines(checked.position()),
        timeline=tuple(Entry(e, lines.line(e.sentence) if e.sentence else ()) for e in checked.events()),
        picture=picture(checked.readings, day) if checked.readings else None,
        low_speed=lines.lines(checked.low_speed()),
        limits=lines.lines(checked.limits()),
        conditions=lines.lines(checked.conditions()),
        conflicts=tuple(Dispute(lines.line(Sentence(c.text, c.rests_on)), c.sides) for c in checked.conflicts()),
        pending=lines.lines(checked.pending()),
        unconfirmed=lines.lines(checked.unconfirmed()),
        papers=tuple(
            (paper.name, tuple((box, lines.line(one)) for box, one in paper.lines)) for paper in checked.papers()
        ),
        cards=lines.cards(),
    )


def routes(services: Services) -> APIRouter:
    """The form and its result, for everybody who is signed in. Nothing is stored."""
    router = APIRouter(prefix="/checker", dependencies=[Depends(person_of)])
    library = services.assistant.library
    federal = Place(code="US", name="Federal", provisions=tuple(p for p in library.provisions if p.place == "US"))
    names = sorted((place.name, code) for code, place in library.places.items())

    def sources(code: str | None) -> Iterable[Place]:
        return (federal, library.places[code]) if code else (federal,)

    @router.get("")
    def check(request: Request, typed: Annotated[Typed, Depends()]) -> Response:
        today = dt.date.today()
        sent = bool(request.query_params)
        vehicle, wrong = read(typed, library.places, today) if sent else (None, {})
        shown = None
        if vehicle:
            checked = Checked(library, vehicle)
            shown = sheet(checked, Lines(services, sources(vehicle.place), vehicle.day))
        return drawn(
            request, "checker.html", 422 if wrong else 200, typed=typed, wrong=wrong, sheet=shown, today=today,
            labels=table()["labels"], uses=table()["uses"], clocks=table()["clocks"], words=STATES, places=names,
            months=MONTHS, last=LAST_DAY,
        )  # fmt: skip

    return router
