"""Tab through every page: each stop is on the screen and shown, none holds the keyboard, and none is left out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests import browsing
from tests.browsing import arrived, fresh, stop

pytestmark = pytest.mark.browser
browser = browsing.browser
PATHS = (
    "/", "/states", "/states?show=ordinary", "/states/AZ", "/states/compare?state=TX&state=OH", "/checker",
    "/checker?year=2002&month=3&use=road&state=US-OH&condition=used", "/checker?year=20x2&month=13", "/library",
    "/library?q=25+years", "/library/us/cfr/49/591.5", "/library/us/cfr/49/591.99", "/sign-in", "/review",
    "/review/statement/19cfr-12-73.a", "/ledger", "/api/docs", "/no/such/page",
)  # fmt: skip
# What the keyboard should reach, and whether anything asks to come before what stands before it.
STOPS = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const may = (one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden";
  return all.filter((one) => may(one) && one.checkVisibility({ visibilityProperty: true })).map((one) => one.tabIndex);
}"""


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_every_stop_of_a_page_is_reached_and_shown(browser: Browser, address: str, path: str, width: int) -> None:
    page = fresh(browser, width)
    if path == "/":
        arrived(page, address)
    else:
        page.goto(address + path)
    page.evaluate("document.activeElement.blur()")
    wanted: list[int] = page.evaluate(STOPS)
    assert max(wanted) == 0, "a positive tabindex changes the order"
    reached: list[int] = []
    for _ in range(4 * len(wanted) + 9):
        page.keyboard.press("Tab")
        at = stop(page)
        if at is None:
            continue
        if reached and at["key"] == reached[0] != reached[-1]:
            break
        assert at["shown"], at
        assert at["seen"], at
        # A field for a date is one part with several stops.
        reached += [at["key"]] if at["key"] not in reached else []
    else:
        raise AssertionError(f"the keyboard did not get out of {stop(page)}")
    assert len(reached) == len(wanted)
    page.context.close()
