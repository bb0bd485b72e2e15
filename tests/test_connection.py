"""The chat while its server is gone, busy or does not know the person any more: words, and nothing typed is lost."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.access import Users
from assistant.answer import Assistant
from assistant.database import Database
from assistant.settings import Settings
from tests import browsing
from tests.browsing import PASSWORD, SHOTS, WCAG, asked, done
from tests.conftest import ROOT

# The app is started twice, which takes minutes where many tests run side by side.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
browser = browsing.browser
# The app with a queue of one, whose answers stop after their first step for as long as the file of the last argument
# is there.
SERVED = """
import pathlib, sys, time
import gradio as gr
from assistant.answer import Assistant
from assistant.cli import main

hold, queue, events = pathlib.Path(sys.argv.pop()), gr.Blocks.queue, Assistant.events

def held(self, ask):
    for event in events(self, ask):
        yield event
        while hold.exists():
            time.sleep(0.05)

Assistant.events = held
gr.Blocks.queue = lambda self, **more: queue(self, max_size=1)
main()
"""


@dataclass
class Server:
    """The app on one port, which can be killed and started again."""

    data: Path
    port: int
    hold: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, ready: bool = True) -> None:
        with (self.data / "serve.log").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVED, "serve", "--port", str(self.port), str(self.hold)],
                env={**os.environ, "KEI_DATA_DIR": str(self.data)}, cwd=ROOT, stdout=out, stderr=out,
            )  # fmt: skip
        while ready:
            assert self.process.poll() is None, (self.data / "serve.log").read_text()
            try:
                if httpx.get(f"{self.address}/readyz", timeout=30).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, data_dir: Path, assistant: Assistant) -> Iterator[Server]:
    """Served to Ann and Bob, who must sign in."""
    data = tmp_path_factory.mktemp("connection")
    shutil.copytree(data_dir / "index", data / "index")
    with closing(Database.open(Settings(data_dir=data))) as database:
        users = Users(database)
        users.add("ann", "attorney", "Ann", PASSWORD)
        users.add("bob", "client", "Bob", PASSWORD)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        held = Server(data, probe.getsockname()[1], data / "hold")
    held.start()
    yield held
    held.kill()


def signed_in(page: Page, login: str) -> None:
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def opened(browser: Browser, server: Server, login: str = "ann", path: str = "/") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(server.address + path)
    signed_in(page, login)
    return page


def banner(page: Page, words: str) -> Locator:
    """The banner once it says so, with an alert for what is wrong and a status for what is well again."""
    here = page.locator("#connection")
    expect(here).to_contain_text(words, timeout=90_000)
    return here


def box(page: Page) -> Locator:
    return page.get_by_label("Ask a question")


def ask(page: Page) -> None:
    page.get_by_role("button", name="Ask", exact=True).click()


def shot(page: Page, name: str) -> None:
    """What is seen; on a picture of the whole page the banner would hang in its middle."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def nothing_left(page: Page, word: str) -> None:
    kept = "JSON.stringify([localStorage, sessionStorage, history.state, document.cookie, location.href])"
    assert word not in page.evaluate(kept)


def test_a_server_that_was_killed_and_is_back(browser: Browser, server: Server) -> None:
    idle, first, later = (opened(browser, server) for _ in range(3))
    loads: list[str] = []
    for page in (idle, later):
        asked(page, "Is a kei truck legal in Ohio?")
    for page in (idle, first, later):
        page.on("load", lambda _: loads.append("again"))
    box(idle).fill("what about Texas?")
    server.hold.touch()
    for page in (first, later):
        box(page).fill("What about farm use in Maine?")
        ask(page)
        expect(page.locator("[data-testid=turn]")).to_have_attribute("data-state", "busy")
        expect(box(page)).to_have_value("")
    server.kill()
    server.hold.unlink()
    for page in (first, later):
        banner(page, "No connection")
        expect(box(page)).to_have_value("What about farm use in Maine?")
    here = banner(idle, "No connection to the Kei Assistant. Your conversation is kept")
    expect(here.get_by_role("alert")).to_be_visible()
    ask(idle)
    for width, scheme in ((320, "dark"), (390, "light"), (1280, "dark"), (1280, "light")):
        idle.set_viewport_size({"width": width, "height": 900})
        idle.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert idle.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = Axe().run(idle, "#connection", WCAG)
        assert [v["id"] for v in found.response["violations"]] == []
        shot(idle, f"offline-{width}-{scheme}")
    expect(box(idle)).to_have_value("what about Texas?")

    server.start(ready=False)
    banner(idle, "The law book is being opened")
    banner(idle, "Connected again.")
    expect(idle.locator("#chat")).to_contain_text("Ohio")
    expect(box(idle)).to_have_value("what about Texas?")
    ask(idle)
    done(idle, 2)
    expect(idle.locator("#chat")).to_contain_text("Understood as: Is a kei truck legal in Texas?")
    nothing_left(idle, "Texas")
    for page, turn in ((first, 1), (later, 2)):
        banner(page, "Your last question was not answered; it is in the box")
        expect(page.locator("[data-testid=turn]")).to_have_attribute("data-state", "done")
        expect(page.locator("#chat")).not_to_contain_text("Maine")
        shot(page, f"unanswered-{turn}-1280-light")
        ask(page)
        done(page, turn)
        expect(page.locator("#chat")).to_contain_text("Maine")
        expect(page.locator("#connection")).not_to_be_visible()
        nothing_left(page, "Maine")
    assert loads == []


