"""Two processes on one Chroma server and one PostgreSQL behind nginx answer as one, and go on when one is gone.

The tests of this file share what was started and run in their order: the first asks before anybody must sign in, the
last ones end it.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Assistant
from assistant.index_server import ChromaServer, _finished
from assistant.ledger import Ledger
from assistant.threads import ThreadStore
from tests import two
from tests.two import PASSWORD, Two

# Three assistants are loaded at once, which takes long on a busy machine.
pytestmark = pytest.mark.timeout(600)
SECRET = "PLANTED4711"
QUESTIONS = (
    "Can I import a 1999 Suzuki Carry and drive it in Texas?",
    "Is a 2003 Hijet legal in Georgia?",
    "What does 49 CFR 591.5(i)(1) say?",
    "Which box of the HS-7 form is for a 25-year-old truck?",
    "What duty do I pay on a kei truck?",
    "May I drive a kei truck on the interstate in Ohio?",
    "Compare Texas and Florida.",
    "Does the EPA 21-year rule apply to a 2004 truck?",
    "What is a low-speed vehicle?",
    "How much is the bond for a truck worth 5,000 dollars?",
    "Can a dealer sell a new kei truck for road use?",
    "Can I drive one in Maine?",
    "Which states refuse to title kei trucks?",
    "What is the penalty for importing five noncompliant trucks?",
    "How do I bake bread?",
)


@pytest.fixture(scope="module")
def both(assistant: Assistant, data_dir: Path) -> Iterator[Two]:
    with two.started(data_dir / "index") as both:
        yield both


@pytest.fixture(scope="module")
def people(both: Two) -> Two:
    both.add_people(ann="client", bob="client", eve="client", smith="attorney")
    return both


def test_both_started_at_once_and_one_index_was_built(both: Two, assistant: Assistant) -> None:
    server = ChromaServer((both.settings / "KEI_CHROMA_URL").read_text("ascii"))
    held = server._collections()
    assert len(_finished(held)) == 1
    assert not [one.name for one in held if "building" in one.metadata]
    told = {door: json.loads(both.asked(door, "GET", "/readyz")[2]) for door in both.doors}
    assert {one["status"] for one in told.values()} == {"ready"}
    assert {one["fingerprint"] for one in told.values()} == {assistant.fingerprint}
    assert both.asked("nginx", "GET", "/api/states", Host="evil.example")[0] == 400
    for path in both.settings.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_answers_are_those_of_one_process(people: Two, assistant: Assistant) -> None:
    assert people.asked("nginx", "GET", "/api/states")[0] == 401
    for question in QUESTIONS:
        plain = assistant.ask(question, as_of=dt.date(2026, 11, 24)).model_dump(mode="json")
        plain.pop("timings_ms")
        for login, door in (("ann", "a"), ("ann", "b"), ("bob", "nginx")):
            assert people.answer(door, question, login) == plain, (door, question)


def test_a_conversation_goes_on_in_the_other_process(people: Two, assistant: Assistant) -> None:
    turns = [
        "Can I import a 1999 Suzuki Carry and drive it in Texas?",
        "What about Ohio?",
        "and if it was built in 2004?",
    ]
    with closing(people.database()) as database:
        store = ThreadStore(database)
        person = people_id(people, "eve")
        thread = store.begin(person, turns[0])
        told = [
            people.answer(door, turn, "eve", thread=thread)
            for door, turn in zip(("a", "b", "nginx"), turns, strict=True)
        ]
        assert [turn.question for turn in store.read(thread, person).turns] == turns
    assert told[1]["places"] == ["US", "US-OH"]
    assert told[2]["answer"] == assistant.conversation(turns, as_of=dt.date(2026, 11, 24)).answer


def people_id(both: Two, login: str) -> str:
    """The id of a person."""
    with closing(both.database()) as database, database.transaction() as db:
        return str(db.exec_driver_sql("select id from kei_users where login = %s", (login,)).scalar_one())


def test_an_answer_streams_through_nginx_in_pieces(people: Two) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", people.port, timeout=60)) as line:
        sent = {"Authorization": f"Bearer {people.tokens['eve']}", "Accept": "text/event-stream"}
        line.request(
            "POST", "/api/ask", json.dumps({"question": QUESTIONS[0]}), {**sent, "Content-Type": "application/json"}
        )
        got = line.getresponse()
        pieces = []
        while piece := got.read1():
            pieces.append(piece.decode())
    assert got.headers["content-type"].startswith("text/event-stream")
    assert len(pieces) >= 5
    assert "event: final" not in pieces[0]
    assert "event: final" in "".join(pieces)


def test_a_browser_stays_with_one_process_and_strangers_are_spread(people: Two) -> None:
    """Which one it was is told by Gradio's id of the page."""

    def node(**headers: str) -> tuple[Any, str]:
        status, got, body = people.asked("nginx", "GET", "/gradio_api/app_id", **headers)
        assert status == 200, body
        return json.loads(body)["app_id"], got.get("set-cookie", "")

    session = signed_in(people, "nginx", "ann")
    seen = [node(Cookie=session) for _ in range(24)]
    assert len({app for app, _ in seen}) == 2
    for app, cookie in seen[:4]:
        given = re.search(r"(kei_node=[0-9a-f]{32}); Path=/; HttpOnly; SameSite=Lax", cookie)
        assert given
        again = [node(Cookie=f"{session}; {given[1]}") for _ in range(5)]
        assert {at for at, _ in again} == {app}
        assert not any("kei_node" in one for _, one in again)


