"""Direct replies say only what their statements bear, and are used only when the very question was prepared."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable

import pytest

from assistant.answer import Assistant
from assistant.briefs import briefs, general_asks, local_replies
from assistant.contract import Answer
from assistant.memo import Sentence
from assistant.prepared import turned
from assistant.recognise import INTENTS, examples
from assistant.verify import fault
from corpus.library import Library
from tests.conftest import TODAY

REPLIES = [
    *((b.id, r) for b in briefs().values() for r in b.replies),
    *((place, r) for place, held in local_replies().items() for r in held),
]


def test_every_reply_is_borne_by_its_statements(library: Library) -> None:
    faults = [
        (where, why, r.says.text) for where, r in REPLIES if (why := fault(Sentence.of(r.says), library, decides=True))
    ]
    assert faults == []


def test_no_yes_or_no_rests_on_unconfirmed_statements_alone(library: Library) -> None:
    """Only what our own search found or did not find may be said so."""
    ours = re.compile(r"\b(?:was|were) (?:not )?(?:found|seen)|\bfound no\b|\bis known\b|\bas the search\b", re.I)
    assert [
        (where, r.says.text)
        for where, r in REPLIES
        if re.match(r"(?:yes|no)\b", r.says.text, re.I)
        and not any(library.statement(i).confidence.decides for i in r.says.rests_on)
        and not ours.search(r.says.text[:90])
    ] == []


def test_no_brief_reply_is_dated() -> None:
    # Only a place's replies are filtered by day.
    assert not [b.id for b in briefs().values() for r in b.replies if r.effective.from_ or r.effective.until]


def test_every_place_has_replies(library: Library) -> None:
    assert set(local_replies()) == set(library.places)


def test_no_question_is_prepared_twice_in_a_brief() -> None:
    for brief in briefs().values():
        lower = [ask.lower() for ask, _ in brief.questions]
        assert len(lower) == len(set(lower)), brief.id


def test_no_question_is_prepared_twice_in_a_place_for_one_day() -> None:
    always = dt.date.min, dt.date.max
    for place, held in local_replies().items():
        periods: dict[str, list[tuple[dt.date, dt.date]]] = {}
        for reply in held:
            period = reply.effective.from_ or always[0], reply.effective.until or always[1]
            for ask in reply.asks:
                periods.setdefault(ask.lower(), []).append(period)
        for ask, said in periods.items():
            said.sort()
            assert all(until <= start for (_, until), (start, _) in itertools.pairwise(said)), (place, ask)


def test_the_examples_are_questions_of_one_class_each() -> None:
    held = [text.lower() for texts in examples().values() for text in texts]
    assert len(held) == len(set(held))
    assert set(INTENTS) < set(examples())
    assert len(general_asks()) >= 20


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is it legal to drive one?", "Is it illegal to drive one?"),
        ("Can NHTSA change it?", "Can't NHTSA change it?"),
        ("Is the tariff still owed?", "Is the tariff gone?"),
        ("Is there a form for it?", "Which form is it?"),
    ],
)
def test_a_question_put_the_other_way_round_is_told_apart(one: str, other: str) -> None:
    assert turned(one) != turned(other)


def test_an_independent_importer_turns_nothing_round() -> None:
    assert turned("Do I need an independent importer?") == turned("Do I need an importer?")


def test_a_prepared_question_is_answered_by_its_reply(assistant: Assistant, ask: Callable[..., Answer]) -> None:
    """Every tenth reply, asked in its own first words: the answer opens with it, or at least not the other way."""
    wrong = []
    for where, reply in [pair for pair in REPLIES if pair[0] in briefs()][::10]:
        first = ask(reply.asks[0]).answer
        opening = reply.says.text.split()[0].rstrip(",:").lower()
        opposite = {"yes": "no", "no": "yes"}.get(opening)
        body = first.split(":** ", 1)[-1] if first.startswith("**") else first
        if opposite and body.lower().startswith((f"{opposite}:", f"{opposite},")):
            wrong.append((where, reply.asks[0], first[:80]))
    assert wrong == []
    assert assistant.library.places


def test_a_reply_does_not_speak_outside_its_time(ask: Callable[..., Answer]) -> None:
    import datetime as dt

    now = ask("How old must a car be for a new antique registration in Maine?", as_of=TODAY).answer
    then = ask("How old must a car be for a new antique registration in Maine?", as_of=dt.date(2023, 6, 1)).answer
    assert now != then
