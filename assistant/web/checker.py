"""The import checker at /checker: a small form, each federal clock with its dates, papers; and the same as a file."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from assistant.access import Person
from assistant.export import Printed, named, printed
from assistant.labels import AUTHORITY, CONFIDENCE, reviewed
from assistant.web.checker_export import memo_of
from assistant.web.checker_form import LAST_DAY, MONTHS, Typed, Vehicle, described, entered, read, table
from assistant.web.checker_result import Checked
from assistant.web.checker_sheet import Sheet, sheet
from assistant.web.memos import TYPES
from assistant.web.services import Services
from assistant.web.session import person_of
from assistant.web.sites import drawn
from assistant.web.states_lines import Lines
from corpus.verdicts import Place


def routes(services: Services) -> APIRouter:
    """The form and its result, for everybody who is signed in, and /checker.docx and /checker.pdf of the same address.

    Of a check nothing is stored; of its export the ledger has the hash.
    """
    router = APIRouter()
    library = services.assistant.library
    federal = Place(code="US", name="Federal", provisions=tuple(p for p in library.provisions if p.place == "US"))
    names = sorted((place.name, code) for code, place in library.places.items())

    def sources(code: str | None) -> Iterable[Place]:
        return (federal, library.places[code]) if code else (federal,)

    def checked(vehicle: Vehicle, today: dt.date) -> Sheet:
        lines = Lines(services, sources(vehicle.place), vehicle.day)
        return sheet(Checked(library, vehicle), lines, today)

    @router.get("/checker", dependencies=[Depends(person_of)])
    def check(request: Request, typed: Annotated[Typed, Depends()]) -> Response:
        today = dt.date.today()
        sent = bool(request.query_params)
        vehicle, wrong = read(typed, library.places, today) if sent else (None, {})
        shown = checked(vehicle, today) if vehicle else None
        place = shown.checked.place.name if shown and shown.checked.place else None
        return drawn(
            request, "checker.html", 422 if wrong else 200, typed=typed, wrong=wrong, sheet=shown, today=today,
            labels=table()["labels"], uses=table()["uses"], words=table()["states"], places=names, months=MONTHS,
            last=LAST_DAY, query=_address(typed), book=library.fingerprint,
            authority=AUTHORITY, confidence=CONFIDENCE, reviewed=reviewed,
            asked=described(vehicle, place) if vehicle else "", entered=entered(vehicle, place) if vehicle else (),
        )  # fmt: skip

    @router.get("/checker.{form}")
    def export(
        request: Request,
        form: Printed,
        typed: Annotated[Typed, Depends()],
        person: Annotated[Person, Depends(person_of)],
    ) -> Response:
        today = dt.date.today()
        vehicle, _ = read(typed, library.places, today)
        if vehicle is None:  # the page says what is wrong, field by field
            return RedirectResponse(f"/checker?{_address(typed) or 'year='}", 303)
        told = memo_of(checked(vehicle, today), exported=today, book=library.fingerprint)
        data = printed(told, form)
        services.ledger.append("export", person.id, hashlib.sha256(data).hexdigest(), {"form": form, "of": "check"})
        name = named("check", [vehicle.place] if vehicle.place else [], form, exported=today)
        return Response(data, media_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})

    return router


def _address(typed: Typed) -> str:
    """What was typed, as the query of an address."""
    return urlencode({name: value for name, value in vars(typed).items() if value})
