"""What the browser tests share: Debian's Chromium, pages of the app, the keyboard, axe, sizes, and screenshots."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from assistant.access import Role, Users
from assistant.database import Database
from assistant.settings import Settings
from tests.conftest import ROOT, missing, serving

SHOTS = ROOT / "test-artefacts"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PASSWORD = "a long enough one"
PEOPLE: dict[str, Role] = {"ann": "client", "bob": "client", "smith": "attorney", "root": "admin"}
# Gradio counts its events with pandas and an option that pandas gives up; its thread must not die of the warning.
GRADIO = pytest.mark.filterwarnings("ignore:.future.no_silent_downcasting")
TEXAS = "Can I import a 1999 Suzuki Carry and drive it in Texas?"

# Where the keyboard is: null on the page itself; `shown` when it has an outline, or it or what is around it looks other
# than at rest; `seen` when it is on the screen.
STOP = """() => {
  const at = document.activeElement, all = "a[href], button, input, select, textarea, summary, [tabindex]";
  const chain = (one) => {
    const held = [one];
    while (held.length < 8 && held[0].parentElement) held.unshift(held[0].parentElement);
    return held.filter((part) => part !== document.body).map((part) => getComputedStyle(part));
  };
  const look = (one) => chain(one).map((style) => [style.boxShadow, style.borderColor, style.backgroundColor]).join();
  window.atRest ??= new WeakMap();
  for (const one of document.querySelectorAll(all)) {
    if (!atRest.has(one) && one !== at) atRest.set(one, look(one));
  }
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  // Within a field for a date the browser draws the ring around the part that is meant.
  const ring = at.type === "date" || chain(at).some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0);
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.id || at.tagName;
  window.stops ??= new WeakMap();
  if (!stops.has(at)) stops.set(at, window.lastStop = (window.lastStop ?? 0) + 1);
  return {
    key: stops.get(at), name: `${at.tagName.toLowerCase()} ${name.trim().slice(0, 60)}`,
    shown: ring || (atRest.has(at) && atRest.get(at) !== look(at)),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""

# What is smaller than 24 by 24 px and can be pressed; links within a sentence may be as small as their words.
SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((one) => {
  const style = getComputedStyle(one);
  const box = (one.role === "combobox" ? one.parentElement : one).getBoundingClientRect();
  if (!one.checkVisibility({ visibilityProperty: true }) || box.right <= 0 || box.bottom <= 0) return false;
  const inline = one.tagName === "A" && style.display === "inline";
  const words = inline && one.closest("p, li, dd, td, th, h1, h2, h3, h4, label");
  if (words && words.innerText.trim() !== one.innerText.trim()) return false;
  return box.width < 24 || box.height < 24;
}).map((one) => `${one.tagName} ${one.id} ${(one.getAttribute("aria-label") || one.innerText).slice(0, 40)}`)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        missing("Debian's chromium")
    expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        held = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield held
        held.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an app that runs in a thread of the tests."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([held],))
        thread.start()
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def firm(index: Path, folder: Path, project: Path = ROOT) -> Iterator[str]:
    """The address of `project`'s app where PEOPLE sign in with PASSWORD. It takes over the session's index."""
    shutil.copytree(index, folder / "index")
    with closing(Database.open(Settings(data_dir=folder))) as database:
        users = Users(database)
        for login, role in PEOPLE.items():
            users.add(login, role, f"{login.title()} X.", PASSWORD)
    with serving(project, folder, folder / "log") as address:
        yield address


def fresh(browser: Browser, width: int = 1280, scheme: str = "light", **more: Any) -> Page:
    """A page in a context of its own."""
    return browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more).new_page()  # type: ignore[arg-type]


def arrived(page: Page, address: str) -> None:
    """The chat at that address, once it can be typed into."""
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    """The chat can be typed into, and knows which conversation it shows."""
    expect(page.get_by_label("Ask a question")).to_be_visible(timeout=60_000)
    expect(page.locator("#status [data-thread]")).to_be_attached()


def opened(browser: Browser, address: str, width: int = 1280, scheme: str = "light") -> tuple[Page, list[str]]:
    """A fresh page at the chat, and the list into which foreign requests are written."""
    page = fresh(browser, width, scheme)
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    arrived(page, address)
    return page, foreign


def asked(page: Page, question: str, turn: int = 1) -> None:
    page.get_by_label("Ask a question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    done(page, turn)


def done(page: Page, turn: int) -> None:
    expect(page.locator(f'[data-testid=turn][data-turn="{turn}"]')).to_have_attribute(
        "data-state", "done", timeout=60_000
    )


def stop(page: Page) -> dict[str, Any] | None:
    """Where the keyboard is (STOP); None on the page itself."""
    held: dict[str, Any] | None = page.evaluate(STOP)
    return held


def to(page: Page, wanted: Locator, key: str = "Tab", most: int = 150) -> None:
    """Go to a part of the page by the keyboard alone; every stop on the way shows where the keyboard is."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        page.keyboard.press(key)
        at = stop(page)
        assert at is None or (at["shown"] and at["seen"]), at
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{most} times {key} did not lead to {wanted}; the last stop was {stop(page)}")


def pressed(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Go there by the keyboard and press a key."""
    to(page, wanted)
    page.keyboard.press(key)


def accessible(page: Page) -> None:
    violations = Axe().run(page, options=WCAG).response["violations"]
    told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
    assert told == [], f"{page.url}: {told}"


def fits(page: Page) -> None:
    """Nothing is wider than the screen, and nothing that can be pressed is too small to press."""
    beyond = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert beyond <= 0, f"{page.url} is {beyond} px wider than the screen"
    small = page.evaluate(SMALL)
    assert small == [], f"{page.url}: smaller than 24 px: {small}"


def shot(page: Page, name: str, folder: Path = SHOTS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
