"""Printed pages: the whole text of an answer with all its sources, and no buttons."""

from __future__ import annotations

import io
import unicodedata
from statistics import mean, median

import pypdf
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import browsing
from tests.browsing import TEXAS, arrived, asked, done, fresh

pytestmark = pytest.mark.browser
browser = browsing.browser


def squeezed(text: str) -> str:
    """Letters and figures alone: where lines break, and which letters a font joins, is no matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def printed(page: Page) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(page.pdf(format="Letter")))
    return squeezed("".join(sheet.extract_text() for sheet in pdf.pages))


def ink(page: Page) -> float:
    """How light the ink of most words is on paper: 0 is black, 1 is white."""
    colour, found = [0.0], []

    def noted(operator: bytes, operands: list[float], *_: object) -> None:
        nonlocal colour
        if operator in (b"rg", b"g"):
            colour = [float(one) for one in operands]
        elif operator in (b"Tj", b"TJ"):
            found.append(mean(colour))

    for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(format="Letter"))).pages:
        sheet.extract_text(visitor_operand_before=noted)
    assert len(found) > 20
    return median(found)


def texts(parts: Locator) -> list[str]:
    return [text for part in parts.all() if (text := squeezed(part.text_content() or ""))]


def test_an_answer_is_printed_whole_with_its_sources(browser: Browser, address: str) -> None:
    page = fresh(browser)
    arrived(page, address)
    asked(page, TEXAS)
    asked(page, "What about Ohio?", 2)
    paper = printed(page)
    said = texts(page.locator("#chat [data-testid=bot] :is(p, li)"))
    assert len(said) > 10
    assert [text for text in said if text not in paper] == []
    # Each source of each answer: what it is called, and what it says.
    for part in ("h3", ".words"):
        names = texts(page.locator(f"#sources article {part}"))
        assert len(names) > 5
        assert [text for text in names if text not in paper] == []
    for button in ("New chat", "Retry", "Ask a question", "Law as of"):
        assert squeezed(button) not in paper
    page.context.close()


@pytest.mark.parametrize("path", ["/states/OH", "/states/compare?state=TX&state=OH", "/library/us/cfr/49/591.5"])
def test_a_page_is_printed_whole(browser: Browser, address: str, path: str) -> None:
    page = fresh(browser)
    page.goto(address + path)
    paper = printed(page)
    said = texts(page.locator("main :is(p, li, dd, h1, h2, h3):not(.position, .no-print, .no-print *)"))
    assert len(said) > 10
    assert [text for text in said if text not in paper] == []
    assert squeezed("Skip to the page") not in paper
    assert squeezed("Review desk") not in paper
    page.context.close()


def test_ink_is_dark_on_paper_whatever_the_screen_is(browser: Browser, address: str) -> None:
    page = fresh(browser, scheme="dark")
    for path in ("/states/OH", "/library/us/cfr/49/591.5", "/checker?year=2002&month=3&use=road&condition=used"):
        page.goto(address + path)
        assert ink(page) < 0.4, path
    arrived(page, address)
    asked(page, TEXAS)
    assert ink(page) < 0.4
    # Back on the screen it is dark as before.
    light = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)")
    assert mean(light) < 100
    page.context.close()


def test_a_reload_brings_the_same_paper(browser: Browser, address: str) -> None:
    page = fresh(browser)
    arrived(page, address)
    asked(page, TEXAS)
    before = printed(page)
    page.reload()
    done(page, 1)
    expect(page.locator("#chat")).to_contain_text("Texas")
    assert printed(page) == before
    page.context.close()
