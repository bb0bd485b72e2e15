"""Listening from the first second: what is shown while the book is opened, and how that ends, well or badly."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from assistant.answer import Assistant
from assistant.settings import Settings
from assistant.web.addresses import AddressRefused, listening, loopback_only, named
from assistant.web.opening import Opening, served
from tests import browsing
from tests.browsing import WCAG, shot
from tests.conftest import ROOT

browser = browsing.browser
HTML = {"accept": "text/html"}
# `kei serve` whose book is not opened before the file of its last argument is there.
HELD = """
import pathlib, signal, sys, time
from assistant.answer import Assistant
from assistant.cli import main

# Ignored where the tests themselves were started in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
go, whole = pathlib.Path(sys.argv.pop()), Assistant.open.__func__

def held(cls, settings=None, progress=None, standings=None):
    progress(1240, 2910)
    while not go.exists():
        time.sleep(0.05)
    return whole(cls, settings, progress, standings)

Assistant.open = classmethod(held)
main()
"""


@contextmanager
def held(data: Path, go: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process whose book is being prepared, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, "serve", "--port", str(port), str(go)],
        env={**os.environ, "KEI_DATA_DIR": str(data)}, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert "Kei Assistant: http://" in process.stdout.readline(), process.communicate()[1]
        address = f"http://127.0.0.1:{port}"
        while httpx.get(f"{address}/readyz", timeout=30).json()["done"] != 1240:
            assert process.poll() is None
            time.sleep(0.1)
        yield process, address
    finally:
        process.kill()
        process.communicate()


def test_what_programs_are_told() -> None:
    opening = Opening()
    with TestClient(opening.app) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert "being opened" in client.get("/readyz").json()["told"]
        opening.progress(1240, 2910)
        for path in ("/readyz", "/session", "/api/states", "/gradio_api/queue/data"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "5"
            assert answer.json()["faults"] == ["starting"]
            assert answer.json()["told"] == "The law book is being prepared: 1,240 of 2,910 passages."
        assert client.post("/api/ask", json={}).status_code == 503
        opening.progress(2910, 2910)
        assert "being opened" in client.get("/readyz").json()["told"]


def test_what_people_are_shown() -> None:
    opening = Opening()
    opening.progress(1240, 2910)
    with TestClient(opening.app) as client:
        page = client.get("/?thread=x", headers=HTML)
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "1,240 of 2,910 passages" in page.text
        assert '<progress id="progress" aria-labelledby="told" value="1240" max="2910">' in page.text
        assert "/site/opening.js" in page.text
        assert '<meta http-equiv="refresh" content="5">' in page.text
        assert client.get("/site/opening.js").status_code == 200
        sent = client.post("/review/statement/x", data={"note": "long"}, headers=HTML)
        assert sent.status_code == 503
        assert "Nothing of what you sent was stored" in sent.text
        assert not re.search("opening.js|refresh", sent.text)  # looking again would send it a second time


def test_it_answers_under_the_names_of_this_machine_only() -> None:
    with TestClient(named(Opening().app, "127.0.0.1", Settings(public_url=None))) as client:
        assert client.get("/readyz", headers={"host": "localhost:7860"}).status_code == 503
        assert client.get("/readyz", headers={"host": "evil.example"}).status_code == 400


def test_nobody_is_turned_away_while_one_server_follows_another() -> None:
    seen: list[int] = []
    over = threading.Event()

    def ask(address: str) -> None:
        while not over.is_set():
            seen.append(httpx.get(f"{address}/readyz", timeout=30).json()["done"])

    first, second = Opening(), Opening()
    second.progress(1, 2)
    with listening("127.0.0.1", 0) as door:
        asking = threading.Thread(target=ask, args=(f"http://127.0.0.1:{door.getsockname()[1]}",))
        asking.start()
        try:
            for app, told in ((first, 0), (second, 1), (first, 0)):
                before = len(seen)
                with served(app.app, door):
                    while told not in seen[before:]:
                        assert asking.is_alive()
        finally:
            over.set()
            with served(first.app, door):
                asking.join()
    assert set(seen) == {0, 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_this_machine_may_look(host: str) -> None:
    loopback_only(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_other_machines_may_not(host: str) -> None:
    with pytest.raises(AddressRefused, match="kei user add"):
        loopback_only(host)


def test_a_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        with pytest.raises(AddressRefused, match=f"port {port} on 127.0.0.1 .* such as {port + 1}"):
            listening("127.0.0.1", port)


def test_ctrl_c_ends_it_while_the_book_is_being_opened(tmp_path: Path) -> None:
    with held(tmp_path / "data", tmp_path / "never") as (process, _):
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told


def test_a_book_that_cannot_be_opened_ends_it_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--port", "7939"],
        env={**os.environ, "KEI_DATA_DIR": str(tmp_path / "data"), "KEI_EMBED_MODEL": str(tmp_path / "model")},
        capture_output=True, text=True, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("kei: ")], done.stderr
    assert "modules.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.browser
def test_the_page_becomes_the_chat_by_itself(
    browser: Browser, assistant: Assistant, data_dir: Path, tmp_path: Path
) -> None:
    del assistant
    with held(data_dir, tmp_path / "go") as (process, address):
        for width, scheme in ((320, "dark"), (390, "light"), (1280, "dark"), (1280, "light")):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(address)
            expect(page.locator("main")).to_contain_text("1,240 of 2,910 passages")
            found = Axe().run(page, options=WCAG)
            assert [v["id"] for v in found.response["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            shot(page, f"opening-{width}-{scheme}")
        (tmp_path / "go").touch()
        expect(page.get_by_label("Ask a question")).to_be_visible(timeout=120_000)
        assert process.poll() is None
