"""The chat in Debian's Chromium: asking, sources, conversations, what is kept in mind, and no foreign request."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests import browsing
from tests.browsing import TEXAS, asked, done, opened, shot

pytestmark = pytest.mark.browser
browser = browsing.browser


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
    assert (
        card.get_by_role("link", name="Open the official page")
        .get_attribute("href")
        .startswith("https://uscode.house.gov/")
    )  # type: ignore[union-attr]
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    shot(page, "answer-1280-light")
    assert foreign == []


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
    # Gradio may draw the list once more when the stream of an answer ends, and what is typed into it meanwhile is lost.
    page.wait_for_timeout(1000)
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
