"""Questions as people type them: what is asked for is what is answered, or it is said that the book is silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from assistant.contract import Answer, Ask
from assistant.mentions import mentions
from assistant.prepared import things
from assistant.scope import judge, silent
from assistant.understand import understand
from assistant.vehicles import plainly
from assistant.vocabulary import any_of
from tests.conftest import TODAY

# question, words of the short answer, words with which it must not open
ANSWERED = [
    ("who has to sign the hs7 form me or the shipping company", "The importer", "CBP"),
    ("How long does a registered importer have to fix the truck?", "Within 120 calendar days", "Only after 30"),
    ("whats the duty on a 99 hijet", "25%", "2.5%"),
    ("which epa form for an off road only utv style mini truck", "Form 3520-21", "December"),
    ("what is the fine if i lie about the year on the hs-7", "18 U.S.C. 1001", "The importer must mark"),
    ("where on the truck do I find the build date", "On a label", "No"),
    ("does a 25 yr old truck need to meet FMVSS", "outside the ban on importing", "A new truck"),
    ("how many kei trucks can a person import per year", "Any number", "A vehicle"),
    ("i am canadian and only staying 8 months can i bring my kei van down", "Yes, a nonresident", "I only know"),
    ("do i have to honor recalls on trucks i import as RI", "recall duties", "No for a new"),
    ("how much is the registration fee in north carolina for a mini truck", "The registration fee", "Yes"),
    ("is my registration in rhode island transferable if i sell the truck to my brother", "No: the reg", "No for"),
]
# question, what the answer must call silent before anything else
SILENT = [
    ("Do I need a customs broker to bring in one truck?", "whether a customs broker is needed"),
    ("Which ports can I ship a kei truck to?", "which ports take vehicles"),
    ("can i pull a trailer with a kei truck in tennessee", "trailers and towing in Tennessee"),
    ("can a 16 year old drive a kei truck in west virginia", "the age of a driver in West Virginia"),
    ("do I need a dealer license to sell 3 kei trucks a year", "dealer licenses"),
]


@pytest.mark.parametrize(("question", "says", "not_first"), ANSWERED)
def test_what_is_asked_for_leads(ask: Callable[..., Answer], question: str, says: str, not_first: str) -> None:
    text = ask(question).answer
    assert says in text.split("\n\n")[0]
    assert not text.startswith(not_first)


@pytest.mark.parametrize(("question", "matter"), SILENT)
def test_where_the_book_is_silent_the_answer_says_so_first(
    ask: Callable[..., Answer], question: str, matter: str
) -> None:
    assert ask(question).answer.startswith(f"The book holds nothing on {matter}.")


@pytest.mark.parametrize(
    "question", ["kei truck", "is it legal", "can i get a title with just a bill of sale in my state"]
)
def test_what_only_a_state_can_tell_is_asked_back(ask: Callable[..., Answer], question: str) -> None:
    told = ask(question)
    assert told.outcome == "clarify"
    assert "In which state" in told.answer


@pytest.mark.parametrize(
    "question",
    [
        "translate my japanese export certificate",
        "write me a letter to my congressman about kei trucks",
        "what should i put as the price on the bill of sale so i pay less duty",
    ],
)
def test_what_is_no_question_of_law_is_declined(ask: Callable[..., Answer], question: str) -> None:
    assert ask(question).outcome == "declined"


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("who files the form", {"person"}),
        ("where do i send it", {"place"}),
        ("how many days does it take", {"time"}),
        ("what does the petition cost", {"money"}),
        ("how many trucks may i sell", {"number"}),
        ("which papers do they want", {"form"}),
        ("may i sell it when it is 25", set()),
    ],
)
def test_a_question_word_names_what_is_asked_for(question: str, thing: set[str]) -> None:
    assert things(question) == thing


def test_a_truck_by_name_is_read_by_its_kind_too() -> None:
    assert plainly("whats the duty on a '99 Daihatsu Hijet?") == "whats the duty on a kei truck?"
    assert plainly("is a 1999 Suzuki Every ok") == "is a 1999 Suzuki Every ok"  # a van is another thing for the tariff


def test_the_age_of_a_driver_is_none_of_the_vehicle() -> None:
    asked = understand(Ask(question="can my 16 year old son drive a kei truck in Ohio", as_of=TODAY))
    assert "age" not in asked.figures
    assert understand(Ask(question="is a 16 year old kei truck ok", as_of=TODAY)).figures["age"] == 16


def test_a_registered_importer_is_no_state() -> None:
    assert mentions("do i have to do recalls as RI") == ()
    assert [m.place for m in mentions("a truck registered in RI")] == ["US-RI"]


def test_a_silent_matter_is_the_question_and_no_passing_word() -> None:
    assert silent("can i import right hand drive") != ()
    assert silent("my right hand drive Acty is 26 years old, can I register it in Ohio?") == ()
    assert silent("my broker says 25 years, is that right?") == ()


def test_a_visitor_is_no_foreign_import() -> None:
    words = "i am a german tourist, may i bring my kei van to see my uncle"
    assert judge(words, place=False, built=False, model=False, cited=()) == "in"


def test_a_lawful_way_past_a_rule_is_no_evasion() -> None:
    assert any_of("scope", "evasion").search("how do i get around the 25 year rule")
    assert not any_of("scope", "evasion").search("how do i get around the 25 year rule legally")


def test_a_reply_to_a_buyer_is_none_to_a_seller(ask: Callable[..., Answer]) -> None:
    told = ask("can i sell a kei truck i imported last month", as_of=dt.date(2026, 11, 25)).answer
    assert "may be bought" not in told.split("\n\n")[0]
