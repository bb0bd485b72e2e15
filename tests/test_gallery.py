"""Every page at three widths in both schemes: no fault that axe finds, nothing too wide or too small, and a picture.

The pictures and a page that shows them side by side are in test-artefacts/gallery, for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browsing
from tests.browsing import SHOTS, TEXAS, accessible, arrived, asked, done, fits, fresh, opened, shot

pytestmark = pytest.mark.browser
browser = browsing.browser
WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")
FOLDER = SHOTS / "gallery"
# What stands in braces is filled in by `conversation`.
PAGES = {
    "states": "/states",
    "states-question": "/states?show=ordinary",
    "state": "/states/AZ",
    "compare": "/states/compare?state=TX&state=OH&state=CO&state=RI",
    "compare-refused": "/states/compare?state=TX&state=Narnia",
    "checker": "/checker",
    "checker-checked": "/checker?year=2002&month=3&use=road&state=US-OH&condition=used&cc=660",
    "checker-refused": "/checker?year=20x2&month=13",
    "library": "/library",
    "library-found": "/library?q=25+years",
    "library-nothing": "/library?q=zzzz&place=US-OH&authority=bill",
    "provision": "/library/us/cfr/49/591.5",
    "provision-missing": "/library/us/cfr/49/591.99",
    "sign-in": "/sign-in",
    "desk": "/review",
    "desk-answer": "/review/answer/{thread}/1",
    "desk-statement": "/review/statement/19cfr-12-73.a",
    "ledger": "/ledger",
    "api": "/api/docs",
    "not-found": "/no/such/page",
}
CHATS = ("empty", "answered", "conversations", "refused")


@pytest.fixture(scope="module")
def conversation(browser: Browser, address: str) -> str:
    """The id of a stored conversation whose answer a client complained about."""
    page, _ = opened(browser, address)
    asked(page, TEXAS)
    asked(page, "What about Ohio?", 2)
    page.locator("#about summary").click()
    page.get_by_label("What should they know?").fill("Is this the text of today?")
    page.get_by_role("button", name="Out of date").click()
    expect(page.locator("#status")).to_contain_text("reached the attorneys")
    (thread,) = parse_qs(urlsplit(page.url).query)["thread"]
    page.context.close()
    return thread


@pytest.fixture(scope="module", autouse=True)
def gallery() -> Iterator[Path]:
    """The folder of the pictures; at the end a page that shows them is written beside them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    yield FOLDER
    names = dict.fromkeys(re.sub(r"-\d+-\w+$", "", one.stem) for one in sorted(FOLDER.glob("*.png")))
    (FOLDER / "index.html").write_text(side_by_side(list(names)), "utf-8")


def side_by_side(names: list[str]) -> str:
    """An HTML page with one row a page of the app, and in it a picture for each width and scheme."""
    rows = "".join(f"<h2>{escape(name)}</h2><div>{pictures(name)}</div>" for name in names)
    style = "body{font:16px system-ui;margin:1rem}div{display:flex;gap:8px;overflow-x:auto;align-items:flex-start}"
    style += "img{border:1px solid #888;max-height:70vh}"
    return f'<!doctype html><meta charset="utf-8"><title>Gallery</title><style>{style}</style>{rows}'


def pictures(name: str) -> str:
    files = (f"{name}-{width}-{scheme}.png" for scheme in SCHEMES for width in WIDTHS)
    return "".join(f'<a href="{file}"><img src="{file}" alt="{escape(file)}" loading="lazy"></a>' for file in files)


def looked_at(page: Page, name: str, scheme: str) -> None:
    """The page as it is now at every width."""
    light = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)")
    assert (sum(light) / 3 > 200) is (scheme == "light"), (scheme, light)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        accessible(page)
        fits(page)
        shot(page, f"{name}-{width}-{scheme}", FOLDER)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_on_every_screen(browser: Browser, address: str, conversation: str, name: str) -> None:
    page = fresh(browser)
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(address) else None)
    answer = page.goto(address + PAGES[name].format(thread=conversation))
    assert answer
    assert answer.status < 500
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        looked_at(page, name, scheme)
    assert foreign == []
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", CHATS)
def test_the_chat_on_every_screen(browser: Browser, address: str, conversation: str, name: str, scheme: str) -> None:
    page = fresh(browser, scheme=scheme)
    arrived(page, address if name == "empty" else f"{address}/?thread={conversation}")
    if name != "empty":
        done(page, 2)
    if name == "conversations":
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.get_by_role("button", name="Conversations").click()
        expect(page.locator("#history-list")).to_be_visible()
    if name == "refused":
        page.get_by_label("Ask a question").fill("\N{DELIVERY TRUCK}")
        page.keyboard.press("Enter")
        expect(page.locator("#chat")).to_contain_text("could not read")
    looked_at(page, f"chat-{name}", scheme)
    page.context.close()
