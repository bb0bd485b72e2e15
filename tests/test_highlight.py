"""The deciding words of an official text: located exactly, bound to what turns them, or not marked at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corrections import shared_run
from assistant.highlight import located
from assistant.official import OfficialTexts
from corpus.library import Library
from corpus.official import sync
from corpus.official.store import Store
from tests.conftest import SHARED, TODAY, missing


def marked(ours: str, official: str) -> list[str]:
    return [official[start:end] for start, end in located(ours, official)]


@pytest.mark.parametrize(
    ("ours", "official", "expected"),
    [
        # Figures with their unit, however they are written, and what limits them.
        ("It is at least 25 years old.", "a vehicle that is at least 25 years old; or", ["at least 25 years old"]),
        ("It is 25 years old.", "one twenty-five (25) years old or older", ["twenty-five (25) years old or older"]),
        ("Kept for five years.", "retained for a period of at least five (5) years", ["at least five (5) years"]),
        ("The cap is $2,500.", "a civil penalty of not more than $2,500.", ["not more than $2,500"]),
        ("Made before January 1, 1968.", "manufactured before January 1, 1968;", ["before January 1, 1968"]),
        ("The duty is 2.5%.", "a rate of 2.5 %.", ["2.5 %"]),
        ("Not more than 10,000.", "is not more than 10,000 of them", ["not more than 10,000"]),
        # Another figure, another unit, an address.
        ("It is 21 years old.", "at least 25 years old", []),
        ("It takes 25 days.", "at least 25 years old", []),
        ("It costs $2,000.", "a fee of $2,500", []),
        ("Section 30112 says so.", "under section 30112 of this title", []),
        ("See 49 CFR part 567.", "pursuant to 49 CFR part 567", []),
        # Which of two is meant is not known.
        ("The penalty is $5,000.", "not more than $5,000 for each, and $5,000 in all", []),
        # Runs of words; the "not" before them goes with them, also where ours has none.
        ("It may be issued for resale use.", "NOT ISSUED for  resale use", ["NOT ISSUED for  resale use"]),
        ("It is eligible for import.", "It is not eligible for import.", ["not eligible for import"]),
        # Short runs, empty runs, and runs over the end of a clause.
        ("Made for the road.", "made for the", []),
        ("A person in the United States may.", "any person in the United States shall", []),
        ("Parades; old shows draw crowds", "parades old shows", []),
        ("shows, parades and tours", "shows, parades, and tours", ["shows, parades, and tours"]),
    ],
)  # fmt: skip
def test_what_is_marked(ours: str, official: str, expected: list[str]) -> None:
    assert marked(ours, official) == expected


@given(st.text(max_size=200), st.text(max_size=400))
def test_spans_are_in_order_apart_and_inside(ours: str, official: str) -> None:
    spans = located(ours, official)
    ends = [0]
    for start, end in spans:
        assert ends[-1] <= start < end <= len(official)
        ends.append(end)


@pytest.fixture(scope="module")
def pairs(library: Library, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str]]:
    """Each statement of the book whose official words are beside the project: its id, its words, and those."""
    if not (SHARED / "official").is_dir():
        missing("the official text (../shared/official)")
    store = Store(tmp_path_factory.mktemp("official"))
    sync.from_mirror(store, SHARED / "official", lambda *_: None, TODAY)
    texts = OfficialTexts(store)
    quoted = ((one, texts.quoted(one.coordinate, TODAY)) for one in library.statements.values())
    return [(one.id, one.text, words.text) for one, words in quoted if words]


def test_every_mark_in_the_real_texts_has_its_reason(pairs: list[tuple[str, str, str]]) -> None:
    found = 0
    for name, ours, official in pairs:
        spans = located(ours, official)
        found += bool(spans)
        for start, end in spans:
            said = official[start:end]
            digits = set(re.findall(r"\d+", said.replace(",", ""))) & set(re.findall(r"\d+", ours.replace(",", "")))
            spelled = re.search(r"(?i)\b(?:one|two|three|four|five|six|ten|twenty|thirty|ninety)\b", said)
            assert shared_run(ours, said) >= 3 or digits or spelled, (name, said)
            before = re.findall(r"\w+", official[:start])[-1:]
            assert before not in (["not"], ["no"], ["unless"], ["except"]), (name, said)
    assert len(pairs) > 400
    assert found > len(pairs) / 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("usc-30112b.9", ["does not apply", "at least 25 years old"]),
        ("us-ky.3", ["not operate a mini-truck", "right-of-way"]),
        ("usc-30113.d3", ["most recent year", "not more than 10,000", "not more than 2,500 vehicles"]),
        ("usc-30114a.asale", []),
    ],
)
def test_the_deciding_words_of_real_provisions(
    pairs: list[tuple[str, str, str]], name: str, expected: list[str]
) -> None:
    held = {one: (ours, official) for one, ours, official in pairs}
    assert marked(*held[name]) == expected
