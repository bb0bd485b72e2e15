"""Signing in, roles on every route, the review desk, memos: the real app without a browser."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Users
from assistant.answer import Assistant
from assistant.contract import Ask
from assistant.database import Database
from assistant.settings import Settings
from assistant.web.services import Services
from assistant.web.serving import pages

TEXAS = "Can I import a 1999 Suzuki Carry and drive it in Texas?"
PASSWORD = "a long enough one"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEOPLE = {"ann": "client", "bob": "client", "smith": "attorney", "root": "admin"}


@pytest.fixture
def services(assistant: Assistant, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(data_dir=tmp_path)
    database = Database.open(settings)
    held = Services.open(settings, database, lambda standings: assistant)
    object.__setattr__(held, "users", Users(database, hasher=CHEAP))
    assistant.standings = held.standings
    yield held
    assistant.standings = None
    database.close()


@pytest.fixture
def app(services: Services) -> FastAPI:
    return pages(services)


@pytest.fixture
def people(services: Services) -> dict[str, str]:
    """Login to id."""
    return {
        login: services.users.add(login, role, f"{login.title()} X.", PASSWORD).id for login, role in PEOPLE.items()
    }  # type: ignore[arg-type]


def client(app: FastAPI, login: str | None = None) -> TestClient:
    held = TestClient(app, follow_redirects=False)
    if login:
        answer = held.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
    return held


def thread_of(services: Services, owner: str, question: str = TEXAS) -> str:
    answer, slots = services.assistant.turn(Ask(question=question, as_of=dt.date(2026, 11, 24)))
    thread = services.threads.begin(owner, question)
    services.threads.add(thread, owner, question, answer, slots)
    return thread


def paths(app: FastAPI, services: Services, owner: str) -> list[tuple[str, str]]:
    """Every route of ours, filled in, with its method."""
    thread = thread_of(services, owner)
    statement = next(iter(services.assistant.library.statements))
    filled = {
        "thread": thread,
        "turn": "1",
        "n": "1",
        "form": "pdf",
        "id": statement,
        "code": "TX",
        "coordinate": "us/cfr/49/591.5",
    }
    ours = [(method.upper(), path) for path, held in app.openapi()["paths"].items() for method in held]
    assert len(ours) >= 14
    return [(method, re.sub(r"\{([^}]+)\}", lambda m: filled[m[1]], path)) for method, path in ours]


def test_nobody_sees_anything_before_signing_in(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    stranger = client(app)
    for method, path in paths(app, services, people["ann"]):
        answer = stranger.request(method, path)
        if path in ("/healthz", "/readyz", "/sign-in"):
            assert answer.status_code in (200, 422), path
        else:
            assert answer.status_code == 401, path
    for path in ("/", "/config", "/gradio_api/info", "/review", "/theme.css", "/site", "/healthzz/../review"):
        assert stranger.get(path).status_code == 401, path
    sent = stranger.get("/review?place=TX", headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Freview%3Fplace%3DTX")
    assert stranger.post("/gradio_api/queue/join", json={"fn_index": 0, "data": []}).status_code == 401


@pytest.mark.parametrize(("login", "desk", "ledger"), [("ann", 403, 403), ("smith", 200, 403), ("root", 200, 200)])
def test_each_role_sees_its_own(app: FastAPI, people: dict[str, str], login: str, desk: int, ledger: int) -> None:
    held = client(app, login)
    assert held.get("/review").status_code == desk
    assert held.get("/ledger").status_code == ledger


def test_a_client_gets_nothing_of_the_desk_and_nothing_of_another(
    app: FastAPI, services: Services, people: dict[str, str]
) -> None:
    thread = thread_of(services, people["ann"])
    rows = len(services.ledger.entries())
    bob = client(app, "bob")
    for method, path in paths(app, services, people["ann"]):
        if path.startswith(("/review", "/ledger", "/memo")):
            answer = bob.request(
                method, path, data={"decision": "verified", "seen": "0", "claim": "0", "verdict": "right"}
            )
            assert answer.status_code in (403, 404), path
            assert "Texas" not in answer.text
    assert not services.reviews.all_latest()
    assert client(app, "ann").get(f"/memo/{thread}/1.pdf").status_code == 200
    assert len(services.ledger.entries()) > rows


def test_signing_out_and_shutting_out(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    ann = client(app, "ann")
    assert ann.get("/review").status_code == 403
    services.users.set_active("ann", False)
    assert ann.get("/review").status_code == 401
    services.users.set_active("ann", True)
    smith = client(app, "smith")
    kept = dict(smith.cookies)
    assert smith.post("/sign-out").status_code == 303
    assert smith.get("/review").status_code == 401
    assert [e.action for e in services.ledger.entries() if e.actor == people["smith"]] == ["sign_in", "sign_out"]
    assert kept


def test_a_forged_or_altered_session_is_nobodys(app: FastAPI, people: dict[str, str]) -> None:
    ann = client(app, "ann")
    good = ann.cookies["kei"]
    for bad in ("x", good[:-2], good[::-1], "eyJpZCI6ICJ1LTEifQ==." + good.partition(".")[2]):
        assert TestClient(app, cookies={"kei": bad}).get("/review").status_code == 401


def test_another_site_can_send_nothing(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    smith = client(app, "smith")
    id = next(iter(services.assistant.library.statements))
    data = decision(services, id, "verified")
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert smith.post(f"/review/statement/{id}", data=data, headers=headers).status_code == 403
    assert not services.reviews.all_latest()
    own = {"origin": "http://testserver"}
    assert smith.post(f"/review/statement/{id}", data=data, headers=own).status_code == 303


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "x", "/a\r\nb"]
)
def test_the_way_on_stays_here(app: FastAPI, people: dict[str, str], next: str) -> None:
    answer = client(app).post("/sign-in", data={"login": "ann", "password": PASSWORD, "next": next})
    assert answer.headers["location"] == "/"


def test_too_many_tries_from_one_place(app: FastAPI, people: dict[str, str]) -> None:
    held = client(app)
    seen = [held.post("/sign-in", data={"login": f"n{n}", "password": "x"}).status_code for n in range(12)]
    assert seen == [401] * 10 + [429] * 2


def test_the_cookie_is_held_close(app: FastAPI, people: dict[str, str]) -> None:
    told = client(app).post("/sign-in", data={"login": "ann", "password": PASSWORD}).headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=lax" in told
    assert "ann" not in told


def test_without_people_the_local_person_has_both_desks(app: FastAPI, services: Services) -> None:
    held = client(app)
    assert [held.get(path).status_code for path in ("/review", "/ledger")] == [200, 200]


def decision(services: Services, id: str, decision: str, seen: str = "0", note: str = "") -> dict[str, str]:
    """What the form of a statement sends, as somebody who saw its words of now."""
    held = services.assistant.library.statements[id]
    official = services.standings.official(held, dt.date.today())
    words = {"ours": held.hash, "theirs": official.hash if official else ""}
    return {"decision": decision, "seen": seen, "note": note, **words}


def test_verified_is_shown_to_the_client_and_goes_stale(
    app: FastAPI, services: Services, people: dict[str, str]
) -> None:
    smith = client(app, "smith")
    answer = services.assistant.invoke(Ask(question=TEXAS, as_of=dt.date(2026, 11, 24)))
    first = answer.citations[0]
    for id in first.statements:
        sent = smith.post(f"/review/statement/{id}", data=decision(services, id, "verified"))
        assert sent.status_code == 303
        assert sent.headers["location"].startswith("/review")
    again = services.assistant.invoke(Ask(question=TEXAS, as_of=dt.date(2026, 11, 24))).citations[0]
    assert again.review == "verified"
    assert again.reviewed
    assert again.reviewed.startswith("Verified by Smith X. on ")
    late = smith.post(
        f"/review/statement/{first.statements[0]}", data=decision(services, first.statements[0], "disputed", note="no")
    )
    assert late.status_code == 409
    assert "while you looked" in late.text
    page = smith.get(f"/review/statement/{first.statements[0]}").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    bare = smith.post(
        f"/review/statement/{first.statements[0]}", data=decision(services, first.statements[0], "disputed", seen[1])
    )
    assert "needs a note" in bare.text
    smith.post(
        f"/review/statement/{first.statements[0]}",
        data=decision(services, first.statements[0], "disputed", seen[1], "<b>no</b>"),
    )
    other = smith.post(f"/review/statement/{first.statements[0]}", data=decision(services, "us-oh.1", "verified", "99"))
    assert "words changed" in other.text
    disputed = services.assistant.invoke(Ask(question=TEXAS, as_of=dt.date(2026, 11, 24)))
    assert disputed.citations[0].review == "disputed"
    assert "<b>no" not in smith.get(f"/review/statement/{first.statements[0]}").text
    assert "no</b>" not in disputed.model_dump_json()


def test_an_answer_is_reviewed_claim_by_claim(app: FastAPI, services: Services, people: dict[str, str]) -> None:
    thread = thread_of(services, people["ann"])
    services.feedback.give(thread, 1, people["ann"], "wrong_source", "The act is newer")
    smith = client(app, "smith")
    assert "The act is newer" in smith.get("/review").text
    at = f"/review/answer/{thread}/1"
    assert smith.get(at).text.count("<section") > 2
    assert smith.post(at, data={"claim": "0", "verdict": "wrong", "note": "Stale since May"}).status_code == 303
    page = smith.get(at).text
    assert "Stale since May" in page
    assert "Smith X." in page
    assert smith.post(at, data={"claim": "99", "verdict": "wrong"}).status_code == 404
    assert smith.post(at, data={"claim": "0", "verdict": "maybe"}).status_code == 422
    looks = [e for e in services.ledger.entries(subject=f"{thread}/1") if e.action == "admin_view"]
    assert {e.actor for e in looks} == {people["smith"]}
    assert smith.post("/review/feedback/1").status_code == 303
    assert "The act is newer" not in smith.get("/review").text
    assert services.ledger.verify() is None


@pytest.mark.parametrize("form", ["pdf", "docx", "bundle"])
def test_memos(app: FastAPI, services: Services, people: dict[str, str], form: str) -> None:
    thread = thread_of(services, people["ann"])
    ann = client(app, "ann")
    whole, one = ann.get(f"/memo/{thread}.{form}"), ann.get(f"/memo/{thread}/1.{form}")
    assert whole.status_code == one.status_code == 200
    assert re.fullmatch(r'attachment; filename="kei-memo-[\w.-]+"', one.headers["content-disposition"])
    if form == "pdf":
        assert "Suzuki" in pypdf.PdfReader(io.BytesIO(one.content)).pages[0].extract_text()
    assert [e.facts["turn"] for e in services.ledger.entries() if e.action == "export"] == [None, 1]
    assert ann.get(f"/memo/{thread}/9.{form}").status_code == 404
    assert ann.get(f"/memo/{thread}/1.exe").status_code == 422


def test_the_desk_with_filters_that_are_none(app: FastAPI, services: Services) -> None:
    held = client(app)
    assert held.get("/review?place=US-OH&authority=statute&review=unreviewed&page=999").status_code == 200
    assert held.get("/review?authority=nonsense&review=nonsense&place=%00").status_code == 200
    assert "Ohio Rev. Code" in held.get("/review?place=US-OH").text
    assert held.get("/review/statement/nothing").status_code == 404
    assert held.get("/review/answer/nothing/1").status_code == 404
