"""The real page in Debian's Chromium: asking, sources, keyboard, narrow screens, both schemes, no foreign request."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT, missing

pytestmark = pytest.mark.browser
SHOTS = ROOT / "test-artefacts"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TEXAS = "Can I import a 1999 Suzuki Carry and drive it in Texas?"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        missing("Debian's chromium")
    with sync_playwright() as playwright:
        held = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield held
        held.close()


def opened(browser: Browser, address: str, width: int = 1280, scheme: str = "light") -> tuple[Page, list[str]]:
    """A fresh page, and the list into which foreign requests are written."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    page.goto(address)
    page.get_by_label("Ask a question").wait_for(timeout=60_000)
    return page, foreign


def asked(page: Page, question: str, turn: int = 1) -> None:
    page.get_by_label("Ask a question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    done(page, turn)


def done(page: Page, turn: int) -> None:
    expect(page.locator(f'[data-testid=turn][data-turn="{turn}"]')).to_have_attribute(
        "data-state", "done", timeout=60_000
    )


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def test_ask_and_open_a_source_by_mouse(browser: Browser, address: str) -> None:
    page, foreign = opened(browser, address)
    shot(page, "empty-1280-light")
    asked(page, TEXAS)
    expect(page.locator("#chat")).to_contain_text("at least 25 years old")
    first = page.locator('#chat a[href*="#src-0-1"]').first
    first.click()
    card = page.locator("#src-0-1")
    expect(card).to_be_focused()
    expect(card).to_contain_text("49 U.S.C. § 30112(b)(9)")
    assert card.get_by_role("link").get_attribute("href").startswith("https://uscode.house.gov/")  # type: ignore[union-attr]
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    shot(page, "answer-1280-light")
    assert foreign == []


def test_keyboard_only(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("/")
    expect(page.get_by_label("Ask a question")).to_be_focused()
    page.keyboard.type("What does 49 CFR 591.5(i)(1) say?")
    page.keyboard.press("Enter")
    done(page, 1)
    link = page.locator('#chat a[href*="#src-0-1"]').first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#src-0-1")).to_be_focused()


def test_a_conversation_with_state_and_date(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, "Can I import a 1999 Suzuki Carry?")
    asked(page, "what about Ohio?", turn=2)
    expect(page.locator("#sources")).to_contain_text("Sources of: what about Ohio?")
    page.locator('#chat a[href*="#src-0-1"]').first.click()
    expect(page.locator("#src-0-1")).to_be_visible()
    page.get_by_label("Law as of").fill("2026-13-45")
    page.get_by_label("Ask a question").fill("and Texas?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#chat")).to_contain_text("YYYY-MM-DD")
    page.get_by_label("Law as of").fill("")
    page.get_by_role("button", name="Retry").click()
    done(page, 3)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator("#chat")).not_to_contain_text("Ohio")


