"""Logs for machines: one JSON object a line on stderr, which holds no words of a client, an answer or an error.

Only our own records are trusted with their text. Another library's may hold what it was working on, so of those the
logger and the place are kept, and of an exception its type and where it came from.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
import logging
import logging.config
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, redirect_stderr
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER: Final = b"x-request-id"
# What proxies send: 32 hexadecimal digits or a UUID. Anything freer could carry a client's words into the log.
_WELL_FORMED = re.compile(r"[0-9a-fA-F-]{16,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OURS, _SERVER = "kei", "uvicorn"
WITHHELD: Final = "(the text of another library is not kept)"
_HERE = Path(__file__).parents[2].parts
# Causes of causes beyond this are left out.
_DEEPEST = 5

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
log = logging.getLogger("kei.request")


class JsonLines(logging.Formatter):
    """A record as one line: time (UTC), level, logger, message, request, and fields given as `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _text(record),
            "request": request_id.get(),
        }
        if _within(record.name, _OURS):
            told |= getattr(record, "fields", {})
        else:
            told["where"] = _place(record.pathname, record.lineno)
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = _fault(record.exc_info[1])
        return json.dumps(told, default=lambda value: type(value).__name__)


def _within(name: str, parent: str) -> bool:
    return name == parent or name.startswith(f"{parent}.")


def _text(record: logging.LogRecord) -> str:
    """What a record says: ours whole, but errors by their type; the server's without what it fills in (a web socket's
    address and query); nobody else's."""
    if _within(record.name, _SERVER) and isinstance(record.msg, str):
        return record.msg.strip()
    if not _within(record.name, _OURS):
        return WITHHELD
    args = record.args if isinstance(record.args, tuple) else ()
    if isinstance(record.msg, BaseException) or any(isinstance(arg, BaseException) for arg in args):
        safe = tuple(type(arg).__name__ if isinstance(arg, BaseException) else arg for arg in args)
        named = type(record.msg).__name__ if isinstance(record.msg, BaseException) else str(record.msg)
        return named % safe if safe else named
    return record.getMessage()


def _fault(error: BaseException, deep: int = 0) -> dict[str, Any]:
    """Type and frames, the innermost last, and the same of its cause and of those in a group; never its words."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(_place(trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    told: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}", "frames": frames}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and deep < _DEEPEST:
        told["cause"] = _fault(cause, deep + 1)
    if isinstance(error, BaseExceptionGroup) and deep < _DEEPEST:
        told["group"] = [_fault(one, deep + 1) for one in error.exceptions]
    return told


def _place(path: str, line: int) -> str:
    """`assistant/answer.py:12`, without the folder in which it is installed."""
    parts = Path(path).parts
    if "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    elif parts[: len(_HERE)] == _HERE:
        parts = parts[len(_HERE) :]
    return f"{'/'.join(parts[-4:])}:{line}"


CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.__stderr__"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        _OURS: {"level": "INFO"},
        _SERVER: {"level": "INFO", "handlers": [], "propagate": True},
        # Its lines hold the query.
        "uvicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


def at_level(level: str) -> dict[str, Any]:
    """CONFIG from a level on: INFO has a line for every request, WARNING only what is wrong."""
    config = copy.deepcopy(CONFIG)
    for name in (_OURS, _SERVER):
        config["loggers"][name]["level"] = level
    return config


class _Unworded(io.TextIOBase):
    """Stands in for stderr. Gradio prints the traceback of a handler that failed, words and all; one line says so."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if "Traceback (most recent call last)" in text:
            logging.getLogger("kei.stderr").error("another library printed a traceback; its text is not kept")
        return len(text)


@contextmanager
def logging_as_json(config: dict[str, Any] = CONFIG) -> Iterator[None]:
    """Log as the config says as long as the server runs; whatever else is printed to stderr is withheld.

    Give it to uvicorn too (`log_config=config, log_level=None, access_log=False`), or it sets up its own.
    """
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
    try:
        with redirect_stderr(_Unworded()):
            yield
    finally:
        logging.captureWarnings(False)
        sys.stderr.flush()


class RequestLog:
    """ASGI: every request gets an id, in `request_id`, in its own header (for handlers that run elsewhere, as Gradio's
    do) and in the response's; and one record when it is done: method, route as a template, status, milliseconds."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), "")
        id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
        others = [(name, value) for name, value in scope["headers"] if name != HEADER]
        scope["headers"] = [*others, (HEADER, id.encode())]
        status, begun = 500, time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, id.encode())]
            await send(message)

        token = request_id.set(id)
        try:
            await self._app(scope, receive, answered)
        finally:
            spent = round((time.perf_counter() - begun) * 1000)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            fields = {"method": method, "route": _route(scope), "status": status, "ms": spent}
            log.info("request", extra={"fields": fields})
            request_id.reset(token)


def _route(scope: Scope) -> str:
    """The template of the route (`/file/{name}`); an address that has none is a stranger's text and is not kept."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{path}" if isinstance(path, str) else "(none)"
