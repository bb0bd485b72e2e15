"""The page without a browser: what may reach it, what a conversation shows, and how it is served."""

from __future__ import annotations

import datetime as dt
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Assistant
from assistant.contract import Answer, Cited
from assistant.web.conversation import EXAMPLES, MOST_TURNS, Page, ask
from assistant.web.rendering import harmless, message
from assistant.web.source_cards import source
from assistant.web.source_panel import sources

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png>",
    "![x](http://evil.example/x.png)",
    "[click](http://evil.example)",
    "<style>body{background:url(//evil.example)}</style>",
    "<form action=//evil.example><input type=password></form>",
    "javascript:alert(1)",
    "<a href='data:text/html,x'>y</a>",
    "`code` $$x$$ | table |",
    "[ref]: http://evil.example",
    "www.evil.example or me@evil.example",
]


def cited(n: int = 1, **more: object) -> Cited:
    held = {
        "n": n, "citation": "49 U.S.C. § 30112(b)(9)", "coordinate": "us/usc/49/30112/b/9", "place": "US",
        "authority": "statute", "title": "T", "statement": "S.", "url": "https://uscode.house.gov/x",
        "checked": None, "effective_from": None, "confidence": "high",
    }  # fmt: skip
    return Cited.model_validate({**held, **more})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str) -> None:
    for safe in (harmless(text), message(text, 0, 9)):
        assert not re.search(r"[<`|$@]|www\.", safe)
        assert "](" not in safe
        assert "http:" not in safe


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_sources_are_harmless(text: str) -> None:
    html = source(cited(citation=text, title=text, statement=text, url=text, authority="statute"), 0)
    inner = re.sub(r"</?(?:article|h3|span|p|dl|div|dt|dd)\b[^<>]*>", "", html)
    assert not re.search(r"<(?!a class=\"official\")", inner.replace("</a>", ""))
    assert 'href="javascript' not in html


@given(st.text(max_size=300))
def test_any_text_is_harmless(text: str) -> None:
    safe = message(text, 0, 5)
    assert not re.search(r"<|!\[", safe)
    assert re.sub(r"\[\d{1,3}\]\(#src-0-\d\)", "", safe).count("](") == 0


def test_marks_become_links_and_unknown_ones_go() -> None:
    assert message("A [1] b [12] c [13].", 2, 12) == "A [1](#src-2-1) b [12](#src-2-12) c ."


def test_only_web_addresses_become_links() -> None:
    assert "Open the official page" in source(cited(), 0)
    for url in ("javascript:alert(1)", "file:///etc/passwd", "see the record", ""):
        assert "href" not in source(cited(url=url or "x"), 0)


@pytest.mark.parametrize("n", [1, 4, 12, 30])
def test_every_source_has_its_card(n: int) -> None:
    answer = Answer(
        question="q",
        outcome="answered",
        answer=" ".join(f"x [{i}]." for i in range(1, n + 1)),
        as_of=dt.date(2026, 11, 24),
        places=("US",),
        citations=tuple(cited(i) for i in range(1, n + 1)),
        fingerprint="f",
    )
    html = sources([answer])
    text = message(answer.answer, 0, n)
    assert [f'id="src-0-{i}"' in html for i in range(1, n + 1)] == [True] * n
    assert re.findall(r"#src-0-(\d+)", text) == [str(i) for i in range(1, n + 1)]


def pages(assistant: Assistant, page: Page, question: str, state: str = "", as_of: str = "2026-11-24") -> list[Page]:
    return list(ask(page, assistant, question, state, as_of))


def test_a_turn_streams_and_ends(assistant: Assistant) -> None:
    seen = pages(assistant, Page(), "Can I import a 1999 Suzuki Carry and drive it in Texas?")
    assert seen[0].busy
    assert not seen[-1].busy
    assert [m["role"] for m in seen[-1].messages] == ["user", "assistant"]
    assert len({len(p.messages[-1]["content"]) for p in seen if len(p.messages) == 2}) > 3
    assert seen[-1].status.startswith("Answer ready")
    assert seen[-1].suggestions
    assert "src-0-1" in seen[-1].panel


