"""The HTTP API for other programs, to be mounted at /api behind the gate: ask, look up, the states, and their schema.

Whoever may ask on the page may ask here, and no more often. What goes wrong is always `{"error": words}`.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as Refusal

from assistant.access import Person
from assistant.contract import Answer
from assistant.database import StoreUnusable
from assistant.printing import lookup_json
from assistant.web.api_ask import EVENTS, UNUSABLE, Asking, reported
from assistant.web.api_docs import described
from assistant.web.api_shapes import At, OnDay, Problem, Provision, Question, States, StateVerdict, problem, sent, wrong
from assistant.web.limits import Limit
from assistant.web.metrics import TOO_MANY, Metrics
from assistant.web.page import QUESTIONS
from assistant.web.services import Services
from assistant.web.session import person_of
from assistant.web.sites import drawn
from corpus.citations import UnknownCitation
from corpus.library import Library
from corpus.verdicts import Place

log = logging.getLogger("kei.web")
# Answers that are made at the same time for programs; the chat has as many places of its own.
AT_ONCE = 4
# So many seconds a question waits for one before it is told that all are taken.
PATIENCE = 2.0

Caller = Annotated[Person, Depends(person_of)]
Asked = Annotated[Question, Depends(sent)]
# What every address may answer; the words stand in the schema.
_ALWAYS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Nobody is signed in, or the token is not good."},
    422: {"model": Problem, "description": "What was sent cannot be read; the words say what to change."},
    500: {"model": Problem, "description": "It went wrong here; the words hold a reference."},
    503: {"model": Problem, "description": "Busy, or the database cannot be used; Retry-After says when to try again."},
}
_ASKING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The Answer JSON, or its stream.", "content": {EVENTS: {"schema": {"type": "string"}}}},
    404: {"model": Problem, "description": "You have no such conversation."},
    409: {"model": Problem, "description": "The conversation is full."},
    413: {"model": Problem, "description": "The body is too long."},
    415: {"model": Problem, "description": "The body is not application/json."},
    TOO_MANY: {"model": Problem, "description": "Too many questions in a minute; Retry-After says how long to wait."},
}
_LOOKING: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "It is not in the book."}}
_BODY = {"required": True, "content": {"application/json": {"schema": Question.model_json_schema()}}}


def programs(services: Services, metrics: Metrics | None = None, often: Limit | None = None) -> FastAPI:
    """The app to mount at /api. `often` is the page's own limit of questions, so that both are counted together."""
    api = FastAPI(
        title="Kei Assistant",
        version=version("kei-assistant"),
        description="Kei trucks under United States law: checked, cited answers. Information, not legal advice.",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(person_of), Depends(HTTPBearer(auto_error=False))],
        responses=_ALWAYS,
    )
    asking, often = Asking(services, metrics), often or Limit(*QUESTIONS)
    library, official = services.assistant.library, services.assistant.on_disk.official
    places = threading.BoundedSemaphore(AT_ONCE)

    @api.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        # Starlette's own words say no more than the status.
        told = error.detail if isinstance(error, HTTPException) else f"{error.detail}; see /api/docs"
        return problem(told, error.status_code, dict(error.headers or {}))

    @api.exception_handler(RequestValidationError)
    def unread(request: Request, error: RequestValidationError) -> Response:
        return problem(wrong(error.errors()), 422)

    @api.exception_handler(StoreUnusable)
    def unusable(request: Request, error: StoreUnusable) -> Response:
        log.error("the database cannot be used")
        return problem(UNUSABLE, 503, {"Retry-After": "30"})

    @api.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        return problem(reported(error), 500)

    async def place() -> AsyncIterator[None]:
        """One of the places for answers, held until the response is sent."""
        if not await run_in_threadpool(places.acquire, timeout=PATIENCE):
            if metrics:
                metrics.refused()
            raise HTTPException(503, "busy: all places for answers are taken; try again", {"Retry-After": "2"})
        try:
            yield
        finally:
            places.release()

    @api.post("/ask", response_model=Answer, responses=_ASKING, openapi_extra={"requestBody": _BODY})
    async def ask(request: Request, person: Caller, question: Asked, held: None = Depends(place)) -> Response:
        """Ask a question. A program that accepts `text/event-stream` and not `application/json` gets the answer while
        it is made: events `step` and `sentence`, whose data is `{"text": …}`, then `final` with the Answer JSON, or
        `error` with an error. Who hangs up stops it, and nothing is kept."""
        if not often.allows(person.id):
            told = f"more than {QUESTIONS[0]} questions in a minute; wait a little"
            raise HTTPException(TOO_MANY, told, {"Retry-After": str(QUESTIONS[1])})
        return await asking.answered(request, question, person)

    @api.get("/lookup", responses=_LOOKING, response_description="What the book holds.")
    def lookup(at: Annotated[At, Query()]) -> Provision:
        """What the book holds at a citation, beside the official words where they are on this machine."""
        try:
            found = library.lookup(at.citation, as_of=at.day)
        except UnknownCitation as error:
            raise HTTPException(422, str(error)) from None
        if not found.found:
            above = f"; above it the book holds {found.above[0].citation}" if found.above else ""
            raise HTTPException(404, f"{found.citation.text} is not in the book{above}")
        quoted = official.quoted(found.citation.coordinate, found.as_of)
        return Provision.model_validate(lookup_json(found, quoted))

    @api.get("/states", response_description="The fifty states and D.C.")
    def states(on: Annotated[OnDay, Query()]) -> States:
        """Whether each state registers imported kei trucks for the road, how sure that is, and when that was read."""
        return verdicts(library, on.day)

    @api.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        home = (services.settings.public_url or "http://127.0.0.1:7860").rstrip("/")
        return drawn(request, "api.html", home=home, told=described(api.openapi()))

    return api


def verdicts(library: Library, day: dt.date) -> States:
    """Every state's verdict of a day, by name."""
    return States(
        as_of=day, states=[_verdict(one, day) for one in sorted(library.places.values(), key=lambda p: p.name)]
    )


def _verdict(place: Place, day: dt.date) -> StateVerdict:
    held = place.verdict(day)
    told: dict[str, Any] = {"place": place.code, "name": place.name}
    if held is not None:
        told |= {"status": held.registration, "confidence": held.confidence, "checked": held.checked}
        told["from"] = held.effective.from_
    return StateVerdict.model_validate(told)
