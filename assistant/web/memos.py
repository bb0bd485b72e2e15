"""Answers to take along: one answer or a whole conversation as a memo or a bundle, each export a row of the ledger."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from assistant.access import Person
from assistant.export import Form, bundle, export, file_name
from assistant.threads import ThreadUnknown
from assistant.web.services import Services
from assistant.web.session import person_of

TYPES: dict[Form, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "bundle": "application/zip",
}


def routes(services: Services) -> APIRouter:
    """/memo/THREAD.FORM and /memo/THREAD/TURN.FORM; only for the owner of the conversation."""
    router = APIRouter()

    def written(thread: str, turn: int | None, form: Form, person: Person) -> Response:
        try:
            turns = services.threads.read(thread, person.id).turns
        except ThreadUnknown as error:
            raise HTTPException(404, str(error)) from error
        chosen = [replace(one, answer=services.renewed(one.answer)) for one in turns if turn in (None, one.n)]
        if not chosen:
            raise HTTPException(404, "there is no such answer in this conversation")
        today = dt.date.today()
        data = export(chosen, form, exported=today, library=services.assistant.library)
        proof = bundle.manifest_hash(data) if form == "bundle" else hashlib.sha256(data).hexdigest()
        # By the hash: whoever checks an export later has nothing else to ask the ledger for.
        services.ledger.append("export", person.id, proof, {"form": form, "thread": thread, "turn": turn})
        named = file_name(chosen, form, exported=today)
        return Response(
            data, media_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{named}"'}
        )

    @router.get("/memo/{thread}.{form}")
    def conversation(thread: str, form: Form, person: Annotated[Person, Depends(person_of)]) -> Response:
        return written(thread, None, form, person)

    @router.get("/memo/{thread}/{turn}.{form}")
    def answer(thread: str, turn: int, form: Form, person: Annotated[Person, Depends(person_of)]) -> Response:
        return written(thread, turn, form, person)

    return router