def test_suggestions_can_be_asked(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    page.locator("#suggestion-1").click()
    done(page, 1)
    page.locator("#suggestion-0").click()
    done(page, 2)
    expect(page.locator("#sources .source:visible").first).to_be_visible()


def test_hostile_text_stays_text(browser: Browser, address: str) -> None:
    page, foreign = opened(browser, address)
    asked(page, 'Is a kei truck legal in Texas? <img src="http://evil.example/x.png"> ![y](http://evil.example/y.png)')
    expect(page.locator("#chat")).to_contain_text("<img")
    assert page.locator("#chat img[src*=evil]").count() == 0
    assert foreign == []


def test_nothing_of_a_question_is_kept_in_the_browser(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, "Is a Sambar legal in Nebraska?")
    assert "Sambar" not in page.evaluate(
        "JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie"
    )


def test_two_people_see_their_own(browser: Browser, address: str) -> None:
    one, _ = opened(browser, address)
    two, _ = opened(browser, address)
    asked(one, "Is a kei truck legal in Georgia?")
    asked(two, "Is a kei truck legal in Nebraska?")
    expect(one.locator("#chat")).not_to_contain_text("Nebraska")
    expect(two.locator("#chat")).not_to_contain_text("Georgia")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_narrow_wide_light_dark_and_axe(browser: Browser, address: str, width: int, scheme: str) -> None:
    page, _ = opened(browser, address, width, scheme)
    asked(page, TEXAS)
    shot(page, f"answer-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]]
    assert told == []


def test_a_conversation_is_there_after_a_reload(browser: Browser, address: str) -> None:
    page, foreign = opened(browser, address)
    asked(page, "Is a kei truck legal in Vermont?")
    asked(page, "and for farm use?", turn=2)
    expect(page).to_have_url(re.compile(r"\?thread=[\w-]{16}$"))
    assert "Vermont" not in page.url
    here = page.url
    page.reload()
    done(page, 2)
    expect(page.locator("#chat")).to_contain_text("Understood as")
    expect(page.get_by_role("button", name="Leave out: Vermont")).to_be_visible()
    page.locator('#chat a[href*="#src-0-1"]').first.click()
    expect(page.locator("#src-0-1")).to_be_focused()
    asked(page, "what about Maine?", turn=3)
    assert page.url == here
    page.get_by_role("button", name="New chat").click()
    expect(page).to_have_url(address + "/")
    expect(page.locator("#chat")).not_to_contain_text("Vermont")
    page.goto(here + "x")
    expect(page.locator("#status")).to_contain_text("no such conversation")
    assert foreign == []


def test_conversations_are_listed_renamed_opened_and_deleted(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, "Is a kei truck legal in Idaho?")
    page.get_by_role("button", name="New chat").click()
    asked(page, "Is a kei truck legal in Montana?")
    page.get_by_role("button", name="Rename: Is a kei truck legal in Montana?").click()
    page.get_by_label("New title").fill("Montana plates")
    page.keyboard.press("Enter")
    row = page.locator("#history-list li", has_text="Montana plates")
    expect(row).to_have_attribute("aria-current", "true")
    shot(page, "history-1280-light")
    page.get_by_role("button", name="Is a kei truck legal in Idaho?", exact=True).first.click()
    expect(page.locator("#chat")).to_contain_text("Idaho")
    expect(page.locator("#chat")).not_to_contain_text("Montana")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete: Montana plates").click()
    expect(row).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete: Montana plates").click()
    expect(row).not_to_be_visible()
    expect(page.locator("#chat")).to_contain_text("Idaho")


def test_a_question_can_be_changed_and_asked_again(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, "Is a kei truck legal in Kansas?")
    page.get_by_role("button", name="Edit", exact=True).click()
    box = page.get_by_label("Ask a question")
    expect(box).to_have_value("Is a kei truck legal in Kansas?")
    asked(page, "Is a kei truck legal in Nevada?", turn=2)
    expect(page.locator("#sources")).to_contain_text("Sources of: Is a kei truck legal in Nevada?")


def test_an_address_that_is_none_is_told_on_a_page(browser: Browser, address: str) -> None:
    page = browser.new_context().new_page()
    answer = page.goto(f"{address}/no/such/page")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("alert")).to_contain_text("no such page")
    page.get_by_role("link", name="Back to the chat").click()
    expect(page.get_by_label("Ask a question")).to_be_visible()


def test_a_link_brings_a_question_and_asks_nothing(browser: Browser, address: str) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{address}/?state=US-OH&question=Which+roads+may+it+use%3F")
    expect(page.get_by_label("Ask a question")).to_have_value("Which roads may it use?")
    expect(page.get_by_label("State")).to_have_value("Ohio")
    expect(page.locator("[data-testid=turn]")).to_have_attribute("data-turn", "0")


def test_what_is_kept_in_mind_can_be_taken_out(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, TEXAS)
    chip = page.get_by_role("button", name="Leave out: Texas")
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Texas")
    expect(chip).not_to_be_visible()
    expect(page.get_by_label("Ask a question")).to_be_focused()
    asked(page, "and for farm use?", turn=2)
    expect(page.get_by_role("button", name="Leave out: farm use")).to_be_visible()
    expect(page.locator("#chat [data-testid=bot]").last).not_to_contain_text("Texas")


def test_the_list_is_folded_away_on_a_narrow_screen(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, 390)
    fold = page.get_by_role("button", name="Conversations")
    expect(page.locator("#history-list")).not_to_be_visible()
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#history-list")).to_be_visible()
    shot(page, "history-390-light")
