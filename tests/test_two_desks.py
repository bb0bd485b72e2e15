"""Client and attorney in two browsers: asked, reported, verified, edited, stale; then the ledger and the memo."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.access import Users
from assistant.answer import Assistant
from assistant.database import Database
from assistant.ledger import Ledger
from assistant.settings import Settings
from tests import test_browser
from tests.browsing import accessible, asked, shot
from tests.conftest import ROOT, serving

pytestmark = pytest.mark.browser
browser = test_browser.browser
PASSWORD = "a long enough one"
QUESTION = "What does 49 CFR 591.5(i)(1) say?"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the program, whose book may be edited."""
    copy = tmp_path / "project"
    for room in ("assistant", "corpus"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", copy)
    return copy


@pytest.fixture
def data(tmp_path: Path, data_dir: Path, assistant: Assistant) -> Path:
    """A data folder with three people and the session's index, so that little is embedded anew."""
    folder = tmp_path / "data"
    shutil.copytree(data_dir / "index", folder / "index")
    with closing(Database.open(Settings(data_dir=folder))) as database:
        users = Users(database)
        for login, role, name in (("ann", "client", "Ann"), ("smith", "attorney", "A. Smith"), ("root", "admin", "R.")):
            users.add(login, role, name, PASSWORD)  # type: ignore[arg-type]
    return folder


def signed_in(browser: Browser, address: str, login: str, path: str = "/") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address + path)
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_from_a_question_to_a_stale_sign_off(browser: Browser, project: Path, data: Path, tmp_path: Path) -> None:
    with serving(project, data, data / "serve.log") as address:
        ann = signed_in(browser, address, "ann")
        asked(ann, QUESTION)
        card = ann.locator("#src-0-1")
        expect(card).to_contain_text("Not reviewed")
        ann.locator("#about summary").click()
        ann.get_by_label("What should they know?").fill("Is this the text of today?")
        ann.get_by_role("button", name="Out of date").click()
        expect(ann.locator("#status")).to_contain_text("reached the attorneys")

        smith = signed_in(browser, address, "smith", "/review")
        expect(smith.locator("main")).to_contain_text("Is this the text of today?")
        accessible(smith)
        shot(smith, "review-desk-1280-light")
        smith.get_by_role("link", name="Look at the answer").click()
        accessible(smith)
        shot(smith, "review-answer-1280-light")
        links = smith.locator("ol li").first.get_by_role("link").all()
        statements = [f"{address}{link.get_attribute('href')}" for link in links]
        for statement in statements:
            smith.goto(statement)
            words = smith.locator("section[aria-labelledby=ours] p").first.inner_text()
            smith.keyboard.press("v")
            expect(smith).not_to_have_url(statement)
        smith.goto(f"{address}/review")
        smith.get_by_role("button", name="Settled").click()
        expect(smith.locator("main")).not_to_contain_text("Is this the text of today?")
        smith.goto(statements[0])
        expect(smith.locator("main")).to_contain_text("Verified by A. Smith")
        accessible(smith)
        shot(smith, "review-statement-1280-light")

        asked(ann, QUESTION, turn=2)
        expect(ann.locator("#src-1-1")).to_contain_text(re.compile(r"Verified by A\. Smith on \d{4}-\d\d-\d\d"))
        shot(ann, "verified-1280-light")
        conversation = ann.url
        response = ann.request.get(f"{address}/review")
        assert response.status == 403
        with ann.expect_download() as download:
            ann.locator("#about summary").click()
            ann.locator("#about a").first.click()
        memo = tmp_path / "memo.pdf"
        download.value.save_as(memo)
        assert "Verified by A. Smith" in " ".join(pypdf.PdfReader(memo).pages[0].extract_text().split())
        cookies = ann.context.cookies()

    edited(project, words)
    with serving(project, data, data / "serve.log") as address:
        ann = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        ann.context.add_cookies(cookies)
        ann.goto(address + conversation[conversation.index("/?") :])
        # What was stored is shown in its words, but the sign-off was of other words than the book's of today.
        expect(ann.locator("#src-1-1")).to_contain_text("Stale: our words changed", timeout=60_000)
        asked(ann, QUESTION, turn=3)
        expect(ann.locator("#src-2-1")).to_contain_text("Stale: our words changed")
        expect(ann.locator("#chat")).to_contain_text("that review no longer holds")
        shot(ann, "stale-1280-light")

        root = signed_in(browser, address, "root", "/ledger")
        root.get_by_role("button", name="Check the whole ledger").click()
        expect(root.get_by_role("status")).to_contain_text("The ledger is whole")
        accessible(root)
        shot(root, "ledger-1280-light")

        with closing(sqlite3.connect(data / "kei.db")) as raw:
            raw.execute("drop trigger kei_ledger_no_update")
            (row,) = raw.execute("select min(n) from kei_ledger where action = 'review'").fetchone()
            raw.execute("update kei_ledger set actor = 'somebody' where n = ?", (row,))
            raw.commit()
        root.get_by_role("button", name="Check the whole ledger").click()
        expect(root.get_by_role("alert")).to_contain_text(f"Row {row}: it was edited")
    with closing(Database.open(Settings(data_dir=data))) as database:
        found = Ledger(database).verify()
    assert found is not None
    assert found.n == row


def edited(project: Path, words: str) -> None:
    """Change one word of a statement in the book."""
    first = words.split()[0]
    for path in (project / "corpus" / "digests").rglob("*.yaml"):
        text = path.read_text("utf-8")
        # A digest may wrap a statement over several lines.
        match = re.search(r"\s+".join(map(re.escape, words.split())), text)
        if match:
            path.write_text(
                text[: match.start()] + "Here " + first.lower() + text[match.start() + len(first) :], "utf-8"
            )
            return
    raise AssertionError("the statement is not in the book")
