"""What a conversation keeps in mind, and taking one thing of it out."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.contract import Ask, Slots
from assistant.kept import kept, without
from assistant.understand import understand

TODAY = dt.date(2026, 11, 25)
ALL = Slots(
    places=("US-OH",),
    built=(1999, 8, None),
    model="Suzuki Carry",
    use="farm use",
    question="Can I register a Suzuki Carry built in August 1999 (farm use) in Ohio (as of 2025-01-01)?",
    as_of=dt.date(2025, 1, 1),
    seen=("US-OH",),
)


def test_everything_that_is_kept_is_shown() -> None:
    assert [one.label for one in kept(ALL)] == [
        "Ohio",
        "built August 1999",
        "Suzuki Carry",
        "farm use",
        "law as of 2025-01-01",
    ]
    assert kept(None) == kept(Slots(question="How old must it be?")) == ()


@pytest.mark.parametrize("key", [one.key for one in kept(ALL)])
def test_what_is_taken_out_is_out_of_the_question_too(key: str) -> None:
    left = without(ALL, key, TODAY)
    assert [one.key for one in kept(left)] == [one.key for one in kept(ALL) if one.key != key]
    assert left.question is not None
    read = understand(Ask(question=left.question, as_of=TODAY)).turn
    name = key.partition(":")[0]
    assert {
        "place": not read.places,
        "built": not read.built,
        "model": read.model is None,
        "use": read.use is None,
        "as_of": read.as_of == TODAY,
    }[name]
    # The rest of the question stands.
    assert name == "place" or read.places == ("US-OH",)
    assert name == "built" or read.built


def test_one_of_two_places_leaves_the_other() -> None:
    both = Slots(
        places=("US-TX", "US-OH"), seen=("US-TX", "US-OH"), question="Is Texas or Ohio better for a kei truck?"
    )
    left = without(both, "place:US-TX", TODAY)
    assert (left.places, left.seen, left.question) == (("US-OH",), ("US-OH",), "Is Ohio better for a kei truck?")


@pytest.mark.parametrize(
    ("question", "key", "left"),
    [
        ("May I bring a 1999 Carry in and use it in Ohio?", "place:US-OH", "May I bring a 1999 Carry in and use it?"),
        ("May I bring a 1999 Carry in and use it in Ohio?", "built", "May I bring a Carry in and use it in Ohio?"),
        ("Can I import a 1999 Suzuki Carry?", "model", "Can I import a 1999 kei truck?"),
        ("Is it legal (Suzuki Carry, built in August 1999)?", "built", "Is it legal (Suzuki Carry)?"),
        ("Is it legal (built in August 1999)?", "built", "Is it legal?"),
        # Nothing is left to ask, or it cannot be said without it: the next turn stands alone.
        ("Ohio?", "place:US-OH", None),
        ("Do Ohio plates cover farm use?", "use", None),
    ],
)  # fmt: skip
def test_the_question_that_is_left(question: str, key: str, left: str | None) -> None:
    assert without(ALL.model_copy(update={"question": question}), key, TODAY).question == left


@pytest.mark.parametrize("key", ["", "place:US-TX", "place:", "question", "seen", "cited", "__class__"])
def test_a_key_that_names_nothing_changes_nothing(key: str) -> None:
    assert without(ALL, key, TODAY) == ALL
