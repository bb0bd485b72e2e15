"""Asking over HTTP when it does not go smoothly: streams, limits, broken bodies, errors, and programs that hang up."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, Event, Step
from assistant.database import StoreUnusable
from assistant.web.api import AT_ONCE
from assistant.web.logs import JsonLines
from assistant.web.metrics import Metrics
from assistant.web.page import QUESTIONS
from assistant.web.services import Services
from assistant.web.serving import pages
from tests import test_desks
from tests.test_api import DAY, program, timeless
from tests.test_desks import TEXAS
from tests.test_metrics import shown

services, app, people = test_desks.services, test_desks.app, test_desks.people
ASKED = {"question": TEXAS, "as_of": DAY}
STREAM = {"Accept": "text/event-stream"}
SECRET = "PLANTED4711"


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, each its name and its data."""
    told = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        told.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return told


def test_a_stream_ends_with_the_answer(app: FastAPI, services: Services) -> None:
    held = TestClient(app)
    got = held.post("/api/ask", json=ASKED, headers=STREAM)
    assert got.headers["content-type"].startswith("text/event-stream")
    assert got.headers["x-accel-buffering"] == "no"
    told = events(got.text)
    names = [name for name, _ in told]
    sentences = names.count("sentence")
    assert sentences >= 3
    assert names == ["step"] * (len(names) - sentences - 1) + ["sentence"] * sentences + ["final"]
    assert told[0][1] == {"text": "Reading the question"}
    plain = held.post("/api/ask", json=ASKED).json()
    assert timeless(told[-1][1]) == timeless(plain)
    assert "\n\n".join(data["text"] for name, data in told if name == "sentence") == plain["answer"]
    assert [e.action for e in services.ledger.entries()] == ["question", "answer"] * 2


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("TEXT/event-stream;q=1", "text/event-stream"),
        ("*/*", "application/json"),
        ("application/json, text/event-stream", "application/json"),
    ],
)
def test_who_accepts_json_gets_json(app: FastAPI, accept: str, kind: str) -> None:
    got = TestClient(app).post("/api/ask", json=ASKED, headers={"Accept": accept})
    assert got.headers["content-type"].startswith(kind)


def body(**more: object) -> bytes:
    return json.dumps({"question": "is it legal?", **more}).encode()


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (b"", 422, "the body: Invalid JSON"),
        (b"{", 422, "the body: Invalid JSON"),
        (b"[]", 422, "the body: Input should be an object"),
        (b"{}", 422, "question: Field required"),
        (body(question=5), 422, "question: Input should be a valid string"),
        (body(question=None), 422, "question: Input should be a valid string"),
        (body(question=[SECRET]), 422, "question: Input should be a valid string"),
        (body(question="is it legal? " * 154)[:-2] + b'"}', 422, "question: String should have at most 2000"),
        (body(question="x" * 2_001), 422, "question: String should have at most 2000 characters"),
        (body(question=""), 422, "question: String should have at least 1 character"),
        (body(question=" ??? "), 422, "please ask a question in words"),
        (body(question="legal\0?"), 422, "the question holds control characters"),
        (b'{"question": "\\ud800 legal?"}', 422, "the body: Invalid JSON"),
        (b'{"question": "\xff legal?"}', 422, "the body: Invalid JSON"),
        (body(state="ZZ"), 422, "'ZZ' is not a state I know"),
        (body(state=7), 422, "state: Input should be a valid string"),
        (body(state="T" * 41), 422, "state: String should have at most 40 characters"),
        (body(as_of=0), 422, "as_of: a day is written YYYY-MM-DD"),
        (body(as_of="1700006400"), 422, "as_of: a day is written YYYY-MM-DD"),
        (body(as_of="2026-02-30"), 422, "as_of: day is out of range"),
        (body(as_of="2026-02-03T00:00:00"), 422, "as_of: a day is written YYYY-MM-DD"),
        (body(as_of="٢٠٢٦-02-03"), 422, "as_of: a day is written YYYY-MM-DD"),
        (body(thread={"$ne": ""}), 422, "thread: Input should be a valid string"),
        (body(colour="red"), 422, "colour: Extra inputs are not permitted"),
        (body(**{SECRET * 9: 1}), 422, "Extra inputs are not permitted"),
        (b"[" * 60_000, 422, "the body: Invalid JSON: recursion limit exceeded"),
        (b'{"question": ' + b'{"a":' * 9_000, 422, "the body: Invalid JSON: recursion limit exceeded"),
        (b" " * 65_537, 413, "the body is longer than 65,536 bytes"),
    ],
)
def test_a_body_that_cannot_be_read(app: FastAPI, services: Services, sent: bytes, status: int, told: str) -> None:
    for headers in ({}, STREAM):
        got = TestClient(app).post("/api/ask", content=sent, headers={"Content-Type": "application/json", **headers})
        assert (got.status_code, list(got.json())) == (status, ["error"])
        assert told in got.json()["error"]
        assert len(got.json()["error"]) < 300
    assert services.ledger.entries() == ()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
def test_a_form_of_another_site_could_not_send_it(app: FastAPI, kind: str) -> None:
    got = TestClient(app).post("/api/ask", content=body(), headers={"Content-Type": kind})
    assert (got.status_code, got.json()) == (415, {"error": "send the question as application/json"})


def test_what_the_address_holds_is_not_passed_over(app: FastAPI) -> None:
    got = TestClient(app).post("/api/ask?state=TX", json=ASKED)
    assert (got.status_code, list(got.json())) == (422, ["error"])


