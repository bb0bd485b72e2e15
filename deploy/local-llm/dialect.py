"""Today's OpenAI chat request in the words of llama-cpp-python 0.3.36, and a door that is shut to web pages.

That server knows no `json_schema` format and no `max_completion_tokens`, falls back in silence to any JSON when it
cannot read a schema, punishes repetition by default (which spoils quotations), and reads control tokens inside a
message's text. Nothing is logged here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
# A JSON schema as text in, a GBNF grammar out; raises on a schema that it cannot follow.
ToGrammar = Callable[[str], str]

CHAT = "/v1/chat/completions"


class RequestError(ValueError):
    """The request cannot be put into the server's words; the message says which part."""


def translated(request: dict[str, Any], to_grammar: ToGrammar) -> dict[str, Any]:
    """The same chat request, its schema as a grammar; raises RequestError for a schema that cannot be followed."""
    said = {"repeat_penalty": 1.0, **request}
    if (most := said.pop("max_completion_tokens", None)) is not None:
        said["max_tokens"] = most
    schema = _schema(said.get("response_format"))
    if schema is not None:
        del said["response_format"]
        try:
            said["grammar"] = to_grammar(json.dumps(schema))
        except Exception as problem:
            raise RequestError(f"response_format: this schema cannot be followed: {problem}") from problem
    if isinstance(messages := said.get("messages"), list):
        said["messages"] = [_plain(message) for message in messages]
    return said


def _schema(wanted: Any) -> dict[str, Any] | None:
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_schema", "json_object"):
        return None
    holder = wanted.get("json_schema") if wanted["type"] == "json_schema" else wanted
    schema = holder.get("schema") if isinstance(holder, dict) else None
    if schema is None and wanted["type"] == "json_object":
        return None
    if not isinstance(schema, dict):
        raise RequestError("response_format: json_schema.schema is missing")
    return schema


def _plain(message: Any) -> Any:
    """A message whose text cannot be read as the end of a turn or the start of another."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), str):
        return message
    return {**message, "content": message["content"].replace("<|", "< |")}


class Dialect:
    """ASGI middleware: translates chat requests, and refuses whatever a browser's page sends (it has an `Origin`)."""

    def __init__(self, app: App, to_grammar: ToGrammar) -> None:
        self._app = app
        self._to_grammar = to_grammar

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if any(name == b"origin" for name, _ in scope["headers"]):
            return await _refuse(send, 403, "this server answers programs on this machine, not web pages")
        if scope["path"] != CHAT or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        body = await _body(receive)
        if body is None:
            return None
        try:
            request = json.loads(body)
            if not isinstance(request, dict):
                raise RequestError("the body is no JSON object")
            body = json.dumps(translated(request, self._to_grammar)).encode()
        except ValueError as problem:
            return await _refuse(send, 400, str(problem))
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        scope = {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
        await _whole(self._app, scope, _replay(body, receive), send)
        return None


async def _whole(app: App, scope: Message, receive: Receive, send: Send) -> None:
    """Run `app`; if it breaks off inside a stream, say why in a last event, as OpenAI does, and end it properly."""
    streaming = False
    # The server ends its stream before it raises, so the end is held back until it is known to be a good one.
    end: Message = {"type": "http.response.body", "body": b""}

    async def watched(message: Message) -> None:
        nonlocal streaming, end
        if message["type"] == "http.response.start":
            streaming = any(value.startswith(b"text/event-stream") for _, value in message["headers"])
        if streaming and message["type"] == "http.response.body" and not message.get("more_body", False):
            end = message
        else:
            await send(message)

    try:
        await app(scope, receive, watched)
    except Exception as problem:
        if not streaming:
            raise
        end = {**end, "body": f"data: {json.dumps(_error(str(_cause(problem))))}\n\n".encode()}
    if streaming:
        await send(end)


def _cause(problem: BaseException) -> BaseException:
    """The first error inside the groups that a task group makes of it."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None if the client has gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives `body` once, and then what really comes (the client going away)."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps(_error(why)).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


def _error(why: str) -> dict[str, dict[str, str | None]]:
    """An error in OpenAI's form."""
    return {"error": {"message": why, "type": "invalid_request_error", "param": None, "code": None}}
