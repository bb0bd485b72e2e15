"""A person at the chat page: what their browser says to Gradio, and what it would show."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from gradio_client.utils import ServerMessage, apply_diff  # type: ignore[import-untyped]

from evals.load.doors import ANSWERED, TIMEOUT, Door, Reply, refusal
from evals.load.server import Account, LoadError, Server

_READY = re.compile(r"(?:Answer ready(?:, with a question back)?|Done), \d+ sources?\.")
_STATUS = re.compile(r'data-turn="(\d+)" data-state="\w+"[^>]*>([^<]*)<')
_NAMED = re.compile(r'data-thread="([^"]*)"')
_THREAD = re.compile(r'<li[^>]* data-thread="([^"]+)"')
Event = tuple[str, str]
ASK, ARRIVE, AFRESH = ("ask", "click"), ("", "load"), ("clear", "click")
_GRADIO = "/gradio_api"


@dataclass(frozen=True)
class Handler:
    """A handler of the page: its number, the component that sets it off, and the element ids of inputs and outputs."""

    number: int
    trigger: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def handlers(config: Mapping[str, Any]) -> dict[Event, Handler]:
    """By element id and event, from the JSON of /config; the page itself has the element id ""."""
    names = {one["id"]: one["props"].get("elem_id") or "" for one in config["components"]}
    return {
        (names.get(target, ""), event): Handler(
            one["id"], target, *(tuple(names[id] for id in one[side]) for side in ("inputs", "outputs"))
        )
        for one in config["dependencies"]
        for target, event in one["targets"]
        if one["backend_fn"]  # the others only cancel what runs
    }


class Refused(Exception):  # noqa: N818 - says what is the matter
    """The queue did not take an event, or its handler failed; the message is what the browser would be told."""


class Browser:
    """One person with the page open in one tab. They sign in and open it when they first ask."""

    door = Door.CHAT

    def __init__(self, server: Server, account: Account, number: int) -> None:
        """`number` gives the person an address of their own, as they would have behind a proxy."""
        self._account, self._turns = account, 0
        self._from = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._client = httpx.AsyncClient(base_url=server.address, timeout=TIMEOUT, verify=False)
        self._handlers: dict[Event, Handler] = {}
        # What the parts of the page hold at its start and now, by element id; what the server keeps has none.
        self._fresh: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        self._session = ""
        self._alive: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Sign in and open the page, unless it is open."""
        if self._alive is None:
            await self._open()

    async def ask(self, question: str) -> Reply:
        """Type a question and press Ask; the time begins there, with the page open."""
        begun = time.perf_counter()
        try:
            await self.ready()
            begun = time.perf_counter()
            return await self._asked(question, begun)
        except Refused as refused:
            return Reply(str(refused), time.perf_counter() - begun)
        except httpx.HTTPError as error:
            return Reply(type(error).__name__, time.perf_counter() - begun)

    async def afresh(self) -> None:
        """Press New chat; a closed page begins afresh anyway."""
        if self._alive is not None:
            with suppress(Refused, httpx.HTTPError):
                await self._last(AFRESH)
                self._turns = 0

    async def leave(self) -> None:
        """Close the tab."""
        if self._alive is not None:
            self._alive.cancel()
            with suppress(asyncio.CancelledError):
                await self._alive
            self._alive = None

    async def close(self) -> None:
        """Close the tab and the connections."""
        await self.leave()
        await self._client.aclose()

    async def at(self, thread: str) -> tuple[str, ...]:
        """The questions that a fresh page shows at the address of a stored conversation, whoever's it is."""
        await self.leave()
        return await self._open(thread)

    async def _open(self, thread: str = "") -> tuple[str, ...]:
        """Read the page, keep its heartbeat, do what it does when it is loaded; the questions that it shows then."""
        if not self._handlers:
            await self._sign_in()
        await self._client.get("/")
        self._session, self._turns, self._values = secrets.token_hex(6), 0, dict(self._fresh)
        self._alive = asyncio.create_task(self._beat(self._session))
        return _said((await self._last(ARRIVE, thread=thread))["chat"], "user")

    async def _sign_in(self) -> None:
        told = {"login": self._account.login, "password": self._account.password}
        got = await self._client.post("/sign-in", data=told, headers={"X-Forwarded-For": self._from})
        if got.status_code != httpx.codes.SEE_OTHER:
            raise LoadError(f"signing in {self._account.login} gave {got.status_code}")
        config = (await self._client.get("/config")).json()
        self._handlers = handlers(config)
        parts = {one["props"].get("elem_id"): one["props"].get("value") for one in config["components"]}
        self._fresh = {id: "" if value is None else value for id, value in parts.items() if id}

    async def _beat(self, session: str) -> None:
        """The connection that tells the server that the tab is open; it ends with it."""
        with suppress(httpx.HTTPError):
            async with self._client.stream("GET", f"{_GRADIO}/heartbeat/{session}", timeout=None) as kept:
                async for _ in kept.aiter_raw():
                    pass

    async def _asked(self, question: str, begun: float) -> Reply:
        first, values = None, dict[str, Any]()
        async with aclosing(self._events(ASK, question)) as events:
            async for values in events:
                if first is None and _answering(values["chat"]):
                    first = time.perf_counter() - begun
        spent = time.perf_counter() - begun
        found = _STATUS.search(values["status"])
        turn, status = (int(found[1]), unescape(found[2])) if found else (0, "a page without a status")
        answered = turn == self._turns + 1 and _READY.fullmatch(status)
        self._turns = turn
        return Reply(
            ANSWERED if answered else status,
            spent,
            first if answered else None,
            _said(values["chat"], "assistant")[-1] if answered else "",
            _said(values["chat"], "user"),
            frozenset(_THREAD.findall(values["history-list"] if isinstance(values["history-list"], str) else "")),
        )

    async def _last(self, event: Event, *, thread: str = "") -> dict[str, Any]:
        """The values of the outputs once a handler is through."""
        values: dict[str, Any] = {}
        async with aclosing(self._events(event, thread=thread)) as events:
            async for told in events:
                values = told
        return values

    async def _events(
        self, event: Event, question: str = "", *, thread: str = ""
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The values of a handler's outputs by element id, each time they change. Raises Refused."""
        handler = self._handlers[event]
        typed = self._values | {"question": question}
        body = {
            "data": [typed.get(id) for id in handler.inputs],
            "fn_index": handler.number,
            "session_hash": self._session,
            "trigger_id": handler.trigger,
        }
        # The address of the page names its conversation, and goes along.
        named = _NAMED.search(self._values.get("status") or "")
        params = {"thread": thread or (named[1] if named else "")}
        joined = await self._client.post(f"{_GRADIO}/queue/join", json=body, params=params)
        if not joined.is_success:
            raise Refused(refusal(joined))
        held: list[Any] = []
        async with self._client.stream(
            "GET", f"{_GRADIO}/queue/data", params={"session_hash": self._session}
        ) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                told = json.loads(line[5:])
                if told["msg"] == ServerMessage.close_stream:
                    return
                if told["msg"] in (ServerMessage.process_generating, ServerMessage.process_completed):
                    if not told["success"]:
                        raise Refused(f"an error: {told['output'].get('error')}")
                    held = _changed(held, told)
                    values = dict(zip(handler.outputs, held, strict=True))
                    self._values |= {id: value for id, value in values.items() if id and not _skipped(value)}
                    yield values
        raise Refused("the stream broke off")


def _changed(held: list[Any], told: Mapping[str, Any]) -> list[Any]:
    """The outputs after a message: the first and the last hold all of them, those between what changed."""
    data = told["output"]["data"]
    if not held or told["msg"] == ServerMessage.process_completed:
        return list(data)
    return [apply_diff(before, change) if change else before for before, change in zip(held, data, strict=True)]


def _skipped(value: Any) -> bool:
    """Whether a handler leaves a part as it is, or changes only how it looks."""
    return isinstance(value, dict) and value.get("__type__") == "update" and "value" not in value


def _said(messages: Any, role: str) -> tuple[str, ...]:
    """The texts of the chat's messages by one side; a message is a list of parts."""
    shown = messages if isinstance(messages, list) else []
    return tuple("".join(part["text"] for part in one["content"]) for one in shown if one["role"] == role)


def _answering(messages: Any) -> bool:
    return isinstance(messages, list) and bool(messages) and messages[-1]["role"] == "assistant"
