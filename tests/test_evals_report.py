"""The report says what the scores say, alike in Markdown and HTML; hostile text stays text; the page is accessible."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import shutil
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import etree
from lxml import html as lxml_html
from playwright.sync_api import sync_playwright

from assistant.contract import Answer
from evals.adjudications import Adjudication
from evals.cases import Case, Category
from evals.compare import Change
from evals.junit import junit
from evals.metrics import share
from evals.report import Report, bound, figure, html, markdown
from evals.run import Record, Row
from evals.score import Failure, Outcome, Score
from tests.browsing import ARGS
from tests.conftest import TODAY, missing

HOSTILE = 'Is it <script>alert(1)</script> & legal? | `a` ``` ]]> "q"\x07'


def case(i: str, category: Category = "lookup", **more: object) -> Case:
    held = {
        "id": i, "category": category, "difficulty": 1, "asker": "farmer", "question": f"Question of {i}?",
        "as_of": TODAY, "expect": "answer", "answer": {"type": "verdict", "value": "no", "alternates": ["unclear"]},
        "gold": [{"coordinate": "us/usc/49/30112/b/9", "authority": "statute"}],
        "key_facts": [{"id": "age", "any_regex": ["25 years"]}],
        "must_not": [{"id": "flat", "regex": "^Yes", "why": "it is not"}],
        "provenance": {"author": "t", "written_from": ["t"], "digest_seen": False},
    }  # fmt: skip
    return Case.model_validate({**held, **more})


def score(
    i: str,
    outcome: Outcome = "accurate",
    failure: Failure | None = None,
    category: Category = "lookup",
    right: float = 1.0,
    **more: object,
) -> Score:
    values = {"behaviour": 1.0, "typed": right, "facts": right, "recall": right, "g": right, "verified": 1.0,
              "clean": float(outcome != "hallucinated"), "seconds": 0.02, "words": 90.0}  # fmt: skip
    held = {"id": i, "category": category, "cluster": i, "outcome": outcome, "failure": failure, "expected": "answer",
            "behaved": "answer", "given": ("no",), "values": values, "labels": {"VERIFIED": 1}}  # fmt: skip
    return Score.model_validate({**held, **more})


def row(i: str, text: str) -> Row:
    answer = Answer(question="q", outcome="answered", answer=text, as_of=TODAY, places=("US",), fingerprint="f")
    return Row(id=i, wording="asked", answer=answer)


CASES = (
    case("lk-1"),
    case("lk-2"),
    case("lk-3", question=HOSTILE),
    case("mt-1", "multi_turn", question=None, turns=["First?", "Second?"], turn_paraphrases=["F", "S"],
         turn_slots=[{}, {}]),
    case("sv-TX-reg", "survey"),
    case("sv-TX-age", "survey"),
    case("sv-DC-road", "survey"),
)  # fmt: skip
SCORES = (
    score("lk-1"),
    score("lk-2", "incomplete", "form", right=0.0, missing=("age",)),
    score("lk-3", "hallucinated", "reasoning", right=0.0, given=("yes",), missing=("age",), said=("flat",),
          outside=("us/cfr/49/591.5",)),
    score("mt-1", "hallucinated", "grounding", "multi_turn"),
    score("sv-TX-reg", category="survey"),
    score("sv-TX-age", "incomplete", "behaviour", "survey", behaved="abstain", given=()),
    score("sv-DC-road", category="survey"),
)  # fmt: skip
RECORD = Record(
    date=TODAY, git="abc1234", assistant="a" * 8, book="b" * 8, suites="c" * 8, python="3.11.7",
    packages={"torch": "2", "bm25s": "0.3"}, rows=7, seconds=1.5,
)  # fmt: skip
CHANGE = Change(
    metric="facts", n=7, before=0.9, after=0.7, difference=-0.2, low=-0.3, high=0.1, p=0.01, p_holm=0.02, better=0,
    worse=2, unpaired=0,
)  # fmt: skip
DECISION = Adjudication(
    date=dt.date(2026, 11, 20), case="lk-1", what="alternate | added", reason="both read so", by="reviewer"
)
REPORT = Report(
    record=RECORD,
    reasons=("facts (all) is 0.700, at least 0.9 is needed",),
    scores=SCORES,
    cases={c.id: c for c in CASES},
    rows=(row("lk-3", "Yes.\n\n```\n**<b>Bold</b>** & [1]\n```"), row("lk-2", "No."), row("mt-1", "Second answer.")),
    changes=(CHANGE, replace(CHANGE, metric="recall", difference=0.02, low=0.01, high=0.03, p_holm=1.0)),
    adjudications=(DECISION,),
    yardstick="Outside: 3 questions\n\n| search | R@10 |\n|---|---:|\n| BM25 alone | 0.7660 |\n",
)
RIGHT = replace(REPORT, reasons=(), scores=SCORES[:1], changes=None, adjudications=(), yardstick=None)


def page(report: Report) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(html(report), parser=lxml_html.HTMLParser(encoding="utf-8"))


def text(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_same_input_gives_the_same_bytes_in_whatever_order() -> None:
    turned = replace(
        REPORT,
        scores=SCORES[::-1],
        rows=REPORT.rows[::-1],
        cases=dict(reversed(REPORT.cases.items())),
        record=RECORD.model_copy(update={"packages": dict(reversed(RECORD.packages.items()))}),
    )
    assert html(turned) == html(REPORT)
    assert markdown(turned) == markdown(REPORT)


def test_the_verdict_comes_first_and_says_why() -> None:
    stopped, shipped = page(REPORT), page(RIGHT)
    assert "do not ship" in text(stopped.find(".//h1"))
    assert REPORT.reasons[0] in text(stopped.find_class("verdict")[0])
    assert text(shipped.find(".//h1")).endswith(": ship")
    assert "**Ship.**" in markdown(RIGHT)
    assert "**Do not ship.**" not in markdown(RIGHT)


def test_both_forms_have_the_same_sections_and_tables() -> None:
    for report in (REPORT, RIGHT):
        tree, plain = page(report), markdown(report)
        assert [text(h) for h in tree.iter("h2")] == re.findall(r"^## (.*)$", plain, re.M)
        for caption in tree.iter("caption"):
            assert f"\n{text(caption)}:\n" in plain
        limits = plain.partition("## Limits")[2]
        assert [text(li) for li in tree.xpath("//h2[@id='limits']/following-sibling::ul/li")] == re.findall(
            r"^- (.*)$", limits, re.M
        )


def test_no_rate_is_nought() -> None:
    assert [round(bound(n), 3) for n in (30, 60, 100, 150, 300)] == [0.095, 0.049, 0.03, 0.02, 0.01]
    assert figure("hallucinated", share([False] * 60)) == "≤ 4.9%"
    assert figure("hallucinated", share([True] + [False] * 59)) == "1.7%"
    for told in (markdown(REPORT), markdown(RIGHT), html(RIGHT)):
        assert not re.search(r"(?<![\d.])0(?:\.0)? ?%", told)
    # lk-1 alone: nothing went wrong in one case, which shows next to nothing.
    assert "| all | hallucinated | 1 | ≤ 95.0% |" in markdown(RIGHT)
    assert "| all | exception to “citations VERIFIED” | 7 | ≤ 34.8% |" in markdown(REPORT)
    assert "exception to “nothing forbidden said” | 7 |" not in markdown(REPORT)


def test_every_figure_of_the_headline_has_its_interval() -> None:
    assert "| all | 7 | 42.9% (15.8 to 75.0) | 28.6% (8.2 to 64.1) | 28.6% (8.2 to 64.1) |" in markdown(REPORT)
    assert "| survey | 3 | 66.7% (20.8 to 93.9) |" in markdown(REPORT)


def test_the_heat_map_has_a_number_in_every_colour() -> None:
    tree = page(REPORT)
    cells = tree.xpath("//td[contains(@class, ' q')]")
    assert len(cells) > 30
    assert all(re.search(r"\d", text(cell)) for cell in cells)
    # Of seven cases two are hallucinated and three accurate: colours go by what is good.
    assert {text(c): c.get("class") for c in cells[:2]} == {"42.9%": "figure q0", "28.6%": "figure q2"}
    rows = [text(th) for th in tree.xpath("//table[caption='Metrics by category']/tbody/tr/th")]
    assert rows == ["all", "dev", "lookup", "multi_turn", "survey"]


def test_a_tile_for_each_jurisdiction() -> None:
    tree = page(REPORT)
    tiles = {text(li)[:2]: li for li in tree.find_class("tiles")[0]}
    assert len(tiles) == 51
    assert len({li.get("style") for li in tiles.values()}) == 51
    assert [m.get("title") for m in tiles["TX"].find_class("mark")] == [
        "TX registration: accurate, expected no or unclear, said no",
        "TX age: incomplete, expected no or unclear, said no verdict",
        "TX road: not asked",
    ]
    assert [text(m) for m in tiles["DC"].find_class("mark")] == ["–", "–", "A"]
    assert "| TX | A | I | – |\n" in markdown(REPORT)
    assert "The survey was not asked." in markdown(RIGHT)


def test_the_plot_of_the_changes() -> None:
    tree = page(REPORT)
    svg = tree.find_class("forest")[0]
    assert [g.get("class") for g in svg.iter("g")] == ["worse", "better"]
    assert "-20.0 (-30.0 to +10.0) blocks" in text(svg)
    # 0 is at 340, and the axis reaches 30 points on 190 units.
    assert [float(g.find("rect").get("x")) for g in svg.iter("g")] == pytest.approx([335 - 126.7, 335 + 12.7])
    assert "There is no release to compare with." in markdown(RIGHT)
    assert page(RIGHT).find_class("forest") == []


def test_the_worst_come_with_what_was_missed() -> None:
    tree = page(REPORT)
    assert [text(h) for h in tree.iter("h3")] == [
        "lk-3: hallucinated", "mt-1: hallucinated", "lk-2: incomplete", "sv-TX-age: incomplete",
    ]  # fmt: skip
    first, second, *_, last = tree.iter("article")
    assert [text(li) for li in first.findall("ul")[1]] == [
        "should say: no or unclear, said: yes",
        "fact missing: age, /25 years/",
        "forbidden, but said: flat, it is not",
        "cited beside the point: us/cfr/49/591.5",
        "required, not cited: us/usc/49/30112/b/9",
    ]
    assert "a required fact rests only on provisions beside the point" in text(second)
    assert "1. First? 2. Second?" in text(second)
    assert "expected: answer, did: abstain" in text(last)
    assert "No answer: the question was refused as unreadable." in text(last)


def test_hostile_text_stays_text() -> None:
    tree, plain = page(REPORT), markdown(REPORT)
    assert tree.xpath("//script | //b[text()='Bold'] | //@src | //link | //@href[not(starts-with(., '#'))]") == []
    assert not re.search(r"url\(|@import|https?:", html(REPORT))
    assert "<script>alert(1)</script>" in text(next(tree.iter("article")))
    # The answer holds a fence of its own, so its block has a longer one.
    assert "````text\nYes.\n\n```\n**<b>Bold</b>** & [1]\n```\n````" in plain
    assert "| 2026-11-20 | lk-1 | alternate \\| added | both read so | reviewer |" in plain


def test_headings_go_down_one_at_a_time() -> None:
    levels = [int(h.tag[1]) for h in page(REPORT).iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_junit_names_every_failure() -> None:
    told = junit(SCORES, REPORT.cases)
    root = ET.fromstring(told)
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("time")) == ("7", "4", "0.140")
    held = {one.get("name"): one for one in suite}
    assert held["lk-1"].find("failure") is None
    assert held["mt-1"].get("classname") == "multi_turn"
    types = {name: f.get("type") for name, one in held.items() if (f := one.find("failure")) is not None}
    assert types == {
        "lk-2": "incomplete",
        "lk-3": "hallucinated",
        "mt-1": "hallucinated",
        "sv-TX-age": "incomplete",
    }
    failure = held["lk-3"].find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("reasoning: should say: no or unclear, said: yes; fact missing: age")
    # A bell cannot stand in XML at all.
    assert str(failure.text).startswith(HOSTILE.replace("\x07", "\ufffd"))
    assert etree.fromstring(told.encode()).tag == "testsuites"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(scheme: str) -> None:
    path = shutil.which("chromium")
    if path is None:
        missing("Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        for width in (320, 390, 1280):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            tab = context.new_page()
            asked: list[str] = []
            tab.on("request", lambda r, asked=asked: asked.append(r.url))
            tab.on("console", lambda m, asked=asked: asked.append(m.text))
            tab.set_content(html(REPORT))
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            found = Axe().run(tab).response["violations"]
            assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []
            assert asked == []
        browser.close()
