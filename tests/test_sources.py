"""The source panel without a browser: tabs, badges, one numbering everywhere, what was also read, nothing harmful."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from lxml import html
from lxml.html import HtmlElement

from assistant.also_read import MOST
from assistant.answer import Assistant
from assistant.contract import AlsoRead, Answer, Cited, Slots
from assistant.export.memo import memo
from assistant.labels import currency
from assistant.web.conversation import Page, turn_of
from assistant.web.rendering import message
from assistant.web.source_cards import LOCATED, NOT_LOCATED, source
from assistant.web.source_panel import NOTHING_ELSE, sources

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png onerror=alert(1)>",
    "javascript:alert(1)",
    '"><form action=//evil.example><input type=password></form>',
    "' onmouseover='alert(1)",
    "![x](http://evil.example/x.png) [y](//evil.example)",
]
DAY = dt.date(2026, 11, 25)


def cited(n: int = 1, **more: object) -> Cited:
    held = {
        "n": n, "citation": f"49 CFR 591.{n}", "coordinate": f"us/cfr/49/591.{n}", "place": "US",
        "authority": "regulation", "title": "T", "statement": "It is at least 25 years old.", "url": "https://e.gov/x",
        "checked": None, "effective_from": None, "confidence": "high",
    }  # fmt: skip
    return Cited.model_validate({**held, **more})


def also(**more: object) -> AlsoRead:
    held = {
        "citation": "19 CFR 12.80", "coordinate": "us/cfr/19/12.80", "place": "US-TX", "authority": "overview",
        "title": "T", "statement": "S.", "confidence": "low", "why": "W.",
    }  # fmt: skip
    return AlsoRead.model_validate({**held, **more})


def answer(*citations: Cited, text: str = "", **more: object) -> Answer:
    said = text or " ".join(f"x [{one.n}]." for one in citations)
    fields = {"question": "q", "outcome": "answered", "answer": said, "as_of": DAY, "places": ("US",)}
    return Answer.model_validate({**fields, "citations": citations, "fingerprint": "f", **more})


def drawn(*answers: Answer) -> HtmlElement:
    return html.fromstring(sources(answers))


@pytest.mark.parametrize("count", [1, 4, 12, 30])
def test_one_numbering_in_text_panel_memo_and_a_reloaded_thread(count: int) -> None:
    # Cited in another order than they are numbered, some twice, and with marks that lead nowhere.
    order = [*range(count, 0, -1), 1, count + 1, 0, 999]
    made = answer(*map(cited, range(1, count + 1)), text=" ".join(f"x [{n}]." for n in order))
    numbers = [str(n) for n in order if 1 <= n <= count]
    text = message(made.answer, 0, count)
    assert re.findall(r"#src-0-(\d+)", text) == re.findall(r"\[(\d+)\]", text) == numbers
    cards = drawn(made).cssselect("article")
    assert [card.get("id") for card in cards] == [f"src-0-{n}" for n in range(1, count + 1)]
    assert [card.cssselect("h3 .n")[0].text for card in cards] == [str(n) for n in range(1, count + 1)]
    paper = memo([made], exported=DAY).sections[0]
    assert [(one.n, one.citation) for one in paper.sources] == [(one.n, one.citation) for one in made.citations]
    spans = [span for block in paper.blocks for item in block.items for span in item]
    assert [str(span.source) for span in spans if span.source is not None] == numbers
    stored = Answer.model_validate_json(made.model_dump_json())
    again = turn_of(Page(), "q", stored, Slots())
    assert again.messages[-1]["content"] == text
    assert again.panel == sources([made])


def test_the_tabs_name_what_they_hold_and_hold_it() -> None:
    panel = drawn(answer(cited(1), cited(2), also_read=(also(), also())))
    tabs = panel.cssselect("[role=tab]")
    assert [tab.text for tab in tabs] == ["Cited (2)", "Also read (2)", "Passage"]
    assert [tab.get("aria-selected") for tab in tabs] == ["true", "false", "false"]
    held = [panel.get_element_by_id(tab.get("aria-controls")) for tab in tabs]
    assert [one.get("role") for one in held] == ["tabpanel"] * 3
    assert len(held[0].cssselect("article")) == 2
    assert len(held[1].cssselect("li h3")) == 2
    assert not held[1].cssselect(".n")
    identifiers = [one.get("id") for one in panel.iter() if one.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_each_turn_has_its_own_and_the_newest_is_shown() -> None:
    declined = answer(text="No.", outcome="declined")
    panel = drawn(answer(cited()), declined, answer(cited()), declined)
    sections = panel.cssselect("section")
    assert [(one.get("data-turn"), one.get("hidden") is None) for one in sections] == [("0", False), ("2", True)]
    assert [card.get("id") for card in panel.cssselect("article")] == ["src-0-1", "src-2-1"]
    assert drawn(declined).cssselect(".empty")
    assert not drawn(declined).cssselect("[role=tab]")


def test_a_source_stands_on_the_page_once() -> None:
    """A conversation of thirty turns with ten sources each stays within what a page can take."""
    words = {"statement": "S" * 300, "official_text": "O" * 700, "official_source": "text of the eCFR"}
    turns = [answer(*(cited(n, **words) for n in range(1, 11))) for _ in range(30)]
    page = sources(turns)
    assert page.count("S" * 300) == 300
    assert page.count("O" * 700) == 300
    assert len(page) < 300 * 3_200


def test_our_words_stand_beside_the_official_ones() -> None:
    one = cited(official_text="(9) a vehicle <i>that</i> is at least 25 years old; or", official_source="text of <b>")
    card = html.fromstring(source(one, 0, DAY))
    assert [mark.text for mark in card.cssselect("mark")] == ["at least 25 years old"]
    assert card.cssselect("blockquote")[0].text_content() == one.official_text
    assert card.cssselect(".located")[0].text == LOCATED
    other = html.fromstring(source(one.model_copy(update={"statement": "Age frees it."}), 0, DAY))
    assert not other.cssselect("mark")
    assert other.cssselect(".located")[0].text == NOT_LOCATED
    assert other.cssselect("blockquote")[0].text_content() == one.official_text
    assert not html.fromstring(source(cited(), 0, DAY)).cssselect("figure")


def test_a_card_leads_to_the_library_on_the_day_of_its_answer() -> None:
    (link,) = html.fromstring(source(cited(coordinate="us/cfr/49/591.5/i/1"), 0, DAY)).cssselect("a.library")
    assert link.get("href") == "/library/us/cfr/49/591.5/i/1?as_of=2026-11-25"
    paper = source(cited(coordinate="us/document/alert-1/3", url="memo.pdf"), 0, DAY)
    assert not html.fromstring(paper).cssselect("a")
    assert not html.fromstring(source(cited(), 0)).cssselect("a.library")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text_in_every_part(text: str) -> None:
    told = dict.fromkeys(("citation", "title", "statement", "place", "authority"), text)
    one = cited(
        **told, url=text, coordinate=text, official_text=f"{text} x", official_source=text, reviewed=text, status=text
    )
    panel = drawn(answer(one, question=text, also_read=(also(**told, coordinate=text, why=text),)))
    known = {
        "div", "section", "p", "button", "article", "h3", "span", "figure", "figcaption", "blockquote", "mark", "dl",
        "dt", "dd", "ul", "li", "a",
    }  # fmt: skip
    assert {element.tag for element in panel.iter()} <= known
    for element in panel.iter():
        assert not [key for key in element.attrib if key.startswith("on") or key in ("src", "style", "action")]
        assert element.tag != "a" or element.get("href").startswith("/library/")
    assert panel.cssselect("article .words")[0].text_content() == text
    assert panel.cssselect("li .why")[0].text_content() == text


def test_a_stored_answer_of_before_is_shown() -> None:
    old = answer(cited()).model_dump(mode="json")
    del old["also_read"]
    for one in old["citations"]:
        del one["status"], one["effective_until"]
    held = Answer.model_validate(old)
    assert held.also_read == ()
    assert NOTHING_ELSE in drawn(held).text_content()
    # What is not known of its standing is not claimed.
    assert currency(cited(authority="bill"), DAY) == ""


@pytest.mark.parametrize(
    ("question", "least"),
    [("Is a kei truck legal in Georgia?", 2), ("Can I register my kei truck?", 3), ("Who won the world cup?", 0)],
)
def test_what_was_also_read(ask: Callable[..., Answer], question: str, least: int) -> None:
    made = ask(question)
    told = made.also_read
    assert least <= len(told) <= (MOST if least else 0)
    pinpoints = [one.coordinate for one in told]
    assert len(pinpoints) == len(set(pinpoints))
    assert not {one.coordinate for one in made.citations} & set(pinpoints)
    assert {one.place for one in told} <= set(made.places)
    for one in told:
        assert one.why
        assert (one.confidence in ("low", "unconfirmed")) == ("not confirmed" in one.why)
        assert (one.authority in ("alert", "overview")) == ("is not law" in one.why)


def test_a_real_answer_on_its_day(assistant: Assistant, ask: Callable[..., Answer]) -> None:
    made = ask("Is a kei truck legal in Georgia?")
    panel = drawn(made)
    numbers = set(re.findall(r"\[(\d+)\]", made.answer))
    assert numbers == {one.text for one in panel.cssselect("article .n")}
    for one in (*made.citations, *made.also_read):
        assert assistant.library.at(one.coordinate), one.coordinate
