"""A turn read in its conversation: slots, sources, comparisons, corrections, and what is no question."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.contract import Ask, Slots
from assistant.dates import Built
from assistant.memo import Part, Section, Sentence
from assistant.restate import restate
from assistant.thread import carried
from assistant.understand import Understood, understand

TODAY = dt.date(2026, 11, 25)
TEXAS = Slots(
    places=("US-TX",),
    built=(1999, None, None),
    model="Suzuki Carry",
    question="Can I register a 1999 Suzuki Carry in Texas?",
    seen=("US-TX",),
    cited=("us-tx.9",),
)


def read(turn: str, before: Slots = TEXAS) -> Understood:
    return understand(Ask(question=turn, as_of=TODAY, context=before))


@pytest.mark.parametrize(
    ("turn", "understood"),
    [
        ("what about Ohio?", "Can I register a 1999 Suzuki Carry in Ohio?"),
        ("not Texas, I meant Ohio", "Can I register a 1999 Suzuki Carry in Ohio?"),
        ("and if it was built in 2004?", "Can I register a 2004 Suzuki Carry in Texas?"),
        ("sorry, it was built in 2003, not 1999", "Can I register a 2003 Suzuki Carry in Texas?"),
        ("May", "Can I register a May 1999 Suzuki Carry in Texas?"),
        ("no, I meant new ones", "Can I register a new Suzuki Carry in Texas?"),
        ("actually its a Honda Acty", "Can I register a 1999 Honda Acty in Texas?"),
        ("oh, it's for my farm", "Can I register a 1999 Suzuki Carry in Texas (farm use)?"),
        ("what if I wait till 2029?", "Can I register a 1999 Suzuki Carry in Texas (as of 2029-11-25)?"),
    ],
)
def test_a_slot_alone_restates_the_question(turn: str, understood: str) -> None:
    found = read(turn)
    assert (found.turn.kind, found.turn.standalone, found.words) == ("instead", understood, understood)


def test_a_new_vehicle_has_no_build_date() -> None:
    assert read("no, I meant new ones").built is None
    assert read("no, I meant new ones").new
    assert not read("Is there a new kei truck law?", Slots()).new


@pytest.mark.parametrize("turn", ["why?", "why not?", "show me the statute", "says who", "quote it", "source?"])
def test_it_is_asked_what_the_answer_rests_on(turn: str) -> None:
    assert read(turn).turn.kind == "source"
    assert read(turn).scope == "in"
    assert read(turn, TEXAS.model_copy(update={"cited": ()})).turn.kind != "source"


def test_the_statute_of_another_state_is_another_question() -> None:
    assert read("show me the statute for Ohio").turn.kind != "source"


def test_them_are_the_last_two_places() -> None:
    before = TEXAS.model_copy(update={"seen": ("US-GA", "US-TX", "US-OH")})
    found = read("compare them", before)
    assert (found.turn.kind, found.places) == ("compare", ("US-TX", "US-OH"))
    assert read("compare them").turn.kind != "compare"


@pytest.mark.parametrize(("turn", "kind"), [("thanks!", "courtesy"), ("ok", "courtesy"), ("Hello", "greeting")])
def test_small_talk_is_no_question_and_changes_nothing(turn: str, kind: str) -> None:
    found = read(turn)
    assert found.scope == kind
    assert carried(found, Part(answered=False), TEXAS) == TEXAS


def test_the_next_paragraph_of_the_section_that_was_spoken_of() -> None:
    before = Slots(question="what does 49 CFR 591.5(i)(1) say?")
    assert read("and (2)?", before).words == "what does 49 CFR 591.5(i)(2) say?"


def test_a_question_of_its_own_begins_anew_and_one_of_another_field_changes_nothing() -> None:
    told = Part(short=(Section("", (Sentence("Yes.", ("us-ga.1",)),)),))
    after = carried(
        read("How does Georgia treat a 2001 Hijet from an estate sale in Macon under its rules?"), told, TEXAS
    )
    assert (after.places, after.built, after.model) == (("US-GA",), (2001, None, None), "Daihatsu Hijet")
    assert (after.seen, after.cited) == (("US-TX", "US-GA"), ("us-ga.1",))
    weather = read("what is the weather in Chicago?")
    assert weather.scope == "elsewhere"
    assert carried(weather, Part(answered=False), TEXAS) == TEXAS


def test_what_is_dropped_is_dropped() -> None:
    assert read("different question: what duty do I pay?").places == ()
    forgotten = read("ok forget Texas. What is the federal fine per vehicle?")
    assert forgotten.places == ()
    after = carried(forgotten, Part(), TEXAS)
    assert after.places == ()


def test_a_question_is_restated_in_the_place_of_what_it_said() -> None:
    asked = "Compare Texas, Ohio and Iowa for a 1999 Carry"
    assert restate(asked, TODAY, places=("US-ME",)) == "Maine for a 1999 Carry"
    assert restate("Can I import one?", TODAY, built=Built(1998, 5)) == "Can I import one (built in May 1998)?"
    assert restate("Is it legal in TX?", TODAY, places=("US-NM",)) == "Is it legal in New Mexico?"


def test_new_stays_new_and_a_comparison_needs_a_question_of_states() -> None:
    before = TEXAS.model_copy(update={"built": None, "question": "Can I register a new Suzuki Carry in Texas?"})
    assert read("May it be imported at all?", before).new
    before = Slots(question="what duty do I pay?", seen=("US-TX", "US-OH"))
    assert read("compare them", before).words == "Compare: Can a kei truck be registered in Texas and Ohio?"
