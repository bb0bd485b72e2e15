"""Every flow without a mouse; each stop on the way shows where the keyboard is (`browsing.to`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.answer import Assistant
from tests import browsing
from tests.browsing import PASSWORD, TEXAS, asked, done, firm, fresh, opened, pressed, to
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
browser = browsing.browser
# The program, which waits after each paragraph while the file `shut` is beside it.
PACED = """
import runpy, sys, time
from pathlib import Path
from assistant.answer import Assistant
from assistant.contract import SentenceEvent
shut, events = Path(__file__).with_name("shut"), Assistant.events
def paced(self, ask):
    for event in events(self, ask):
        yield event
        while isinstance(event, SentenceEvent) and shut.exists():
            time.sleep(0.05)
Assistant.events = paced
runpy.run_path(str(Path(__file__).with_name("real.py")), run_name="__main__")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paced")
    for room in ("assistant", "corpus"):
        (folder / room).symlink_to(ROOT / room)
    (folder / "real.py").symlink_to(ROOT / "app.py")
    (folder / "app.py").write_text(PACED, "utf-8")
    return folder


@pytest.fixture(scope="module")
def office(
    assistant: Assistant, data_dir: Path, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    del assistant  # it built the index
    with firm(data_dir / "index", tmp_path_factory.mktemp("office"), project) as address:
        yield address


def test_asking_and_looking_at_a_source(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    box = page.get_by_label("Ask a question")
    expect(box).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("Can I import a 1999 Suzuki Carry")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and drive it in Texas?")
    expect(box).to_have_value("Can I import a 1999 Suzuki Carry\nand drive it in Texas?")
    page.keyboard.press("Enter")
    done(page, 1)
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    number = page.locator('#chat a[href*="#src-0-2"]').first
    pressed(page, number)
    source = page.locator("#src-0-2")
    expect(source).to_be_in_viewport()
    assert source.evaluate("one => one === document.activeElement || one.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(number).to_be_focused()
    page.keyboard.press("/")
    expect(box).to_be_focused()


def test_going_on_with_a_conversation(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    box = page.get_by_label("Ask a question")
    pressed(page, page.locator("#suggestion-0"))
    done(page, 1)
    pressed(page, page.get_by_role("button", name="Leave out: Texas"))
    expect(page.locator("#status")).to_contain_text("left out")
    expect(box).to_be_focused()
    pressed(page, page.get_by_role("button", name="Edit", exact=True))
    expect(box).to_have_value(TEXAS)
    expect(box).to_be_focused()
    pressed(page, page.get_by_role("button", name="Ask", exact=True))
    done(page, 2)
    pressed(page, page.get_by_role("button", name="Retry"), "Space")
    done(page, 3)
    pressed(page, page.locator("#about summary"))
    to(page, page.get_by_label("What should they know?"))
    page.keyboard.type("Is this the text of today?")
    pressed(page, page.get_by_role("button", name="Out of date"))
    expect(page.locator("#status")).to_contain_text("reached the attorneys")
    pressed(page, page.get_by_role("button", name="New chat"))
    expect(page.locator("#status [data-turn]")).to_have_attribute("data-turn", "0")


@pytest.mark.parametrize("width", [320, 1280])
def test_conversations(browser: Browser, address: str, width: int) -> None:
    page, _ = opened(browser, address, width)
    question, title = "Is a kei truck legal in Alaska?", f"Alaska at {width}"
    asked(page, question)
    page.wait_for_timeout(1000)  # Gradio may draw the list once more when the stream of an answer ends
    page.get_by_label("Ask a question").focus()
    if width == 320:
        pressed(page, page.get_by_role("button", name="Conversations"))
        expect(page.get_by_role("button", name="Conversations")).to_have_attribute("aria-expanded", "true")
    row = page.locator("#history-list li[aria-current]")
    rename = row.get_by_role("button", name=f"Rename: {question}")
    pressed(page, rename)
    expect(page.get_by_label("New title")).to_be_focused()
    page.keyboard.type("never mind")
    page.keyboard.press("Escape")
    expect(rename).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(row).to_contain_text(title)
    expect(page.get_by_label("Ask a question")).to_be_focused()
    pressed(page, row.locator("button.open"))
    done(page, 1)
    expect(page.get_by_label("Ask a question")).to_be_focused()
    page.once("dialog", lambda dialog: dialog.accept())
    pressed(page, row.get_by_role("button", name=f"Delete: {title}"))
    expect(page.locator("#history-list")).not_to_contain_text(title)
    expect(page.locator("#status [data-turn]")).to_have_attribute("data-turn", "0")


@pytest.mark.parametrize("how", ["Stop", "Escape"])
def test_stopping_an_answer(browser: Browser, office: str, project: Path, how: str) -> None:
    page = fresh(browser)
    page.goto(office)
    signed_in(page, "ann")
    box = page.get_by_label("Ask a question")
    expect(box).to_be_focused()
    (project / "shut").touch()
    page.keyboard.type(TEXAS)
    page.keyboard.press("Enter")
    expect(page.locator("#chat [data-testid=bot]")).to_contain_text("25 years")
    expect(page.locator("#status [data-turn]")).to_have_attribute("data-state", "busy")
    if how == "Stop":
        pressed(page, page.get_by_role("button", name="Stop"))
    else:
        page.keyboard.press("Escape")
    expect(page.locator("#status")).to_contain_text("Stopped")
    expect(page.locator("#chat [data-testid=bot]")).to_have_count(0)
    # The question is not lost: it is in the box, to be changed or asked again.
    expect(box).to_be_focused()
    expect(box).to_have_value(TEXAS)
    (project / "shut").unlink()


def signed_in(page: Page, login: str) -> None:
    """By the keyboard alone; the name is where it begins."""
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).not_to_be_visible()


def test_signing_in_reviewing_and_going_out(browser: Browser, office: str) -> None:
    page = fresh(browser)
    page.goto(f"{office}/review")
    page.keyboard.type("smith")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("a wrong one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Name").clear()
    signed_in(page, "smith")
    expect(page).to_have_url(f"{office}/review")
    first = page.locator("td a").first
    citation = first.inner_text()
    pressed(page, first)
    expect(page.get_by_role("heading", level=1)).to_have_text(citation)
    here = page.url
    page.keyboard.press("n")
    expect(page).not_to_have_url(here)
    page.go_back()
    page.keyboard.press("d")
    expect(page.get_by_label("Note for the firm")).to_be_focused()
    # Within a field the letters are only letters.
    page.keyboard.type("dvnc")
    expect(page).to_have_url(here)
    page.get_by_label("Note for the firm").clear()
    to(page, page.get_by_role("button", name="Verify"))
    page.keyboard.press("v")
    expect(page).not_to_have_url(here)
    page.goto(here)
    expect(page.locator("main")).to_contain_text("Verified by Smith X.")
    pressed(page, page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_checker(browser: Browser, address: str) -> None:
    page = fresh(browser)
    page.goto(f"{address}/checker")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    to(page, page.get_by_label("Build year"))
    page.keyboard.type("20x2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    pressed(page, page.get_by_role("alert").get_by_role("link").first)
    expect(page.get_by_label("Build year")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2002")
    to(page, page.get_by_label("Month"))
    page.keyboard.type("March")
    to(page, page.get_by_label("State"))
    page.keyboard.type("Ohio")
    pressed(page, page.get_by_role("button", name="Check", exact=True))
    expect(page.locator("main")).to_contain_text("March 2002")
    mark = page.locator("main a.mark").first
    pressed(page, mark)
    expect(page.locator("article.source").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


def test_the_states(browser: Browser, address: str) -> None:
    page = fresh(browser)
    page.goto(f"{address}/states")
    pressed(page, page.get_by_role("link", name="Which states allow ordinary plates?"))
    expect(page.locator(".answer")).to_be_visible()
    pressed(page, page.get_by_role("link", name="Texas: ordinary road registration, medium confidence"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Texas")
    to(page, page.get_by_label("State 2"))
    page.keyboard.type("Ohio")
    pressed(page, page.get_by_role("button", name="Compare"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Texas and Ohio compared")
    pressed(page, page.locator("main a.mark").first)
    expect(page.locator("article.source").first).to_be_focused()


def test_the_library_and_the_way_to_it(browser: Browser, address: str) -> None:
    page = fresh(browser)
    page.goto(f"{address}/api/docs")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    pressed(page, page.locator("header").get_by_role("link", name="Library"))
    to(page, page.get_by_label("A citation, or words"))
    page.keyboard.type("show or display")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/library?q=show+or+display&place=&authority=&status=&review=")
    found = page.locator("ol.statements a").first
    citation = found.inner_text()
    pressed(page, found)
    expect(page.get_by_role("heading", level=1)).to_have_text(citation)
    page.go_back()
    expect(page.get_by_label("A citation, or words")).to_have_value("show or display")
    to(page, page.get_by_label("Place"))
    page.keyboard.type("Ohio")
    pressed(page, page.get_by_role("button", name="Look up"))
    expect(page.locator("main")).to_contain_text("Ohio")
