"""One question of another program, from what it sent to what it gets: read, made, kept, and stopped when it goes."""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import anyio
from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from assistant.access import Person
from assistant.contract import Ask, Event, Final, QuestionError
from assistant.database import StoreUnusable
from assistant.index import IndexUnusable
from assistant.threads import ThreadUnknown, facts_of
from assistant.understand import understand
from assistant.web.api_shapes import Question, problem
from assistant.web.conversation import MOST_TURNS
from assistant.web.metrics import Metrics
from assistant.web.services import Services

log = logging.getLogger("kei.web")
# What the ledger names as the subject of a question that belongs to no conversation.
SUBJECT = "api"
EVENTS = "text/event-stream"
UNUSABLE = "the database cannot be used just now; nothing was kept"
# An answer is of its day and its reader; and no proxy may hold back a part of it.
UNKEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# Nobody reads it: the program is gone.
GONE = 499


@dataclass(frozen=True)
class Failed:
    """How an answer ended that could not be made or kept: words for the program, and the status."""

    words: str
    status: int


@dataclass(frozen=True)
class Asking:
    """What is needed to answer programs."""

    services: Services
    metrics: Metrics | None = None

    def read(self, question: Question, person: Person) -> Ask:
        """The question in its conversation, on its day. Raises HTTPException for what cannot be asked."""
        context = None
        if question.thread is not None:
            try:
                turns = self.services.threads.read(question.thread, person.id).turns
            except ThreadUnknown as error:
                raise HTTPException(404, str(error)) from None
            if len(turns) >= MOST_TURNS:
                raise HTTPException(409, "this conversation is full; begin another in the chat")
            context = turns[-1].slots if turns else None
        day = question.as_of or dt.date.today()
        ask = Ask(question=question.question, as_of=day, state=question.state, context=context)
        try:
            understand(ask, self.services.assistant.named)
        except QuestionError as error:
            raise HTTPException(422, str(error)) from None
        return ask

    async def answered(self, request: Request, question: Question, person: Person) -> Response:
        """The Answer JSON; or a stream of events, for who accepts only that. Raises what `read` raises."""
        ask = await run_in_threadpool(self.read, question, person)
        making = self._making(ask, question, person)
        if _streamed(request):
            return _Stream(_lines(making), media_type=EVENTS, headers=UNKEPT)
        last = await _last(request, making)
        if isinstance(last, Final):
            return Response(last.answer.model_dump_json(), media_type="application/json", headers=UNKEPT)
        return problem(last.words, last.status)

    async def _making(self, ask: Ask, question: Question, person: Person) -> AsyncGenerator[Event | Failed]:
        """The events of one answer; it is kept before the last of them is told. Who leaves off stops the making at its
        next event, and then nothing is kept."""
        events = self.services.assistant.events(ask)
        try:
            while (event := await run_in_threadpool(next, events, None)) is not None:
                if isinstance(event, Final):
                    await run_in_threadpool(self._keep, event, question, person)
                yield event
        except ThreadUnknown as error:
            yield Failed(str(error), 404)
        except StoreUnusable:
            log.error("the database cannot be used")
            yield Failed(UNUSABLE, 503)
        except IndexUnusable:
            log.error("the index cannot be searched")
            yield Failed("the index cannot be searched just now; try again in a minute", 503)
        except Exception as error:
            if self.metrics:
                self.metrics.failed()
            yield Failed(reported(error), 500)

    def _keep(self, done: Final, question: Question, person: Person) -> None:
        """Store the turn in its conversation; without one, its two rows of the ledger are all that is kept."""
        answer = done.answer
        if question.thread is not None:
            self.services.threads.add(question.thread, person.id, question.question, answer, done.slots)
        else:
            self.services.ledger.append("question", person.id, SUBJECT, {}, question.question)
            self.services.ledger.append("answer", person.id, SUBJECT, facts_of(answer), answer.answer)
        if self.metrics:
            self.metrics.observe(answer, dropped=answer.dropped)


def reported(error: Exception) -> str:
    """Words for an error that nobody foresaw, with the reference under which it is logged."""
    reference = secrets.token_hex(4)
    log.error("request failed, reference %s", reference, exc_info=error)
    return f"something went wrong here; please tell us {reference}"


def _streamed(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return EVENTS in accepted and "application/json" not in accepted


class _Stream(StreamingResponse):
    """Ends what it streams when the program hangs up: Starlette leaves off then, and lets the generator lie."""

    def __init__(self, lines: AsyncGenerator[str], media_type: str, headers: dict[str, str]) -> None:
        super().__init__(lines, media_type=media_type, headers=headers)
        self._streamed = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._streamed.aclose()


async def _lines(making: AsyncGenerator[Event | Failed]) -> AsyncGenerator[str]:
    async with aclosing(making):
        async for event in making:
            yield _line(event)


def _line(event: Event | Failed) -> str:
    """An event of the stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    match event:
        case Final():
            return f"event: final\ndata: {event.answer.model_dump_json()}\n\n"
        case Failed():
            return f"event: error\ndata: {json.dumps({'error': event.words})}\n\n"
        case _:
            return f"event: {event.type}\ndata: {json.dumps({'text': event.text})}\n\n"


async def _last(request: Request, making: AsyncGenerator[Event | Failed]) -> Final | Failed:
    """The end of the making, which is left off when the program hangs up."""
    told: list[Event | Failed] = []

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        async for event in making:
            told[:] = [event]
        group.cancel_scope.cancel()
    ended = [event for event in told if isinstance(event, Final | Failed)]
    return ended[0] if ended else Failed("the program is gone", GONE)