def test_a_network_that_was_away(browser: Browser, server: Server) -> None:
    page = opened(browser, server)
    asked(page, "Is a kei truck legal in Ohio?")
    page.context.set_offline(True)
    banner(page, "No connection")
    page.locator(".suggestion").first.click()
    expect(box(page)).not_to_have_value("")
    page.context.set_offline(False)
    banner(page, "Connected again.")
    expect(page.locator("#chat")).to_contain_text("Ohio")


def test_a_full_queue_is_told_and_the_question_stays(browser: Browser, server: Server) -> None:
    page = opened(browser, server)
    box(page).fill("Is a kei truck legal in Ohio?")
    shown = httpx.Cookies({c["name"]: c["value"] for c in page.context.cookies()})  # type: ignore[typeddict-item]
    with httpx.Client(base_url=server.address, cookies=shown) as other:
        config = other.get("/config").json()
        (button,) = (one["id"] for one in config["components"] if one["props"].get("elem_id") == "ask")
        (index,) = (one["id"] for one in config["dependencies"] if [button, "click"] in one["targets"])
        server.hold.touch()
        for n in range(9):
            joined = {"data": [None, "Is it legal in Ohio?", "", ""], "fn_index": index, "session_hash": f"other{n}"}
            answer = other.post("/gradio_api/queue/join", json=joined)
        assert answer.status_code == 503
        ask(page)
        here = banner(page, "Too many people are asking just now")
        expect(here.get_by_role("alert")).to_be_visible()
        expect(box(page)).to_have_value("Is a kei truck legal in Ohio?")
        expect(page.locator("[data-testid=toast-body]")).to_have_count(0)
        shot(page, "busy-1280-light")
        server.hold.unlink()
    while httpx.get(f"{server.address}/gradio_api/queue/status", cookies=shown).json()["queue_size"]:
        time.sleep(0.1)
    ask(page)
    done(page, 1)
    expect(here).not_to_be_visible()


def test_signed_out_elsewhere(browser: Browser, server: Server) -> None:
    page = opened(browser, server)
    asked(page, "Is a kei truck legal in Ohio?")
    box(page).fill("what about Texas?")
    page.context.clear_cookies()
    ask(page)
    here = banner(page, "You were signed out: in another window, or because 12 hours have passed. Sign in again")
    expect(box(page)).to_have_value("what about Texas?")
    assert page.locator("[data-testid=toast-body]").count() == 0
    shot(page, "signed-out-1280-light")
    with page.context.expect_page() as other:
        here.get_by_role("link", name="Sign in (new tab)").click()
    signed_in(other.value, "ann")
    expect(other.value).to_have_url(re.compile(r"/\?thread=[\w-]{16}$"))
    expect(other.value.locator("#chat")).to_contain_text("Ohio")
    other.value.close()
    banner(page, "You are signed in again.")
    ask(page)
    done(page, 2)
    expect(page.locator("#chat")).to_contain_text("Understood as: Is a kei truck legal in Texas?")
    page.context.clear_cookies()
    banner(page, "You were signed out")
    # Whoever signs in next at this machine sees nothing of it.
    bob = page.context.new_page()
    bob.goto(server.address)
    signed_in(bob, "bob")
    expect(page.locator("#chat")).not_to_contain_text("Ohio", timeout=30_000)
    expect(page).to_have_url(f"{server.address}/")


def test_a_person_whose_access_was_changed(browser: Browser, server: Server) -> None:
    page = opened(browser, server, "bob")
    box(page).fill("Is a kei truck legal in Ohio?")
    with closing(Database.open(Settings(data_dir=server.data))) as database:
        Users(database).set_role("bob", "attorney")
    ask(page)
    banner(page, "Your sign-in was ended: your password or your role was changed, or your access was closed.")
    expect(box(page)).to_have_value("Is a kei truck legal in Ohio?")


def test_a_note_is_not_lost_with_an_expired_session(browser: Browser, server: Server) -> None:
    page = opened(browser, server, path="/review/statement/19cfr-12-73.a")
    page.get_by_label("Note for the firm").fill("The title of this one is out of date.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Dispute").click()
    here = banner(page, "You were signed out")
    expect(page.get_by_label("Note for the firm")).to_have_value("The title of this one is out of date.")
    shot(page, "signed-out-desk-1280-light")
    with page.context.expect_page() as other:
        here.get_by_role("link", name="Sign in (new tab)").click()
    signed_in(other.value, "ann")
    expect(other.value).to_have_url(re.compile("/review/statement/"))
    page.bring_to_front()
    page.get_by_role("button", name="Dispute").click()
    expect(page).not_to_have_url(re.compile("19cfr-12-73.a"))
    page.goto(f"{server.address}/review/statement/19cfr-12-73.a")
    expect(page.locator("main")).to_contain_text("The title of this one is out of date.")
    unscripted = httpx.post(page.url, data={"note": "x"}, headers={"accept": "text/html"})
    assert unscripted.status_code == 401
    assert "nothing was stored. Sign in again in another tab, then go back here" in unscripted.text
