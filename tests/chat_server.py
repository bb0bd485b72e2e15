"""An OpenAI-compatible server of the tests on 127.0.0.1: one scripted act a request, and a record of what was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["_Handler"], None]


@dataclass(frozen=True)
class Request:
    """One request as it came in: `headers` with names in small letters."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ChatServer:
    """Plays `acts` in their order, the last one for ever; `asked` holds the requests so far."""

    acts: list[Act] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, request: Request) -> Act:
        """The act for this request."""
        with self.lock:
            self.asked.append(request)
            return self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    asked: Request

    def do_POST(self) -> None:
        """Record the request and play the next act."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked = Request(self.path, headers, body)
        self.server.chat.next(self.asked)(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the test's error stream."""

    def begin(self, status: int, kind: str, **headers: str) -> None:
        """Status and headers; the body ends where the connection does, unless `Transfer_Encoding` is given."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True

    def event(self, data: str, chunked: bool = True) -> None:
        """One server-sent event."""
        row = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(row), row) if chunked else row)
        self.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, chat: ChatServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chat = chat

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def serving(*acts: Act) -> Iterator[ChatServer]:
    """The server, listening until the block ends."""
    chat = ChatServer(list(acts))
    server = _Server(chat)
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        chat.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def delta(text: str | None, finish: str | None = None, usage: int | None = None) -> str:
    """A chunk of a streamed reply; without a text and an end it has no choice, as the one that tells the usage."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": text} if text else {}, "finish_reason": finish}
    spent = None if usage is None else {"prompt_tokens": usage - 1, "completion_tokens": 1, "total_tokens": usage}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "x", "usage": spent}
    return json.dumps({**chunk, "choices": [choice] if text or finish else []}, ensure_ascii=False)


def says(text: str | Callable[[Request], str], finish: str = "stop", usage: int = 100) -> Act:
    """The text (or what it is for a request) in small pieces, its end, the usage, and the mark that closes a stream."""

    def act(handler: _Handler) -> None:
        handler.begin(200, "text/event-stream", Transfer_Encoding="chunked")
        for piece in _pieces(text if isinstance(text, str) else text(handler.asked)):
            handler.event(delta(piece))
        handler.event(delta(None, finish))
        handler.event(delta(None, usage=usage))
        handler.event("[DONE]")
        handler.wfile.write(b"0\r\n\r\n")

    return act


def fails(status: int, body: str, kind: str = "application/json", **headers: str) -> Act:
    """A reply of this status that is no stream."""

    def act(handler: _Handler) -> None:
        handler.begin(status, kind, **headers)
        handler.wfile.write(body.encode())

    return act


def stalls(text: str = "") -> Act:
    """Begins with the text, then says nothing more until the test is over."""

    def act(handler: _Handler) -> None:
        if text:
            handler.begin(200, "text/event-stream", Transfer_Encoding="chunked")
            for piece in _pieces(text):
                handler.event(delta(piece))
        handler.server.chat.closing.wait(60)

    return act


def pings() -> Act:
    """Keeps the line open with comments and never says a word."""

    def act(handler: _Handler) -> None:
        handler.begin(200, "text/event-stream")
        while not handler.server.chat.closing.wait(0.02):
            handler.wfile.write(b": still at it\n\n")
            handler.wfile.flush()

    return act


def drops(text: str, chunked: bool = True) -> Act:
    """Hangs up after the text: inside a body whose end is marked, or (as a proxy does) where it may well end."""

    def act(handler: _Handler) -> None:
        handler.begin(200, "text/event-stream", **({"Transfer_Encoding": "chunked"} if chunked else {}))
        for piece in _pieces(text):
            handler.event(delta(piece), chunked)

    return act


def _pieces(text: str) -> list[str]:
    return [text[at : at + 9] for at in range(0, len(text), 9)]
