"""The library at /library: the book searched and browsed, and each provision at one address of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from assistant.contract import Review
from assistant.labels import AUTHORITY, CONFIDENCE
from assistant.official import OfficialTexts
from assistant.standing import UNREVIEWED, Standing
from assistant.web.provisions import ProvisionOnDay, address, held, missing, named, provision
from assistant.web.services import Services
from assistant.web.session import person_of
from assistant.web.sites import drawn
from corpus import citations
from corpus.citations import LONGEST_CITATION, Citation, UnknownCitation
from corpus.law import Authority, Statement, Status
from corpus.library import Library
from corpus.official.store import Store

PAGE = 50
STATUS = {
    Status.IN_FORCE: "in force",
    Status.PENDING: "pending, not law",
    Status.PROPOSED: "proposed, not law",
    Status.NOT_ENACTED: "not enacted",
    Status.VETOED: "vetoed",
    Status.REPEALED: "repealed",
    Status.SUPERSEDED: "superseded",
}


@dataclass(frozen=True)
class Filters:
    """What is searched for and among which statements; an empty field asks for nothing, a value that is none too."""

    q: str = ""
    place: str = ""
    authority: str = ""
    status: str = ""
    review: str = ""

    @property
    def query(self) -> str:
        """The filters as a query string, for links that keep them."""
        return urlencode({k: v for k, v in vars(self).items() if v})

    def keep(self, statement: Statement, standing: Standing) -> bool:
        """Whether a statement is among those that were asked for, whatever it says."""
        return (
            (not self.place or statement.place == self.place)
            and (self.authority not in set(Authority) or statement.authority == self.authority)
            and (self.status not in set(Status) or statement.status == self.status)
            and (self.review not in get_args(Review) or standing.review == self.review)
        )


def cited(library: Library, text: str, place: str) -> Citation | None:
    """The provision that a text is the citation of, whole. `place` helps a bare "§ 502.001" of a state.

    A name without a figure ("show or display") is the name of a document and a subject too: it is searched.
    """
    if not any(sign.isdigit() for sign in text):
        return None
    try:
        return library.parse(text)
    except UnknownCitation:
        pass
    try:
        return citations.parse(text, place=place or None)
    except UnknownCitation:
        return None


def ordered(library: Library, scores: Callable[[str], dict[str, float]], q: str) -> list[Statement]:
    """The statements that share a word with `q`, the best first; the whole book by place and authority without it."""
    if not q:
        return sorted(library.statements.values(), key=lambda s: (s.place != "US", s.place, s.authority.rank))
    found = scores(q)
    return [library.statements[i] for i in sorted(found, key=lambda i: (-found[i], i))]


def day_of(text: str) -> tuple[dt.date, str]:
    """The day that was asked for, or today with a word on why not."""
    today = dt.date.today()
    try:
        return (dt.date.fromisoformat(text.strip()) if text.strip() else today), ""
    except ValueError:
        return today, f"{text.strip()[:40]!r} is no date; please write YYYY-MM-DD. This page speaks for today."


def routes(services: Services) -> APIRouter:
    """The search and the provisions, for everybody who is signed in."""
    router = APIRouter(prefix="/library", dependencies=[Depends(person_of)])
    library, reviews = services.assistant.library, services.reviews
    places = {"US": "Federal", **{c: p.name for c, p in sorted(library.places.items(), key=lambda one: one[1].name)}}

    def standings(day: dt.date, among: Iterable[Statement] | None = None) -> dict[str, Standing]:
        """Of these statements, or of all that were ever reviewed; the rest are not in it."""
        every = (s for i in reviews.all_latest() if (s := library.statements.get(i)))
        return services.standings.of(every if among is None else among, day)

    @router.get("")
    def browse(request: Request, filters: Annotated[Filters, Depends()], page: str = "1") -> Response:
        q = " ".join(filters.q.split())[:LONGEST_CITATION]
        if (citation := cited(library, q, filters.place)) is not None:
            return RedirectResponse(address(citation.coordinate), 303)
        told = standings(dt.date.today())
        every = ordered(library, services.assistant.retriever.lexicon.scores, q)
        rows = [s for s in every if filters.keep(s, told.get(s.id, UNREVIEWED))]
        pages = max(1, -(-len(rows) // PAGE))
        at = min(max(int(page), 1), pages) if page.isascii() and page.isdigit() and len(page) < 9 else 1
        document = library.named(q)
        offered = [Citation(document.coordinate, document.citation, document.place)] if document else []
        offered += [one.citation for one in citations.find(q)]
        return drawn(
            request, "library.html", rows=rows[(at - 1) * PAGE : at * PAGE], total=len(rows), page=at, pages=pages,
            filters=filters, q=q, places=places, kinds=AUTHORITY, statuses=STATUS, states=get_args(Review),
            counts=_counts(library), offered=list(dict.fromkeys(offered)), address=address, unreviewed=UNREVIEWED,
            standings=told, front=not filters.query,
        )  # fmt: skip

    @router.get("/{coordinate:path}")
    def look(request: Request, coordinate: str, as_of: str = "") -> Response:
        if len(coordinate) > LONGEST_CITATION:
            raise HTTPException(404, "That is no address of the library; search it at /library.")
        try:
            citation = named(library, coordinate)
        except UnknownCitation as error:
            found = cited(library, coordinate.strip("/ "), "") or _plain(library, coordinate)
            if found is None:
                raise HTTPException(404, "That is no address of the library; search it at /library.") from error
            return RedirectResponse(address(found.coordinate), 303)
        day, told = day_of(as_of)
        texts = OfficialTexts(Store.held(services.settings.official_dir))
        shown = provision(library, citation, day, texts)
        if shown is None:
            lacking = missing(library, citation, day)
            return drawn(request, "library_missing.html", 404, one=lacking, address=address, places=places, day=day)
        return drawn(
            request, "provision.html", one=shown, day=day, today=dt.date.today(), told=told, address=address,
            share=_share(services, request, citation), places=places, kinds=AUTHORITY, statuses=STATUS,
            confidence=CONFIDENCE, standings=standings(day, shown.statements), empty=_empty(shown),
        )  # fmt: skip

    return router


def _counts(library: Library) -> dict[str, int]:
    """How many statements each place and each kind of source has, by its code."""
    counts: dict[str, int] = {}
    for s in library.statements.values():
        for key in (s.place, s.authority.value):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _plain(library: Library, text: str) -> Citation | None:
    """The provision at an address with a slash too many."""
    bare = text.strip("/ ")
    return named(library, bare) if bare != text and held(library, bare) else None


def _share(services: Services, request: Request, citation: Citation) -> str:
    """The permanent address, as a colleague's browser needs it."""
    base = services.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}{address(citation.coordinate)}"


def _empty(shown: ProvisionOnDay) -> bool:
    """Whether nothing here is law on the day, as far as the book knows."""
    return not any(one.now for one in shown.paragraphs)
