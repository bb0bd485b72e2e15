"""The import checker: its clocks against the calendar, its sentences against the book, its form against bad input."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import eligibility
from assistant.dates import Built
from assistant.timeline import WIDTH, picture
from assistant.verify import fault
from assistant.web.checker_form import Typed, Vehicle, read, table
from assistant.web.checker_papers import papers
from assistant.web.checker_result import Checked
from assistant.web.services import Services
from assistant.web.serving import pages
from corpus.library import Library
from corpus.verdicts import Measure
from tests import test_desks

services = test_desks.services
DAY = dt.date(2026, 11, 25)
HOSTILE = "\"><img src=http://evil.example/x.png onerror=alert(1)>{{ 7*7 }}<script>'"
# Hypothesis draws many examples for one book.
BOOK = Library.open()


@pytest.fixture
def client(services: Services) -> TestClient:
    app: FastAPI = pages(services)
    return TestClient(app, follow_redirects=False)


def built_dates() -> st.SearchStrategy[Built]:
    days = st.dates(dt.date(1960, 1, 1), DAY)
    whole = days.map(lambda d: Built(d.year, d.month, d.day))
    return st.one_of(whole, days.map(lambda d: Built(d.year, d.month)), days.map(lambda d: Built(d.year)))


@settings(deadline=None)
@given(built_dates(), st.dates(DAY, dt.date(2060, 12, 31)))
def test_the_clocks_are_those_of_eligibility_and_of_the_calendar(built: Built, day: dt.date) -> None:
    checked = Checked(BOOK, Vehicle(built, False, "road", None, day))
    events = {e.sentence.text: e for e in checked.events() if e.sentence}
    for clock in eligibility.clocks():
        reading = eligibility.read(clock, built)
        event = events[eligibility.sentence(reading, day).text]
        assert event.state == reading.state(day) in table()["states"]
        year = dt.date(built.year + clock.years, 1, 1)
        if clock.name in ("emissions", "tariff"):
            assert event.when == eligibility.day_name(year)
            assert (event.state == "met") is (day >= year)
        elif built.day and (built.month, built.day) != (2, 29):
            first = dt.date(built.year + 25, built.month or 1, built.day)
            assert event.when == eligibility.day_name(first)
            assert (event.state == "met") is (day >= first)
    firsts = [one.earliest for one in checked.readings]
    order = [e.kind for e in checked.events()]
    assert order[0] == "built"
    assert order.index("day") == 1 + sum(first <= day for first in firsts)
    drawn = picture(checked.readings, day, table()["clocks"], day_name="today")
    assert 0 <= drawn.day < WIDTH
    assert all(0 < bar.opens <= bar.met < WIDTH for bar in drawn.bars)
    for bar, reading in zip(drawn.bars, checked.readings, strict=True):
        assert (bar.met <= drawn.day) is (reading.latest <= day) or abs(bar.met - drawn.day) < 1
    assert 1 <= len(drawn.ticks) <= 9


VEHICLES = [
    Vehicle(Built(1999, 5), False, "road", None, DAY, {Measure.ENGINE_CC: 660, Measure.TOP_MPH: 70}),
    Vehicle(Built(2001, 11), False, "offroad", None, DAY, {Measure.WEIGHT_LB: 1500, Measure.GROSS_LB: 2700}),
    Vehicle(Built(2004), False, "show", None, DAY, {Measure.TOP_MPH: 25, Measure.GROSS_LB: 2700}),
    Vehicle(Built(2015, 3, 9), True, "road", None, DAY),
    Vehicle(None, True, "offroad", None, DAY),
]


@pytest.mark.parametrize("vehicle", VEHICLES, ids=lambda v: f"{v.built}-{v.use}")
def test_every_sentence_passes_the_verifier_in_every_state(vehicle: Vehicle) -> None:
    for code in (None, *BOOK.places):
        checked = Checked(BOOK, Vehicle(vehicle.built, vehicle.new, vehicle.use, code, DAY, vehicle.figures))
        lead = (*checked.federal(), *checked.position())
        listed = [one for paper in papers(checked) for _, one in paper.lines]
        rest = [e.sentence for e in checked.events() if e.sentence]
        rest += [*checked.low_speed(), *checked.limits(), *checked.conditions(), *checked.pending(), *listed]
        assert lead
        for sentence in (*lead, *rest):
            told = fault(sentence, BOOK, decides=sentence in lead)
            assert told is None, (code, sentence.text, told)
        for paper in papers(checked):
            for box, sentence in paper.lines:
                assert not box or box in sentence.text


@pytest.mark.parametrize(
    ("built", "use", "new", "boxes"),
    [
        (Built(1999, 5), "road", False, ["Box 1", "Code E"]),
        (Built(1999, 5), "offroad", False, ["Box 1", "Code E"]),
        (Built(2001, 11), "road", False, ["Box 1", "Code E"]),
        (Built(2004), "road", False, ["Box 3", "Code E"]),
        (Built(2015), "road", False, ["Box 3"]),
        (Built(2015), "show", False, ["Box 10"]),
        (Built(2015), "offroad", False, ["Box 8", "Form 3520-21"]),
        (None, "road", True, ["Box 2A"]),
    ],
)
def test_what_is_to_be_marked(built: Built | None, use: str, new: bool, boxes: list[str]) -> None:
    checked = Checked(BOOK, Vehicle(built, new, use, None, DAY))
    assert [box for paper in papers(checked) for box, _ in paper.lines if box] == boxes


@pytest.mark.parametrize(
    ("built", "day", "told"),
    [
        (Built(2001, 11), DAY, ("the day on which it was built", "November 30, 2026", "before November 25, 2001.")),
        (Built(2001), DAY, ("the exact build date", "December 31, 2026", "before November 25, 2001.")),
        (
            Built(2003),
            dt.date(2028, 2, 29),
            ("the exact build date", "On February 29, 2028", "before February 28, 2003."),
        ),
        (Built(2003, 8), DAY, ("Not yet", "in August 2028")),
        (Built(2001, 11, 25), DAY, ("Yes, on federal safety grounds", "built on November 25, 2001")),
        (Built(2001, 11, 26), DAY, ("Not yet", "on November 26, 2026")),
    ],
)
def test_the_federal_answer_says_what_decides_and_when(built: Built, day: dt.date, told: tuple[str, ...]) -> None:
    """The last day of February in a leap year too: 25 years before it is a February 28."""
    checked = Checked(BOOK, Vehicle(built, False, "road", None, day))
    said = " ".join(one.text for one in checked.federal())
    assert (checked.states["safety"] == "depends") is said.startswith("It depends")
    for words in told:
        assert words in said


@pytest.mark.parametrize(("use", "words"), [("offroad", "Use off the road"), ("show", "solely for show or display")])
def test_a_use_that_might_matter_is_answered(use: str, words: str) -> None:
    def said(built: Built) -> str:
        return " ".join(one.text for one in Checked(BOOK, Vehicle(built, False, use, None, DAY)).federal())

    assert words in said(Built(2024, 2))
    assert words not in said(Built(1999, 5))


def test_a_clock_whose_rule_had_not_begun_is_none() -> None:
    """The additional auto tariff is owed from April 3, 2025 on."""
    for day, state in ((dt.date(2025, 4, 2), "absent"), (dt.date(2025, 4, 3), "unmet")):
        checked = Checked(BOOK, Vehicle(Built(2001, 11, 30), False, "road", None, day))
        (event,) = (e for e in checked.events() if "Section 232" in e.text)
        duty = " ".join(one.text for paper in papers(checked) if paper.name == "Duty" for _, one in paper.lines)
        assert event.state == checked.states["tariff"] == state
        assert len(checked.readings) == (2 if state == "absent" else 3)
        assert ("Section 232" in duty) is (state == "unmet")
        assert event.sentence
        assert ("from April 3, 2025 on, so it asked for no age on" in event.sentence.text) is (state == "absent")


def test_duties_are_those_of_the_day() -> None:
    def duty(day: dt.date) -> str:
        held = papers(Checked(BOOK, Vehicle(Built(1999, 5), False, "road", None, day)))
        return " ".join(one.text for paper in held if paper.name == "Duty" for _, one in paper.lines)

    assert "surcharge" not in duty(dt.date(2026, 2, 23))
    assert "for 150 days" in duty(dt.date(2026, 5, 1))
    assert "What replaced the Section 122 surcharge" not in duty(dt.date(2026, 5, 1))
    assert "for 150 days" not in duty(DAY)
    assert "What replaced the Section 122 surcharge" in duty(DAY)


def test_what_a_low_speed_vehicle_must_meet_is_said_of_one_alone() -> None:
    def said(mph: int) -> list[str]:
        figures = {Measure.TOP_MPH: mph, Measure.GROSS_LB: 2500, Measure.ENGINE_CC: 350}
        return [one.text for one in Checked(BOOK, Vehicle(None, True, "road", None, DAY, figures)).low_speed()]

    assert said(25)[0].startswith("Yes, by the numbers given")
    assert "FMVSS 500 is the federal safety standard for low-speed vehicles" in said(25)[1]
    assert len(said(70)) == 1


def test_the_figures_meet_the_limits_of_the_state() -> None:
    figures = {Measure.ENGINE_CC: 1000, Measure.WEIGHT_LB: 1500, Measure.GROSS_LB: 9000}
    held = Checked(BOOK, Vehicle(Built(1999, 5), False, "road", "US-NC", DAY, figures))
    assert " ".join(s.text for s in held.limits()) == (
        "No, by that figure: an engine of 1,000 cc is outside the limit of North Carolina's mini-truck class, which is "
        "at most 660 cc."
    )


def test_what_the_book_lacks_is_said() -> None:
    by_name = {p.name: p for p in papers(Checked(BOOK, Vehicle(Built(1999), False, "road", "US-WA", DAY)))}
    lines = [one.text for _, one in by_name[table()["export"]["name"]].lines]
    assert lines[0] == "The book holds nothing on an export certificate or a translation in federal law."
    assert "Japanese export certificate" in lines[1]
    texas = papers(Checked(BOOK, Vehicle(Built(1999), False, "road", "US-TX", DAY)))
    assert [one.text for _, one in texas[-2].lines] == [
        "The book holds nothing on an export certificate or a translation in federal law or in Texas."
    ]
    assert any("The book holds nothing on the papers" in one.text for _, one in texas[-1].lines)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (Typed(), ["year"]),
        (Typed(year="20x2", month="13", day="40", cc="abc", mph="-1"), ["year", "month", "day", "cc", "mph"]),
        (Typed(year="٢٠٠٢"), ["year"]),
        (Typed(year="1949"), ["year"]),
        (Typed(year="2027"), ["year"]),
        (Typed(year="2001", month="2", day="29"), ["day"]),
        (Typed(year="2001", day="5"), ["month"]),
        (Typed(year="2026", month="12"), ["month"]),
        (Typed(month="5", condition="new"), ["year"]),
        (Typed(year="1999", state="TX", use="space", condition="old"), ["condition", "use", "state"]),
        (Typed(year="1999", on="2026-13-45"), ["on"]),
        (Typed(year="1999", on="9999-12-31"), ["on"]),
        (Typed(year="1999", weight="0", gross="1,5000"), ["weight", "gross"]),
    ],
)
def test_bad_input_gets_a_word_beside_its_field(typed: Typed, fields: list[str]) -> None:
    vehicle, wrong = read(typed, BOOK.places, DAY)
    assert vehicle is None
    assert list(wrong) == fields


def test_figures_may_be_written_as_people_do() -> None:
    typed = Typed(year=" 1999 ", cc="660 cc", mph="70mph", weight="1,500 lb", gross="2700 pounds", on="2027-01-02")
    vehicle, wrong = read(typed, BOOK.places, DAY)
    assert wrong == {}
    assert vehicle
    assert vehicle.day == dt.date(2027, 1, 2)
    assert list(vehicle.figures.values()) == [660, 70, 1500, 2700]


def marks(page: str) -> Iterator[str]:
    return (m[1] for m in re.finditer(r'class="mark" href="#([^"]+)"', page))


def test_every_mark_has_its_card_in_every_state(client: TestClient) -> None:
    for n, code in enumerate(BOOK.places):
        query = f"year={1995 + n % 20}&month={n % 12 + 1}&state={code}&use={('road', 'offroad', 'show')[n % 3]}&cc=660"
        answer = client.get(f"/checker?{query}")
        assert answer.status_code == 200, code
        cards = re.findall(r'<article id="(src-0-\d+)"', answer.text)
        assert cards == [f"src-0-{k}" for k in range(1, len(cards) + 1)]
        assert set(marks(answer.text)) == set(cards), code


def test_the_page_keeps_what_was_typed_and_shows_it_as_text(client: TestClient) -> None:
    answer = client.get("/checker", params={"year": HOSTILE, "state": HOSTILE, "cc": "660", "on": HOSTILE})
    assert answer.status_code == 422
    assert "<img" not in answer.text
    assert "49<script" not in answer.text
    assert answer.text.count("&lt;img src=http://evil.example/x.png") == 3
    assert 'value="660"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert client.get("/checker").status_code == 200
    assert 'role="alert"' not in client.get("/checker").text
