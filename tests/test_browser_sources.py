"""The source panel in Debian's Chromium: numbers open passages, Escape returns, tabs by keys, later turns."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import browsing
from tests.browsing import TEXAS, accessible, asked, done, fits, opened

pytestmark = pytest.mark.browser
browser = browsing.browser
SURVEY = "Which states register kei trucks?"


def numbers(page: Page, hash: str) -> Locator:
    return page.locator(f'#chat a[href$="{hash}"]')


def tab(page: Page, name: str) -> Locator:
    return page.locator("#source-lists section:not([hidden])").get_by_role("tab", name=name)


def cards(page: Page) -> Locator:
    return page.locator("#source-lists article:visible")


def test_a_number_opens_its_passage_and_escape_returns_to_it(browser: Browser, address: str) -> None:
    page, foreign = opened(browser, address)
    asked(page, TEXAS)
    expect(tab(page, "Cited")).to_have_attribute("aria-selected", "true")
    listed = cards(page).count()
    assert listed > 2
    # The second of two numbers that lead to one source: Escape goes back to this very one.
    again = next(found.nth(1) for n in range(1, listed + 1) if (found := numbers(page, f"#src-0-{n}")).count() > 1)
    hash = again.evaluate("one => one.hash.slice(1)")
    for opens in (lambda: again.click(), lambda: (again.focus(), page.keyboard.press("Enter"))):
        opens()
        expect(page.locator(f"#{hash}")).to_be_focused()
        expect(page.locator(f"#{hash}")).to_be_in_viewport()
        expect(tab(page, "Passage")).to_have_attribute("aria-selected", "true")
        expect(cards(page)).to_have_count(1)
        expect(page.locator(f"#{hash} dl")).to_be_visible()
        page.keyboard.press("Escape")
        expect(again).to_be_focused()
    again.click()
    page.get_by_role("button", name="Back").click()
    expect(again).to_be_focused()
    assert foreign == []
    page.context.close()


def test_tabs_and_steps_by_keys_alone(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, TEXAS)
    listed = cards(page).count()
    tab(page, "Cited").focus()
    page.keyboard.press("ArrowRight")
    expect(tab(page, "Also read")).to_be_focused()
    expect(page.locator("#also-0 li").first).to_be_visible()
    expect(cards(page)).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(tab(page, "Passage")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#src-0-1")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(tab(page, "Cited")).to_be_focused()
    page.keyboard.press("End")
    expect(tab(page, "Passage")).to_be_focused()
    page.keyboard.press("Home")
    # From a card to its passage, on to the last, and back to the list.
    second = page.locator("#src-0-2 .open")
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#src-0-2")).to_be_focused()
    onward = page.locator("section:not([hidden])").get_by_role("button", name="Next source")
    onward.focus()
    for _ in range(listed - 2):
        page.keyboard.press("Enter")
    last = page.locator(f"#src-0-{listed}")
    expect(last).to_be_focused()
    expect(onward).to_be_disabled()
    page.keyboard.press("Escape")
    expect(last.locator(".open")).to_be_focused()
    expect(cards(page)).to_have_count(listed)
    page.context.close()


def test_what_is_open_outlives_the_next_question_until_its_answer(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, TEXAS)
    numbers(page, "#src-0-2").first.click()
    expect(page.locator("#src-0-2")).to_be_visible()
    page.get_by_label("Ask a question").fill("🚚")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#chat")).to_contain_text("could not read")
    expect(page.locator("#src-0-2 dl")).to_be_visible()
    # The words of the refusal are a label of its message too.
    page.get_by_role("textbox", name="Ask a question").fill("What about Ohio?")
    page.keyboard.press("Enter")
    done(page, 2)
    expect(page.locator("#source-lists section:not([hidden]) .asked")).to_contain_text("Ohio")
    expect(tab(page, "Cited")).to_have_attribute("aria-selected", "true")
    # A number of the first answer leads to the first answer's sources, and back to itself.
    numbers(page, "#src-0-2").first.click()
    expect(page.locator("#src-0-2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(numbers(page, "#src-0-2").first).to_be_focused()
    page.reload()
    done(page, 2)
    numbers(page, "#src-1-1").first.click()
    expect(page.locator("#src-1-1")).to_be_focused()
    page.context.close()


def test_every_number_of_a_long_answer_has_its_source(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, SURVEY)
    shown = page.locator('#chat a[href*="#src-0-"]').evaluate_all("all => all.map((one) => [one.innerText, one.hash])")
    assert len(shown) >= 30
    named = page.locator("#source-lists article").evaluate_all(
        "all => all.map((one) => [one.querySelector('.n').innerText, `#${one.id}`])"
    )
    assert {tuple(one) for one in shown} == {tuple(one) for one in named}
    last = numbers(page, shown[-1][1]).last
    last.click()
    expect(page.locator(shown[-1][1])).to_be_focused()
    expect(page.locator("section:not([hidden]) .at")).to_have_text(f"{len(named)} of {len(named)}")
    page.context.close()


def test_a_source_opens_in_the_library(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    asked(page, "Is a kei truck legal in Georgia?")
    numbers(page, "#src-0-1").first.click()
    cited = page.locator("#src-0-1 .open").inner_text()
    with page.context.expect_page() as library:
        page.locator("#src-0-1").get_by_role("link", name="Open in the library").click()
    expect(library.value.get_by_role("heading", level=1)).to_have_text(cited)
    tab(page, "Also read").click()
    beside = page.locator("#also-0 li").first
    with page.context.expect_page() as library:
        beside.get_by_role("link", name="Open in the library").click()
    expect(library.value.get_by_role("heading", level=1)).to_have_text(beside.locator("h3").inner_text())
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_each_tab_on_every_screen(browser: Browser, address: str, width: int, scheme: str) -> None:
    page, _ = opened(browser, address, width, scheme)
    asked(page, TEXAS)
    headline = page.locator("#chat [data-testid=bot] p:has(> em > strong)").first
    expect(headline.locator("em > strong")).to_have_text(re.compile(r"^Yes\b.*:$"))
    assert headline.evaluate("one => parseFloat(getComputedStyle(one).borderLeftWidth)") > 0
    for name in ("Cited", "Also read", "Passage"):
        tab(page, name).click()
        fits(page)
        accessible(page)
    page.context.close()
