"""The ledger for an admin: its last rows, and the check of the whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.access import Person
from assistant.web.services import Services
from assistant.web.session import admin
from assistant.web.sites import drawn

ROWS = 200
Admin = Annotated[Person, Depends(admin)]


def routes(services: Services) -> APIRouter:
    """/ledger; for admins only. Looking at it is itself a row."""
    router = APIRouter()

    def shown(request: Request, who: Person, *, checked: bool) -> Response:
        finding = services.ledger.verify() if checked else None
        head = None if finding else services.ledger.head()
        rows = services.ledger.entries(after=max(0, (head.n if head else 0) - ROWS))
        names = {person.id: person.name for _, person, _ in services.users.listed()}
        if finding is None:
            services.ledger.append("admin_view", who.id, "ledger", {"verified": checked})
        return drawn(
            request, "ledger.html", rows=rows[::-1], names=names, checked=checked, finding=finding, head=head, most=ROWS
        )

    @router.get("/ledger")
    def look(request: Request, who: Admin) -> Response:
        return shown(request, who, checked=False)

    @router.post("/ledger")
    def verify(request: Request, who: Admin) -> Response:
        return shown(request, who, checked=True)

    return router
