"""The review desk at /review: what to look at next, one statement or answer at a time, and what clients reported."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from assistant.access import LOCAL, Person
from assistant.contract import Review
from assistant.feedback import FeedbackUnknown
from assistant.labels import AUTHORITY, CONFIDENCE
from assistant.review_queue import Row, review_queue
from assistant.reviews import DecidedMeanwhile, ReviewError
from assistant.standing import Decision
from assistant.web.about import KINDS
from assistant.web.services import Services
from assistant.web.session import attorney
from assistant.web.sites import drawn
from assistant.word_diff import word_diff
from corpus.law import Authority, Statement

PAGE = 50
Attorney = Annotated[Person, Depends(attorney)]


@dataclass(frozen=True)
class Filters:
    """Which rows of the queue are looked at; an empty field is every row, a value that is none counts as empty."""

    place: str = ""
    authority: str = ""
    review: str = ""

    @property
    def query(self) -> str:
        """The filters as a query string, for links that keep them."""
        return urlencode({k: v for k, v in vars(self).items() if v})


def routes(services: Services) -> APIRouter:
    """The queue and the statements; for attorneys only, asked again at every route."""
    router = APIRouter(prefix="/review")
    library, reviews = services.assistant.library, services.reviews

    def queue(filters: Filters) -> tuple[Row, ...]:
        today = dt.date.today()
        signed = [s for i in reviews.all_latest() if (s := library.statements.get(i))]
        return review_queue(
            library.statements.values(),
            services.standings.of(signed, today),
            services.uses.counts(),
            services.feedback.counts(),
            place=filters.place or None,
            authority=Authority(filters.authority) if filters.authority in set(Authority) else None,
            review=filters.review if filters.review in get_args(Review) else None,  # type: ignore[arg-type]
        )

    def after(id: str, filters: Filters) -> str:
        """The statement after this one in the queue, as an address."""
        ids = [row.statement.id for row in queue(filters)]
        at = ids.index(id) if id in ids else -1
        return _address(ids[at + 1], filters) if at + 1 < len(ids) else f"/review?{filters.query}"

    def statement(id: str) -> Statement:
        held = library.statements.get(id)
        if held is None:
            raise HTTPException(404, "There is no such statement in the book; it may have been changed since.")
        return held

    @router.get("")
    def desk(request: Request, filters: Annotated[Filters, Depends()], who: Attorney, page: int = 1) -> Response:
        rows = queue(filters)
        pages = max(1, -(-len(rows) // PAGE))
        page = min(max(page, 1), pages)
        return drawn(
            request, "desk.html", rows=rows[(page - 1) * PAGE : page * PAGE], total=len(rows), page=page, pages=pages,
            filters=filters, places=sorted((p.name, code) for code, p in library.places.items()), kinds=AUTHORITY,
            states=get_args(Review), complaints=services.feedback.open(), said=KINDS, address=_address,
        )  # fmt: skip

    def shown(
        request: Request, held: Statement, filters: Filters, told: str = "", note: str = "", proposed: str = ""
    ) -> Response:
        today = dt.date.today()
        official = services.standings.official(held, today)
        past = reviews.history(held.id)
        last = past[-1] if past else None
        changes = [] if last is None else [("Our words", word_diff(last.reviewed_text, held.text))]
        if last and last.reviewed_official is not None and official:
            changes.append(("Official words", word_diff(last.reviewed_official, official.text)))
        related = [one for one in library.statements.values() if _cites(one, held)]
        return drawn(
            request, "statement.html", 409 if told else 200, one=held, official=official, past=past, last=last,
            told=told, changes=[(name, pieces) for name, pieces in changes if any(p.kind != "same" for p in pieces)],
            standing=services.standings.of([held], today)[held.id], filters=filters, next=after(held.id, filters),
            uses=services.uses.of(held.id)[-20:], related=related[:20], kind=AUTHORITY, confidence=CONFIDENCE,
            by_name=_signs_as(request), address=_address, note=note, proposed=proposed or held.text,
        )  # fmt: skip

    @router.get("/statement/{id:path}")
    def look(request: Request, id: str, filters: Annotated[Filters, Depends()], who: Attorney) -> Response:
        return shown(request, statement(id), filters)

    @router.post("/statement/{id:path}")
    def decide(
        request: Request,
        id: str,
        filters: Annotated[Filters, Depends()],
        who: Attorney,
        decision: Annotated[str, Form()],
        seen: Annotated[int, Form()],
        ours: Annotated[str, Form()],
        theirs: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
        proposed: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
    ) -> Response:
        held = statement(id)
        if who.id == LOCAL.id:
            request.session["name"] = name
        signed = name if who.id == LOCAL.id else who.name
        chosen: Decision = decision  # type: ignore[assignment]  # what is none is refused below
        words = proposed if decision == "corrected" else None
        # Which statement comes next is asked before the decision moves this one in the queue.
        next = after(id, filters)
        official = services.standings.official(held, dt.date.today())
        if (ours, theirs) != (held.hash, official.hash if official else ""):
            told = "Not stored: the words changed since you opened this page; look at them as they are now."
            return shown(request, held, filters, told, note, proposed)
        try:
            reviews.decide(held, chosen, who.id, signed, official, note, words, seen=seen)
        except (ReviewError, DecidedMeanwhile) as error:
            return shown(request, held, filters, f"Not stored: {error}.", note, proposed)
        return RedirectResponse(next, 303)

    @router.post("/feedback/{n}")
    def settle(n: int, who: Attorney) -> Response:
        try:
            services.feedback.settle(n, who.id)
        except FeedbackUnknown as error:
            raise HTTPException(404, str(error)) from error
        return RedirectResponse("/review", 303)

    return router


def _address(id: str, filters: Filters) -> str:
    query = filters.query
    return f"/review/statement/{id}" + (f"?{query}" if query else "")


def _cites(one: Statement, held: Statement) -> bool:
    """Whether another statement of the book speaks of the provision of this one."""
    return one.id != held.id and held.citation.partition("(")[0].strip() in one.text


def _signs_as(request: Request) -> str | None:
    """The name that the local person gave last; None where people sign in, whose name is fixed."""
    person: Person = request.state.person
    return str(request.session.get("name", "")) if person.id == LOCAL.id else None
