"""The HTTP API as programs use it: the contract, tokens, roles, conversations, what is kept, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from assistant import cli
from assistant.answer import Assistant
from assistant.contract import Answer
from assistant.web import api_ask
from assistant.web.services import Services
from tests import test_desks
from tests.test_desks import TEXAS, client, thread_of

services, app, people = test_desks.services, test_desks.app, test_desks.people
DAY = "2026-11-24"
NOT_YOURS = {"error": "there is no such conversation; it may have been deleted"}


def program(app: FastAPI, services: Services, login: str) -> TestClient:
    """A program with a token of that person."""
    token = services.tokens.make(login)
    return TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


def timeless(told: dict[str, Any]) -> dict[str, Any]:
    assert told["timings_ms"]["total"] >= 0
    return {name: value for name, value in told.items() if name != "timings_ms"}


def kei(assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    """What `kei … --json` prints, on the session's assistant."""
    monkeypatch.setattr(cli, "_open", lambda standings: assistant)
    monkeypatch.setenv("KEI_DATA_DIR", str(folder))
    done = CliRunner().invoke(cli.app, [*words, "--as-of", DAY, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_an_answer_is_the_one_of_the_command_line(
    app: FastAPI, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state in (None, "OH"):
        words = ("ask", TEXAS if state is None else "Is it legal?", *(("--state", state) if state else ()))
        asked = {"question": words[1], "as_of": DAY, "state": state}
        got = TestClient(app).post("/api/ask", json=asked)
        assert got.headers["content-type"] == "application/json"
        assert got.headers["cache-control"] == "no-store"
        assert timeless(got.json()) == timeless(kei(assistant, tmp_path, monkeypatch, *words))
        assert Answer.model_validate(got.json()).citations


def test_a_provision_is_the_one_of_the_command_line(
    app: FastAPI, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for citation in ("49 CFR 591.5(i)(1)", "HS-7"):
        got = TestClient(app).get("/api/lookup", params={"citation": citation, "as_of": DAY})
        assert got.status_code == 200
        assert got.json() == kei(assistant, tmp_path, monkeypatch, "lookup", citation)
        assert got.json()["statements"]


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ({"citation": "49 CFR 591.5(z)"}, 404, "49 CFR 591.5(z) is not in the book; above it the book holds"),
        ({"citation": "49 CFR 1.1"}, 404, "49 CFR 1.1 is not in the book"),
        ({"citation": "the usual rule"}, 422, "is not a citation this book can read"),
        ({"citation": "x" * 401}, 422, "citation: String should have at most 400 characters"),
        ({"citation": ""}, 422, "citation: "),
        ({}, 422, "citation: Field required"),
        ({"citation": "HS-7", "asof": "2024-01-01"}, 422, "asof: Extra inputs are not permitted"),
        ({"citation": "HS-7", "as_of": "2026-2-3"}, 422, "as_of: a day is written YYYY-MM-DD"),
        ({"citation": "HS-7", "as_of": "1700006400"}, 422, "as_of: a day is written YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_looked_up(app: FastAPI, query: dict[str, str], status: int, told: str) -> None:
    got = TestClient(app).get("/api/lookup", params=query)
    assert got.status_code == status
    assert list(got.json()) == ["error"]
    assert told in got.json()["error"]


def test_states(app: FastAPI, services: Services) -> None:
    day, library = dt.date(2026, 11, 24), services.assistant.library
    told = TestClient(app).get("/api/states", params={"as_of": DAY}).json()
    assert told["as_of"] == DAY
    assert len(told["states"]) == 51
    assert [row["name"] for row in told["states"]] == sorted(p.name for p in library.places.values())
    for row in told["states"]:
        held = library.places[row["place"]].verdict(day)
        assert held is not None
        assert (row["status"], row["confidence"]) == (held.registration.value, held.confidence.value)
        assert (row["checked"], row["from"]) == (held.checked.isoformat(), _iso(held.effective.from_))
    # Texas changed in 2025; what was before is told for the days before.
    texas = {d: _texas(TestClient(app).get("/api/states", params={"as_of": d}).json()) for d in ("2024-01-01", DAY)}
    assert texas["2024-01-01"] != texas[DAY]


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _texas(told: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in told["states"] if row["place"] == "US-TX")


ADDRESSES = (("POST", "/api/ask"), ("GET", "/api/lookup?citation=HS-7"), ("GET", "/api/states"),
             ("GET", "/api/openapi.json"), ("GET", "/api/docs"), ("GET", "/api/nothing"))  # fmt: skip


def test_every_address_asks_who_it_is(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    text = services.tokens.make("ann")
    basic = "Basic YW5uOmEgbG9uZyBlbm91Z2ggb25l"
    for header in (None, "Bearer", "Bearer x", f"Bearer {text}x", text, f"Token {text}", basic):
        held = TestClient(app, headers={} if header is None else {"Authorization": header})
        for method, path in ADDRESSES:
            got = held.request(method, path, json={"question": TEXAS} if method == "POST" else None)
            assert (got.status_code, got.json()) == (401, {"error": "Please sign in."}), (header, path)
            assert got.headers["www-authenticate"] == "Bearer"
    services.tokens.revoke(text.split("_")[1])
    revoked = TestClient(app, headers={"Authorization": f"Bearer {text}"})
    assert revoked.get("/api/states").status_code == 401
    assert not [e for e in services.ledger.entries() if e.action == "question"]


@pytest.mark.parametrize("login", ["ann", "smith", "root"])
def test_every_role_may_ask_and_a_token_opens_the_api_alone(
    app: FastAPI, services: Services, people: dict[str, str], login: str
) -> None:
    held = program(app, services, login)
    assert held.post("/api/ask", json={"question": TEXAS}).status_code == 200
    for method, path in ADDRESSES[1:5]:
        assert held.request(method, path).status_code == 200, path
    assert held.get("/api/nothing").json() == {"error": "Not Found; see /api/docs"}
    assert held.get("/api/ask").json() == {"error": "Method Not Allowed; see /api/docs"}
    for path in ("/", "/review", "/ledger", "/memo/x.pdf", "/apis", "/api/../review", "//api/states"):
        assert held.get(path).status_code == 401, path
    services.users.set_active(login, False)
    assert held.get("/api/states").status_code == 401


def test_a_session_works_too_but_not_from_another_site(
    app: FastAPI, services: Services, people: dict[str, str]
) -> None:
    ann, asked = client(app, "ann"), {"question": TEXAS}
    assert ann.post("/api/ask", json=asked).status_code == 200
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        got = ann.post("/api/ask", json=asked, headers=headers)
        assert (got.status_code, got.json()) == (403, {"error": "This request came from another site."})
        assert program(app, services, "ann").post("/api/ask", json=asked, headers=headers).status_code == 200
    # A token that is not good is not made good by a session beside it.
    assert ann.get("/api/states", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_conversation_is_continued_and_kept(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    thread = thread_of(services, people["ann"])
    got = program(app, services, "ann").post("/api/ask", json={"question": "What about Ohio?", "thread": thread}).json()
    assert "US-OH" in got["places"]
    assert "1999" in got["understood"]
    turns = services.threads.read(thread, people["ann"]).turns
    assert [turn.question for turn in turns] == [TEXAS, "What about Ohio?"]
    assert turns[1].answer == Answer.model_validate(got)
    assert [e.subject for e in services.ledger.entries() if e.action == "answer"] == [f"{thread}/1", f"{thread}/2"]


def test_another_persons_conversation_is_no_conversation(
    app: FastAPI, services: Services, people: dict[str, str]
) -> None:
    thread = thread_of(services, people["ann"])
    rows = len(services.ledger.entries())
    for login in ("bob", "smith", "root"):
        held = program(app, services, login)
        for named in (thread, "nothing", "no\0thing"):
            got = held.post("/api/ask", json={"question": "What about Ohio?", "thread": named})
            assert (got.status_code, got.json()) == (404, NOT_YOURS)
    assert len(services.threads.read(thread, people["ann"]).turns) == 1
    assert {e.action for e in services.ledger.entries()[rows:]} == {"user_changed"}  # the tokens


def test_a_conversation_that_is_full_says_so(
    app: FastAPI, services: Services, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_ask, "MOST_TURNS", 1)
    asked = {"question": "What about Ohio?", "thread": thread_of(services, people["ann"])}
    got = program(app, services, "ann").post("/api/ask", json=asked)
    assert (got.status_code, list(got.json())) == (409, ["error"])


def test_a_question_without_a_conversation_is_in_the_ledger_alone(
    app: FastAPI, services: Services, people: dict[str, str]
) -> None:
    ann, ledger = people["ann"], services.ledger
    answer = program(app, services, "ann").post("/api/ask", json={"question": TEXAS, "as_of": DAY}).json()
    assert services.threads.headings(ann) == ()
    question, answered = ledger.entries()[-2:]
    assert [(e.action, e.actor, e.subject) for e in (question, answered)] == [
        ("question", ann, "api"), ("answer", ann, "api")
    ]  # fmt: skip
    assert answered.facts["citations"] == [cited["coordinate"] for cited in answer["citations"]]
    assert answered.facts["fingerprint"] == answer["fingerprint"]
    assert (ledger.content(question.n), ledger.content(answered.n)) == (TEXAS, answer["answer"])
    ledger.purge(ann, by="local")
    assert ledger.content(question.n) is ledger.content(answered.n) is None
    assert ledger.verify() is None


def test_the_page_of_the_schema_names_all_and_loads_nothing_from_elsewhere(app: FastAPI) -> None:
    held = TestClient(app)
    schema, page = held.get("/api/openapi.json").json(), held.get("/api/docs").text
    assert set(schema["paths"]) == {"/ask", "/lookup", "/states"}
    assert schema["servers"] == [{"url": "/api"}]
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            assert f'id="{method.upper()}{path}"' in page
            assert {"401", "422", "500", "503"} <= set(told["responses"])
    for name, shape in schema["components"]["schemas"].items():
        assert f'id="{name}"' in page
        for field in shape["properties"]:
            assert f"<code>{field}</code>" in page, (name, field)
    assert page.count("<script") == page.count('src="') == page.count('<script src="/site/')
    assert "https://" not in page.replace("https://kei.", "")
