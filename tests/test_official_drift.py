"""Where a statement and the official text no longer agree, on an invented store beside the real book."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.official import OfficialTexts
from corpus.library import Library
from corpus.official.drift import Sort, drift, figures
from corpus.official.section import Paragraph, Section, Standing
from corpus.official.store import Origin, Store
from tests.conftest import TODAY

AGE = "us/cfr/49/591.5"
RULE = ("i", "1")


def origin(day: dt.date) -> Origin:
    return Origin("49 CFR part 591", "https://example.org", TODAY, day, "invented")


def declarations(text: str, standing: Standing = Standing.OPERATIVE) -> Section:
    words = (
        Paragraph((), "A declarant states one of these:"),
        Paragraph(("i",), "(i) As follows:"),
        Paragraph(RULE, text),
    )
    return Section(AGE, "Declarations", words, " ".join(p.text for p in words), standing=standing)


def doubts(library: Library, store: Store) -> dict[str, tuple[Sort, str]]:
    found = [d for d in drift(library, store, TODAY) if d.statement.coordinate == f"{AGE}/i/1"]
    return {d.statement.id: (d.sort, d.detail) for d in found}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_statement_that_the_text_bears_raises_no_doubt(library: Library, store: Store) -> None:
    store.keep([declarations("(1) It is twenty-five or more years old.")], origin(dt.date(2020, 1, 1)))
    assert doubts(library, store) == {}


def test_a_number_that_is_not_in_the_section_is_named(library: Library, store: Store) -> None:
    store.keep([declarations("(1) It is 21 or more years old.")], origin(dt.date(2020, 1, 1)))
    assert doubts(library, store)["cfr-591-5.i1"] == (Sort.FIGURE, "25")


def test_a_number_in_another_paragraph_is_told_apart(library: Library, store: Store) -> None:
    held = declarations("(1) It is old.")
    words = (*held.paragraphs, Paragraph(("j",), "(j) It is 25 years old."))
    store.keep([Section(AGE, "Declarations", words, " ".join(p.text for p in words))], origin(dt.date(2020, 1, 1)))
    assert doubts(library, store)["cfr-591-5.i1"] == (Sort.ELSEWHERE, "25")


def test_a_paragraph_that_changed_since_the_statement_was_checked_is_told(library: Library, store: Store) -> None:
    checked = library.statement("cfr-591-5.i1").checked
    assert checked
    store.keep([declarations("(1) It is 25 or more years old.")], origin(checked - dt.timedelta(days=30)))
    store.keep([declarations("(1) It is 25 or more years old and painted.")], origin(TODAY))
    sort, detail = doubts(library, store)["cfr-591-5.i1"]
    assert sort is Sort.CHANGED
    assert "+ old and painted." in detail


@pytest.mark.parametrize("standing", [Standing.REPEALED, Standing.RESERVED])
def test_a_section_that_is_gone_is_told(library: Library, store: Store, standing: Standing) -> None:
    store.keep([declarations("(1) It is 25 or more years old.", standing)], origin(dt.date(2020, 1, 1)))
    assert doubts(library, store)["cfr-591-5.i1"] == (Sort.MISSING, standing.value)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("twenty-five years, 2,500 vehicles and 3.5 miles", {25, 2500, 3.5}),
        ("two thousand five hundred", {2500}),
        ("one hundred twenty days", {120}),
        ("the 1st of May; FMVSS", set()),
    ],
)
def test_figures_are_read_in_digits_and_in_words(text: str, held: set[float]) -> None:
    assert held <= figures(text)
    assert not (figures(text) - held) & {float(n) for n in range(130, 2400)}


def test_official_words_stand_beside_ours_with_where_they_are_from(store: Store) -> None:
    store.keep([declarations("(1) It is 25 or more years old.")], origin(dt.date(2020, 1, 1)))
    quoted = OfficialTexts(store).quoted(f"{AGE}/i/1", TODAY)
    assert quoted
    assert quoted.text == "(i) As follows: … (1) It is 25 or more years old."
    assert "invented" in quoted.source
    assert OfficialTexts(store).quoted(f"{AGE}/k", TODAY) is None
    assert OfficialTexts(None).quoted(f"{AGE}/i/1", TODAY) is None
