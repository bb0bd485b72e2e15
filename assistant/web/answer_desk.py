"""An answer on the review desk, claim by claim, whoever asked for it; each look and each decision is in the ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from assistant.access import Person
from assistant.contract import Answer
from assistant.labels import AUTHORITY
from assistant.threads import ThreadUnknown, Turn
from assistant.web.services import Services
from assistant.web.session import attorney
from assistant.web.sites import drawn

Attorney = Annotated[Person, Depends(attorney)]
Verdict = Literal["right", "wrong"]
MAX_NOTE = 2_000


@dataclass(frozen=True)
class Decided:
    """The last decision on a claim; the note is None where it was purged or there never was one."""

    verdict: str
    by: str
    day: str
    note: str | None


def claims(answer: Answer) -> tuple[str, ...]:
    """The lines of an answer that rest on a source, in their order and without markup; each is reviewed by itself."""
    lines = (re.sub(r"^(?:>\s*)?(?:-\s+)?|\*+", "", line).strip() for line in answer.answer.split("\n"))
    return tuple(line for line in lines if any(f"[{c.n}]" in line for c in answer.citations))


def routes(services: Services) -> APIRouter:
    """/review/answer/THREAD/TURN; for attorneys only, asked again at every route."""
    router = APIRouter(prefix="/review/answer")

    def turn_of(thread: str, n: int) -> Turn:
        try:
            return services.threads.for_review(thread, n)
        except ThreadUnknown as error:
            raise HTTPException(404, "There is no such answer; its conversation may have been deleted.") from error

    def decided(thread: str, n: int) -> dict[int, Decided]:
        held = {}
        for entry in services.ledger.entries(subject=f"{thread}/{n}"):
            if entry.action == "review":
                person = services.users.by_id(entry.actor)
                held[int(entry.facts["claim"])] = Decided(
                    str(entry.facts["verdict"]),
                    person.name if person else entry.actor,
                    entry.at.date().isoformat(),
                    services.ledger.content(entry.n),
                )
        return held

    @router.get("/{thread}/{n}")
    def look(request: Request, thread: str, n: int, who: Attorney) -> Response:
        turn = turn_of(thread, n)
        services.ledger.append("admin_view", who.id, f"{thread}/{n}", {"page": "answer"})
        answer = services.renewed(turn.answer)
        return drawn(
            request, "answer.html", thread=thread, turn=turn, answer=answer, claims=claims(turn.answer),
            decided=decided(thread, n), kind=AUTHORITY,
        )  # fmt: skip

    @router.post("/{thread}/{n}")
    def decide(
        thread: str,
        n: int,
        who: Attorney,
        claim: Annotated[int, Form()],
        verdict: Annotated[Verdict, Form()],
        note: Annotated[str, Form(max_length=MAX_NOTE)] = "",
    ) -> Response:
        turn = turn_of(thread, n)
        if not 0 <= claim < len(claims(turn.answer)):
            raise HTTPException(404, "There is no such claim in this answer.")
        facts = {"claim": claim, "verdict": verdict, "fingerprint": turn.answer.fingerprint}
        services.ledger.append("review", who.id, f"{thread}/{n}", facts, note.strip() or None)
        return RedirectResponse(f"/review/answer/{thread}/{n}#claim-{claim}", 303)

    return router
