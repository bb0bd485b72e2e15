"""The states in the browser at /states: the tile map, the page of one state, and up to four beside each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from assistant.access import Person
from assistant.contract import QuestionError
from assistant.labels import CONFIDENCE
from assistant.understand import state_code
from assistant.web import states_map
from assistant.web.services import Services
from assistant.web.session import person_of
from assistant.web.sites import drawn
from assistant.web.states_lines import Lines
from assistant.web.states_sheet import compared, sheet
from assistant.web.states_told import StateOnDay

# More do not fit beside each other on paper.
MOST = 4
Somebody = Annotated[Person, Depends(person_of)]


@dataclass(frozen=True)
class Day:
    """The day that a page speaks for, and whether its address names it."""

    date: dt.date
    named: bool

    def address(self, path: str, **more: str) -> str:
        """A link that keeps the day where one was asked for."""
        asked = {"as_of": self.date.isoformat()} if self.named else {}
        query = urlencode({**more, **asked})
        return f"{path}?{query}" if query else path


def day_of(as_of: str = "") -> Day:
    """The day of an address, today where it names none. Raises 400 for what is no date."""
    text = as_of.strip()
    try:
        return Day(dt.date.fromisoformat(text) if text else dt.date.today(), bool(text))
    except ValueError as error:
        told = f"“{text[:20]}” is not a date; please write YYYY-MM-DD, or leave it out for today."
        raise HTTPException(400, told) from error


Asked = Annotated[Day, Depends(day_of)]

Several = Annotated[list[str], Query(default_factory=list)]


def routes(services: Services) -> APIRouter:
    """The map, the comparison and the states; for everybody who is let in."""
    router = APIRouter(prefix="/states")
    library = services.assistant.library
    names = sorted((place.name, code.removeprefix("US-")) for code, place in library.places.items())

    def on(code: str, day: Day) -> StateOnDay:
        return StateOnDay(library, code, day.date)

    @router.get("")
    def tile_map(request: Request, who: Somebody, day: Asked, show: str = "") -> Response:
        held, question = states_map.tiles(library, day.date), states_map.asked(show)
        return drawn(
            request, "states.html", tiles=held, groups=states_map.groups(held, question), question=question,
            questions=[(one, sum(map(one.meets, held))) for one in states_map.questions()], day=day, names=names,
            said=states_map.surveyed(library, day.date), most=MOST,
        )  # fmt: skip

    @router.get("/compare")
    def compare(request: Request, who: Somebody, day: Asked, state: Several) -> Response:
        codes, wrong = _codes(state)
        states = () if wrong else tuple(on(code, day) for code in codes)
        lines = Lines(services, [one.place for one in states], day.date)
        rows = compared(states, lines) if len(states) > 1 else ()
        return drawn(
            request, "states_compare.html", 400 if wrong else 200, wrong=wrong, states=states, rows=rows, day=day,
            cards=lines.cards(), names=names, most=MOST, chosen=[code.removeprefix("US-") for code in codes[:MOST]],
            confidence=CONFIDENCE, letters=states_map.letters(), kept=[("state", one.code) for one in states],
        )  # fmt: skip

    @router.get("/{code}")
    def one_state(request: Request, who: Somebody, day: Asked, code: str) -> Response:
        try:
            state = on(state_code(code), day)
        except QuestionError as error:
            raise HTTPException(404, f"{error}. The book covers the fifty states and D.C.") from error
        page = sheet(state, Lines(services, [state.place], day.date))
        ask = [(text, day.address("/", state=state.place.code, question=text)) for text in state.follow_ups()]
        return drawn(
            request, "states_one.html", sheet=page, state=state, ask=ask, day=day, names=names, most=MOST,
            confidence=CONFIDENCE, letters=states_map.letters(),
        )  # fmt: skip

    return router


def _codes(asked: list[str]) -> tuple[list[str], str]:
    """The states of an address, each once, and what is wrong with it in words ("" where nothing is)."""
    codes, unknown = [], []
    for text in dict.fromkeys(one.strip() for one in asked[:100] if one.strip()):
        try:
            codes.append(state_code(text))
        except QuestionError as error:
            unknown.append(str(error))
    codes = list(dict.fromkeys(codes))
    if unknown:
        return codes, f"Not compared: {unknown[0]}."
    if len(codes) > MOST:
        return codes, f"Not compared: {len(codes)} states were named, and {MOST} at most fit beside each other."
    return codes, ""