def test_thirty_questions_in_a_minute(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    ann, bob = program(app, services, "ann"), program(app, services, "bob")
    other = program(app, services, "ann")  # another token is the same person
    for n in range(QUESTIONS[0]):
        assert (ann, other)[n % 2].post("/api/ask", json={"question": "???"}).status_code == 422
    for held in (ann, other):
        got = held.post("/api/ask", json=ASKED)
        assert (got.status_code, got.headers["retry-after"]) == (429, "60")
        assert list(got.json()) == ["error"]
    assert bob.post("/api/ask", json=ASKED).status_code == 200
    assert ann.get("/api/states").status_code == 200


def making(monkeypatch: pytest.MonkeyPatch, made: Callable[[Ask], Iterator[Event]]) -> None:
    monkeypatch.setattr(Assistant, "events", lambda self, ask: made(ask))


def test_as_many_at_once_as_fit(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Semaphore(0), threading.Event()
    whole = Assistant.events

    def slow(ask: Ask) -> Iterator[Event]:
        begun.release()
        assert go.wait(60)
        yield from whole(services.assistant, ask)

    making(monkeypatch, slow)
    metrics = Metrics(book="b", answers="a", version="0")
    held = TestClient(pages(services, metrics))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        kinds = [({}, STREAM)[n % 2] for n in range(AT_ONCE)]
        running = [threads.submit(held.post, "/api/ask", json=ASKED, headers=kind) for kind in kinds]
        for _ in running:
            assert begun.acquire(timeout=60)
        for headers in ({}, STREAM):
            busy = held.post("/api/ask", json=ASKED, headers=headers)
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
            assert busy.json()["error"].startswith("busy")
        assert held.get("/api/states").status_code == 200
        go.set()
        assert [one.result().status_code for one in running] == [200] * AT_ONCE
    assert [held.post("/api/ask", json=ASKED).status_code for _ in range(AT_ONCE + 1)] == [200] * (AT_ONCE + 1)
    told = shown(metrics)
    assert told["kei_refused_requests_total"] == 2
    assert told['kei_answers_total{outcome="answered"}'] == 2 * AT_ONCE + 1


@pytest.mark.parametrize("headers", [{}, STREAM])
@pytest.mark.parametrize(
    ("error", "status", "told"),
    [(KeyError(SECRET), 500, "please tell us"), (StoreUnusable(SECRET), 503, "nothing was")],
)
def test_an_error_is_told_without_its_words(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    headers: dict[str, str], error: Exception, status: int, told: str,
) -> None:  # fmt: skip
    def broken(ask: Ask) -> Iterator[Event]:
        yield Step(text="Reading the question")
        raise error

    making(monkeypatch, broken)
    metrics = Metrics(book="b", answers="a", version="0")
    held = TestClient(pages(services, metrics), raise_server_exceptions=False)
    with caplog.at_level(logging.INFO, "kei"):
        got = held.post("/api/ask", json={"question": f"Is the {SECRET} legal?"}, headers=headers)
    if headers:
        assert (got.status_code, [name for name, _ in events(got.text)]) == (200, ["step", "error"])
    else:
        assert (got.status_code, list(got.json())) == (status, ["error"])
    assert told in got.text
    assert SECRET not in got.text
    records = [JsonLines().format(record) for record in caplog.records if record.name.startswith("kei")]
    assert len(records) == 1
    assert SECRET not in records[0]
    assert services.ledger.entries() == ()
    assert shown(metrics)["kei_failed_answers_total"] == (status == 500)


def test_a_store_that_fails_keeps_nothing(services: Services, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **more: object) -> None:
        raise StoreUnusable(SECRET)

    monkeypatch.setattr(type(services.ledger), "append", refused)
    got = TestClient(app).post("/api/ask", json=ASKED)
    assert (got.status_code, SECRET in got.text) == (503, False)
    monkeypatch.setattr(type(services.users), "configured", refused)
    got = TestClient(app).get("/api/states")
    assert (got.status_code, list(got.json())) == (503, ["error"])


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """The app on a port of this machine, for what a test client cannot do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_who_hangs_up_stops_it(app: FastAPI, services: Services, monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    begun, stopped = threading.Semaphore(0), threading.Semaphore(0)

    def endless(ask: Ask) -> Iterator[Event]:
        begun.release()
        try:
            for _ in range(2_000):
                yield Step(text="Reading")
                time.sleep(0.01)
        finally:
            stopped.release()

    making(monkeypatch, endless)
    head = f"POST /api/ask HTTP/1.1\r\nHost: kei\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
    sent = f"{head}Content-Length: {len(body())}\r\n\r\n".encode() + body()
    with served(app) as port:
        # More often than there are places: each is free again.
        for _ in range(AT_ONCE + 1):
            with socket.create_connection(("127.0.0.1", port)) as program:
                program.sendall(sent)
                assert begun.acquire(timeout=10)
            assert stopped.acquire(timeout=10)
    assert services.ledger.entries() == ()


def test_what_is_kept_is_what_was_told(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    thread = test_desks.thread_of(services, people["ann"])
    asked = {"question": "What about Ohio?", "thread": thread, "as_of": DAY}
    told = events(program(app, services, "ann").post("/api/ask", json=asked, headers=STREAM).text)
    turn = services.threads.read(thread, people["ann"]).turns[-1]
    assert turn.answer == Answer.model_validate(told[-1][1])
