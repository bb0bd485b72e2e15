"""Retrieval: a citation first, filters that hold, and a floor on the sixty questions with the real embedder."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.answer import Assistant
from assistant.passages import words
from assistant.retrieve import Scope
from corpus.citations import canonical
from corpus.library import Library
from evals.questions import hit_rate, questions
from tests.conftest import TODAY


def test_a_citation_comes_first(assistant: Assistant) -> None:
    hits = assistant.retriever.search("what of 49 CFR 591.5(i)(1)?", Scope(frozenset({"US"}), TODAY))
    assert (hits[0].statement.coordinate, hits[0].found_by) == ("us/cfr/49/591.5/i/1", "citation")


@pytest.mark.parametrize("places", [{"US"}, {"US", "US-TX"}, {"US-GA"}])
def test_nothing_from_another_place(assistant: Assistant, places: set[str]) -> None:
    for question in (
        "registration of a mini truck",
        "49 CFR 591.5 and Iowa Code § 321.30",
        "kei truck Texas Georgia Iowa",
    ):
        for hit in assistant.retriever.search(question, Scope(frozenset(places), TODAY)):
            assert hit.statement.place in places


@pytest.mark.parametrize("day", [dt.date(1990, 1, 1), dt.date(2020, 1, 1), TODAY, dt.date(2040, 1, 1)])
def test_nothing_from_another_day(assistant: Assistant, day: dt.date) -> None:
    scope = Scope(frozenset({"US", *assistant.library.places}), day)
    for hit in assistant.retriever.search("kei truck title registration tariff", scope, 30):
        assert hit.statement.effective.covers(day)


def test_it_is_a_langchain_retriever(assistant: Assistant) -> None:
    documents = assistant.retriever.invoke("How old must a vehicle be to be imported?")
    assert {"citation", "place", "authority"} <= set(documents[0].metadata)


def test_no_passage_is_cut_by_the_model(assistant: Assistant) -> None:
    from assistant.models import SentenceEmbedder, model_folder

    embedder = SentenceEmbedder(model_folder(None))
    longest = max(assistant.on_disk.indexed(assistant.library), key=lambda p: len(p.text))
    assert embedder.count_tokens(longest.text) <= min(200, embedder.max_tokens)


def test_every_gold_pinpoint_of_the_benchmark_is_a_coordinate() -> None:
    for question in questions():
        for gold in question.gold:
            assert canonical(gold)


def test_the_floor_on_the_sixty_questions(assistant: Assistant, library: Library) -> None:
    found = []
    for question in questions():
        scope = Scope(frozenset({"US", question.place} if question.place else {"US"}), TODAY)
        found.append(
            any(question.is_gold(h.statement) for h in assistant.retriever.search(question.question, scope)[:5])
        )
    assert hit_rate(found) >= 0.75


def test_figures_and_forms_stay_whole() -> None:
    assert {"25-year", "8704.31", "hs-7"} <= set(words("The 25-year rule, HTSUS 8704.31 and HS-7"))
