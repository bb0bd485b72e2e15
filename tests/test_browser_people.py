"""Two people, and two tabs of one: neither sees what is the other's, nothing mixes, and the browser keeps nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.answer import Assistant
from tests import browsing
from tests.browsing import PASSWORD, arrived, asked, done, firm, fresh, ready

pytestmark = pytest.mark.browser
browser = browsing.browser
# What a browser may keep beyond a page.
KEPT = """async () => JSON.stringify({
  local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, name: window.name,
  databases: await indexedDB.databases(), caches: await caches.keys(), state: history.state, address: location.href,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


@pytest.fixture(scope="module")
def office(assistant: Assistant, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    del assistant  # it built the index
    with firm(data_dir / "index", tmp_path_factory.mktemp("people")) as address:
        yield address


def person(browser: Browser, office: str, login: str) -> Page:
    """Signed in, at the chat, in a browser of their own."""
    page = fresh(browser)
    page.goto(office)
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    ready(page)
    return page


def thread_of(page: Page) -> str:
    (thread,) = parse_qs(urlsplit(page.url).query)["thread"]
    return thread


def test_nobody_sees_what_is_anothers(browser: Browser, office: str) -> None:
    ann, bob = person(browser, office, "ann"), person(browser, office, "bob")
    asked(ann, "Is a kei truck legal in Georgia?")
    asked(bob, "Is a kei truck legal in Nebraska?")
    for page, others in ((ann, "Nebraska"), (bob, "Georgia")):
        for part in ("#chat", "#sources", "#history-list", "#chips"):
            expect(page.locator(part)).not_to_contain_text(others)
    thread = thread_of(ann)
    for path in (f"/memo/{thread}.pdf", f"/memo/{thread}/1.docx", f"/memo/{thread}.bundle"):
        assert ann.request.get(office + path).status == 200
        refused = bob.request.get(office + path)
        assert refused.status == 404
        assert "Georgia" not in refused.text()
    assert bob.request.get(f"{office}/review/answer/{thread}/1").status == 403
    taken = bob.request.post(f"{office}/api/ask", data={"question": "What about Ohio?", "thread": thread})
    assert taken.status == 404
    bob.goto(f"{office}/?thread={thread}")
    expect(bob.locator("#status")).to_contain_text("no such conversation")
    expect(bob.locator("#chat")).not_to_contain_text("Georgia")
    expect(bob.locator("#about summary")).not_to_be_visible()
    # What Bob asks from there begins a conversation of his own.
    asked(bob, "Is a kei truck legal in Maine?")
    assert thread_of(bob) != thread
    ann.reload()
    done(ann, 1)
    expect(ann.locator("#history-list li")).to_have_count(1)
    expect(ann.locator("#chat")).not_to_contain_text("Maine")


def test_what_is_reported_names_nobody_to_other_clients(browser: Browser, office: str) -> None:
    bob = person(browser, office, "bob")
    asked(bob, "Is a kei truck legal in Kansas?")
    bob.locator("#about summary").click()
    bob.get_by_label("What should they know?").fill("Bob's own words")
    bob.get_by_role("button", name="Out of date").click()
    expect(bob.locator("#status")).to_contain_text("reached the attorneys")
    ann = person(browser, office, "ann")
    assert ann.request.get(f"{office}/review").status == 403
    assert ann.request.post(f"{office}/review/feedback/1").status == 403
    asked(ann, "Is a kei truck legal in Kansas?")
    assert "Bob" not in ann.content()
    smith = person(browser, office, "smith")
    smith.goto(f"{office}/review")
    expect(smith.locator("main")).to_contain_text("Bob's own words")


def test_after_signing_out_nothing_is_there_for_the_next(browser: Browser, office: str) -> None:
    page = person(browser, office, "ann")
    asked(page, "Is a kei truck legal in Hawaii?")
    here = page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Hawaii")
    page.goto(here)
    page.get_by_label("Name").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("no such conversation")
    expect(page.locator("body")).not_to_contain_text("Hawaii")


def test_two_tabs_keep_to_their_own(browser: Browser, office: str) -> None:
    one = person(browser, office, "root")
    two = one.context.new_page()
    arrived(two, office)
    one.get_by_label("Ask a question").fill("Is a kei truck legal in Georgia?")
    two.get_by_label("Ask a question").fill("Is a kei truck legal in Nebraska?")
    one.keyboard.press("Enter")
    two.keyboard.press("Enter")
    done(one, 1)
    done(two, 1)
    for page, own, other in ((one, "Georgia", "Nebraska"), (two, "Nebraska", "Georgia")):
        expect(page.locator("#chat")).to_contain_text(own)
        expect(page.locator("#chat")).not_to_contain_text(other)
        expect(page.locator("#sources")).not_to_contain_text(other)
        asked(page, "and for farm use?", 2)
        expect(page.locator("#chat [data-testid=bot]").last).to_contain_text(own)
    assert thread_of(one) != thread_of(two)
    for page in (one, two):
        page.reload()
        done(page, 2)
        expect(page.locator("#history-list li")).to_have_count(2)


def test_one_conversation_in_two_tabs_loses_and_mixes_nothing(browser: Browser, office: str) -> None:
    one = person(browser, office, "smith")
    asked(one, "Is a kei truck legal in Idaho?")
    two = one.context.new_page()
    arrived(two, one.url)
    done(two, 1)
    asked(one, "What about Ohio?", 2)
    # The other tab does not know of Ohio yet, and goes on from what it shows.
    asked(two, "What about Maine?", 2)
    expect(two.locator("#chat [data-testid=bot]").last).to_contain_text("Maine")
    expect(two.locator("#chat")).not_to_contain_text("Ohio")
    for page in (one, two):
        page.reload()
        done(page, 3)
        said = page.locator("#chat [data-testid=user]").all_inner_texts()
        assert [text.strip() for text in said] == [
            "Is a kei truck legal in Idaho?",
            "What about Ohio?",
            "What about Maine?",
        ]
        for turn, place in enumerate(("Idaho", "Ohio", "Maine")):
            reply = page.locator("#chat [data-testid=bot]").nth(turn)
            expect(reply).to_contain_text(place)
            marks = reply.locator("a[href*='#src-']").evaluate_all("all => all.map((one) => one.hash)")
            assert marks
            assert {re.sub(r"-\d+$", "", mark) for mark in marks} == {f"#src-{turn}"}
            for mark in set(marks):
                expect(page.locator(mark)).to_have_count(1)


def test_the_browser_keeps_nothing_of_a_conversation(browser: Browser, office: str) -> None:
    one = person(browser, office, "bob")
    asked(one, "Is a Sambar legal in Nebraska? SECRET-4711")
    two = one.context.new_page()
    arrived(two, one.url)
    done(two, 1)
    two.get_by_label("Ask a question").fill("a draft about DRAFT-4712")
    for page in (one, two, one):
        held = page.evaluate(KEPT)
        for word in ("Sambar", "Nebraska", "4711", "4712", "kei truck", "src-0"):
            assert word not in held, held
        assert '"databases":[],"caches":[]' in held
        assert '"workers":0' in held
        page.reload()
        done(page, 1)
    assert [cookie["name"] for cookie in one.context.cookies()] == ["kei"]
    assert all(cookie["httpOnly"] for cookie in one.context.cookies())