def test_the_second_turn_keeps_the_first(assistant: Assistant) -> None:
    first = pages(assistant, Page(), "Can I import a 1999 Suzuki Carry?")[-1]
    second = pages(assistant, first, "what about Ohio?")[-1]
    assert len(second.messages) == 4
    assert second.messages[:2] == first.messages
    assert "src-0-1" in second.panel
    assert "src-1-1" in second.panel


@pytest.mark.parametrize(
    ("question", "state", "as_of", "said"),
    [
        ("🚚", "", "", "could not read"),
        ("is it legal in Texas?", "", "2026-13-45", "YYYY-MM-DD"),
        ("is it legal?", "ZZ", "", "postal code"),
        ("a" * 3_000, "", "", "2,000"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(
    assistant: Assistant, question: str, state: str, as_of: str, said: str
) -> None:
    before = pages(assistant, Page(), "Can I import a 1999 Suzuki Carry?")[-1]
    after = pages(assistant, before, question, state, as_of)[-1]
    assert said in after.messages[-1]["content"]
    assert after.answers == before.answers
    assert after.messages[:2] == before.messages
    assert pages(assistant, after, "what about Ohio?", as_of="2026-11-24")[-1].answers[-1].outcome == "answered"


def test_an_empty_question_asks_nothing(assistant: Assistant) -> None:
    assert pages(assistant, Page(), "   ")[-1].messages == ()


def test_numbers_of_turns_stay_true_after_a_failure(assistant: Assistant) -> None:
    failed = pages(assistant, Page(), "🚚")[-1]
    good = pages(assistant, failed, "Can I import a 1999 Suzuki Carry?")[-1]
    assert "#src-0-1" in good.messages[-1]["content"]
    assert 'id="src-0-1"' in good.panel


def test_a_full_conversation_says_so_and_keeps_everything(assistant: Assistant) -> None:
    page = pages(assistant, Page(), "Can I import a 1999 Suzuki Carry?")[-1]
    full = Page(messages=page.messages * MOST_TURNS, answers=page.answers * MOST_TURNS, slots=page.slots)
    after = pages(assistant, full, "what about Ohio?")[-1]
    assert "New chat" in after.status
    assert after.messages == full.messages


@pytest.mark.parametrize(
    ("first", "then", "place"),
    [
        ("Can I register my kei truck?", "Texas", "US-TX"),
        ("Can I import a kei truck?", "August 1999", "US"),
        ("Is a kei truck legal in Ohio?", "why?", "US-OH"),
    ],
)
def test_a_short_reply_is_read_in_its_conversation(assistant: Assistant, first: str, then: str, place: str) -> None:
    page = pages(assistant, pages(assistant, Page(), first)[-1], then)[-1]
    assert page.answers[-1].outcome != "declined"
    assert place in page.answers[-1].places


def test_the_page_is_served_with_a_policy(address: str) -> None:
    page = httpx.get(address)
    assert page.status_code == 200
    assert "img-src 'self' data: blob:" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/docs", "/redoc", "/gradio_api/mcp", "/gradio_api/openapi.json", "/gradio_api/upload"]
)
def test_what_is_not_needed_is_not_there(address: str, path: str) -> None:
    assert httpx.get(address + path).status_code in (404, 405)


def test_health(address: str) -> None:
    assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{address}/readyz").json()["status"] == "ready"


def test_events_are_private(address: str) -> None:
    assert httpx.get(f"{address}/gradio_api/info").json()["named_endpoints"] == {}


def test_a_name_that_another_site_gave_this_machine_reads_nothing(address: str) -> None:
    assert httpx.get(address, headers={"host": "evil.example"}).status_code == 400
    assert httpx.get(f"{address}/ledger", headers={"host": "evil.example:7860"}).status_code == 400
    assert httpx.get(f"{address}/ledger", headers={"host": "localhost:7860"}).status_code == 200


def test_the_examples_are_answerable(assistant: Assistant) -> None:
    for question in EXAMPLES:
        assert pages(assistant, Page(), question)[-1].answers[-1].outcome == "answered"