def signed_in(both: Two, door: str, login: str) -> str:
    """The session's cookie of a person who signed in at a door."""
    status, got, body = both.asked(door, "POST", "/sign-in", [("login", login), ("password", PASSWORD)])
    assert status == 303, body
    return re.search(r"\bkei=[^;]+", got["set-cookie"])[0]  # type: ignore[index]


def test_what_an_attorney_verifies_at_one_is_shown_by_the_other_at_once(people: Two) -> None:
    question = "What does 49 CFR 591.5(i)(1) say?"
    before = people.answer("b", question, "bob")["citations"][0]
    assert before["review"] == "unreviewed"
    session = signed_in(people, "a", "smith")
    for statement in before["statements"]:
        path = f"/review/statement/{statement}"
        status, _, page = people.asked("a", "GET", path, Cookie=session)
        assert status == 200
        decided = [*hidden(page.decode()), ("decision", "verified")]
        assert people.asked("a", "POST", path, decided, Cookie=session)[0] == 303
    assert people.answer("b", question, "bob")["citations"][0]["review"] == "verified"
    assert people.asked("b", "GET", path, Cookie=session)[0] == 200


def hidden(page: str) -> list[tuple[str, str]]:
    """What a page's forms send along."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return [(name, unescape(value)) for name, value in found]


def test_both_append_to_one_ledger_at_once(people: Two) -> None:
    def asked(n: int) -> None:
        people.answer("ab"[n % 2], "Is a 2003 Hijet legal in Georgia?", "eve" if n % 2 else "smith")

    with closing(people.database()) as database:
        ledger = Ledger(database)
        rows = ledger.head().n
        with ThreadPoolExecutor(4) as at_once:
            list(at_once.map(asked, range(12)))
        assert ledger.head().n == rows + 24
        assert ledger.verify() is None


@pytest.mark.parametrize("path", ["/metrics", "/monitoring", "/gradio_api/mcp/sse", "/gradio_api/openapi.json"])
def test_what_nobody_needs_is_shut(people: Two, path: str) -> None:
    assert people.asked("nginx", "GET", path)[0] == 404


def test_headers_are_there_once_and_the_request_has_its_id(people: Two) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", people.port, timeout=60)) as line:
        line.request("GET", "/sign-in")
        got = line.getresponse()
        got.read()
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id"):
        assert len(got.headers.get_all(name) or ()) == 1, name
    assert re.fullmatch(r"[0-9a-f]{32}", got.headers["x-request-id"])


def test_too_many_and_too_long_are_told_in_the_form_that_is_read(people: Two) -> None:
    with ThreadPoolExecutor(8) as at_once:
        got = list(at_once.map(lambda _: people.asked("nginx", "POST", "/gradio_api/queue/join", {}), range(100)))
    (told, *_) = (body for status, _, body in got if status == 429)
    assert json.loads(told)["detail"].startswith("Too many questions")
    assert sum(status == 429 for status, _, _ in got) < 60
    status, _, body = people.asked("nginx", "POST", "/api/ask", {"question": "x" * 300_000})
    assert (status, json.loads(body)["error"]) == (413, "the body is too long")
    status, got_headers, body = people.asked("nginx", "POST", "/sign-in", [("login", "x" * 300_000)])
    assert (status, got_headers["content-type"]) == (413, "text/html; charset=utf-8")


def test_when_one_is_gone_its_browsers_go_to_the_other_and_no_log_holds_a_question(people: Two) -> None:
    cookies = [f"kei_node={n:032x}" for n in range(6)]
    os.kill(people.child(f"--port {people.doors['a']}"), signal.SIGKILL)
    for cookie in cookies:
        status, _, _ = people.asked("nginx", "GET", f"/sign-in?question={SECRET}", Cookie=cookie)
        assert status == 200
    assert people.answer("nginx", f"Is a 2003 Hijet {SECRET} legal in Georgia?", "bob")["outcome"] == "answered"
    assert people.process.stdout is not None
    assert "app-a ended (exit code -9)" in people.process.stdout.readline()
    assert people.process.stdout.readline().startswith("its log is")
    assert people.process.stdout.readline() == "the other one goes on alone\n"
    logs = "".join(path.read_text("utf-8", "replace") for path in (people.folder / "logs").iterdir())
    assert "database system is ready" in logs
    assert SECRET not in logs


def test_when_chroma_is_gone_all_ends_with_a_clear_line(people: Two) -> None:
    os.kill(people.child("chroma"), signal.SIGKILL)
    out, _ = people.process.communicate(timeout=60)
    assert people.process.returncode == 1
    assert "two: chroma ended (exit code -9)" in out
    assert (people.folder / "logs" / "chroma.log").as_posix() in out
    for door in people.doors:
        with pytest.raises(OSError, match="refused"):
            people.asked(door, "GET", "/healthz")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, two.START, tmp_path / "two", "--port", port], capture_output=True, text=True, check=False
        )
    assert ran.returncode == 1
    assert f"port {port} is taken" in ran.stderr or "nginx is missing" in ran.stderr
    assert not (tmp_path / "two").exists()
