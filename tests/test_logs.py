"""The logs: one JSON object a line, an id a request, and none of the words of a client, an answer or an error."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from assistant.web.logs import HEADER, WITHHELD, JsonLines, Message, RequestLog, Scope
from tests.conftest import ROOT

SECRET = "PLANTED4711"
# The server as it is run, on a small app; every place in which words could hide holds the secret.
SERVED = f"""
import logging, sys, threading, traceback, urllib.error, urllib.request, warnings
import uvicorn
from fastapi import FastAPI, Request
from assistant.web.logs import CONFIG, RequestLog, logging_as_json

app = FastAPI()

@app.get("/threads/{{thread}}")
def thread(thread: str):
    logging.getLogger("kei.web").info("answered")
    logging.getLogger("kei.web").warning("not stored: %s", ValueError("{SECRET}"))
    logging.getLogger("library").warning("working on %s", "{SECRET}")
    logging.getLogger("library").error("prompt: {SECRET}")
    warnings.warn("{SECRET}", stacklevel=1)
    print("{SECRET}", file=sys.stderr)
    return {{"answer": "{SECRET}"}}

@app.post("/break")
async def broken(request: Request):
    question = (await request.body()).decode()
    try:
        raise KeyError(question)
    except KeyError as error:
        try:
            raise RuntimeError(f"{SECRET} {{question}}") from error
        except RuntimeError:
            logging.getLogger("kei.web").exception("answer failed, reference %s", "abcd1234")
            traceback.print_exc()
            raise

def call(port, path, **more):
    headers = {{"Cookie": "session={SECRET}", "Authorization": "Basic {SECRET}", "X-Request-ID": "{SECRET} 1"}}
    request = urllib.request.Request(f"http://127.0.0.1:{{port}}{{path}}", headers=headers, **more)
    try:
        with urllib.request.urlopen(request) as response:
            print(response.status, response.headers["X-Request-ID"])
    except urllib.error.HTTPError as error:
        print(error.code, error.headers["X-Request-ID"])

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        threading.Thread(target=self.asked, args=(port,)).start()

    def asked(self, port):
        call(port, "/threads/{SECRET}?question={SECRET}&session_hash={SECRET}")
        call(port, "/{SECRET}", method="PUT")
        call(port, "/break", data=b"{SECRET}")
        self.should_exit = True

with logging_as_json():
    told = uvicorn.Config(RequestLog(app), port=0, log_config=CONFIG, log_level=None, access_log=False)
    Server(told).run()
"""


def test_nothing_that_was_planted_is_in_a_record() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stderr
    records = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(list(record)[:5] == ["time", "level", "logger", "message", "request"] for record in records)
    calls = [line.split() for line in done.stdout.splitlines()]
    assert [status for status, _ in calls] == ["200", "404", "500"]
    requests = [record for record in records if record["logger"] == "kei.request"]
    assert [(r["method"], r["route"], r["status"]) for r in requests] == [
        ("GET", "/threads/{thread}", 200),
        ("PUT", "(none)", 404),
        ("POST", "/break", 500),
    ]
    assert [record["request"] for record in requests] == [id for _, id in calls]
    ours = [record for record in records if record["logger"] == "kei.web"]
    assert [record["message"] for record in ours] == [
        "answered",
        "not stored: ValueError",
        "answer failed, reference abcd1234",
    ]
    assert [record["request"] for record in ours] == [requests[0]["request"]] * 2 + [requests[2]["request"]]
    error = ours[2]["error"]
    assert (error["type"], error["cause"]["type"]) == ("builtins.RuntimeError", "builtins.KeyError")
    assert [record["message"] for record in records if record["logger"] == "library"] == [WITHHELD] * 2
    assert any(record["logger"] == "kei.stderr" for record in records)
    assert any(record["logger"] == "uvicorn.error" and "error" in record for record in records)


def formatted(logger: str, message: object, *args: object, error: BaseException | None = None) -> dict[str, Any]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, logging.ERROR, "/opt/x/assistant/web/page.py", 7, message, args, exc_info)
    told = JsonLines().format(record)
    assert "\n" not in told
    return dict(json.loads(told))


@pytest.mark.parametrize(
    ("logger", "message", "args", "told"),
    [
        ("kei.web", "failed, reference %s", ("ab",), "failed, reference ab"),
        ("kei", "two\nlines", (), "two\nlines"),
        ("kei.web", "failed: %s after %d", (KeyError(SECRET), 3), "failed: KeyError after 3"),
        ("kei.web", ValueError(SECRET), (), "ValueError"),
        ("keine", SECRET, (), WITHHELD),
        ("httpx", "GET %s", (SECRET,), WITHHELD),
        ("uvicorn.error", '%s - "WebSocket %s" [accepted]', ("a", SECRET), '%s - "WebSocket %s" [accepted]'),
        ("uvicorn.error", ValueError(SECRET), (), WITHHELD),
    ],
)
def test_whose_words_are_kept(logger: str, message: object, args: tuple[object, ...], told: str) -> None:
    assert formatted(logger, message, *args)["message"] == told


def test_an_error_is_told_by_type_and_place() -> None:
    def deep(n: int) -> None:
        try:
            deep(n - 1) if n else int(SECRET)
        except Exception as error:
            raise ExceptionGroup(SECRET, [error, KeyError(SECRET)]) from error

    with pytest.raises(ExceptionGroup) as caught:
        deep(9)
    told = formatted("kei.web", "failed", error=caught.value)
    assert SECRET not in json.dumps(told)
    assert told["error"]["type"] == "builtins.ExceptionGroup"
    assert told["error"]["frames"][-1].partition(":")[0] == "tests/test_logs.py"
    assert not told["error"]["frames"][0].startswith("/")
    assert told["error"]["group"][1] == {"type": "builtins.KeyError", "frames": []}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"0123456789abcdef0123456789ABCDEF", True),
        (b"7d444840-9dc0-11d1-b245-5ffdce74fad2", True),
        (b"short", False),
        (b"a" * 65, False),
        (b"can-i-import-a-kei-truck", False),
        (b"0123456789abcdef\r\nSet-Cookie: x", False),
        (b"\xff" * 20, False),
        (None, False),
    ],
)
def test_an_id_is_taken_over_only_when_it_is_nothing_but_an_id(given: bytes | None, kept: bool) -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, receive: object, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name == HEADER)
        await send({"type": "http.response.start", "status": 204})

    async def heard(message: Message) -> None:
        seen.extend(value for name, value in message["headers"] if name == HEADER)

    async def receive() -> Message:
        raise AssertionError

    headers = [] if given is None else [(HEADER, given)]
    made = RequestLog(app)({"type": "http", "method": "GET", "headers": headers}, receive, heard)
    with pytest.raises(StopIteration):
        made.send(None)  # type: ignore[attr-defined]
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert (seen[0] == given) is kept
    assert kept or seen[0] != given


def test_what_is_no_request_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope["type"])

    made = RequestLog(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    with pytest.raises(StopIteration):
        made.send(None)  # type: ignore[attr-defined]
    assert seen == ["lifespan"]
