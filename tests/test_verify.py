"""Seeded faults: what a drafter may get wrong is found; what the source says passes."""

from __future__ import annotations

import pytest

from assistant.memo import Callout, Part, Section, Sentence
from assistant.verify import fault, verify
from corpus.library import Library

AGE = "usc-30112b.9"
CAP = "usc-30113.d2"
GEORGIA = "us-ga.1"

TRUE = [
    ("A vehicle that is at least 25 years old is outside the ban on importing vehicles that do not comply.", AGE),
    ("The import ban does not apply to a motor vehicle at least 25 years old.", AGE),
    ("Such an exemption is available only for not more than 2,500 vehicles in any 12-month period.", CAP),
]
FALSE = [
    ("The import ban does not apply to a motor vehicle at least 26 years old.", AGE, "figures"),
    ("The import ban does not apply to a motor vehicle at least 25 years old built in March 2002.", AGE, "figures"),
    ("Such an exemption is available only for not more than 25,000 vehicles in any 12-month period.", CAP, "figures"),
    ("Such an exemption is available only for not more than 2,500 vehicles in any two years.", CAP, "figures"),
    ("Texas exempts a vehicle that is at least 25 years old.", AGE, "Texas"),
    (
        "The Safety Act ban on importing and selling vehicles that do meet the federal safety standards does apply "
        "to a motor vehicle that is at least 25 years old.",
        AGE,
        "negation",
    ),
    ("An importer may not declare it.", "hs7-form.1", "negation"),
    ("A vehicle at least 9 years old is outside the ban.", AGE, "figures"),
    ("A vehicle 30112 days old is outside the ban.", AGE, "figures"),
    ("The ban applies to a vehicle at least 25 years old.", AGE, "negation"),
    ("Such an exemption is for not more than twenty-five thousand vehicles.", CAP, "figures"),
]


@pytest.mark.parametrize(("text", "source"), TRUE)
def test_what_the_source_bears_passes(library: Library, text: str, source: str) -> None:
    assert fault(Sentence(text, (source,)), library) is None


@pytest.mark.parametrize(("text", "source", "reason"), FALSE)
def test_what_it_does_not_bear_is_dropped(library: Library, text: str, source: str, reason: str) -> None:
    assert reason in (fault(Sentence(text, (source,)), library) or "")


def test_every_statement_may_be_quoted(library: Library) -> None:
    for statement in library.statements.values():
        assert fault(Sentence.quoting(statement), library) is None


def without(text: str, word: str) -> str:
    return text.replace(f" {word} ", " ", 1)


def test_a_dropped_not_is_always_found(library: Library) -> None:
    """Every statement with a single 'not' becomes false without it."""
    seeded = [
        (s, without(s.text, "not"))
        for s in library.statements.values()
        if s.text.count(" not ") == 1
        and "n't" not in s.text
        and "not confirmed" not in s.text
        and "not read" not in s.text
    ]
    passed = [s.id for s, text in seeded if fault(Sentence(text, (s.id,)), library) is None]
    assert len(seeded) > 100
    assert passed == []


def test_every_altered_number_is_found(library: Library) -> None:
    import re

    seeded = [
        (s, re.sub(r"\b(\d{2,})\b", lambda m: str(int(m[1]) + 7), s.text, count=1))
        for s in library.statements.values()
        if re.search(r"\b\d{2,}\b", s.text)
    ]
    passed = [s.id for s, text in seeded if text != s.text and fault(Sentence(text, (s.id,)), library) is None]
    assert len(seeded) > 400
    assert len(passed) / len(seeded) <= 0.05, passed


def test_an_invented_source_is_refused(library: Library) -> None:
    assert "not in the book" in (fault(Sentence("It is so.", ("usc-1.1",)), library) or "")


def test_law_without_a_source_is_refused(library: Library) -> None:
    assert "without a source" in (fault(Sentence("A kei truck is legal."), library) or "")
    assert fault(Sentence("When was it built?"), library) is None


def test_doubt_never_decides(library: Library) -> None:
    doubtful = next(s for s in library.statements.values() if s.confidence.value == "unconfirmed" and s.place == "US")
    plain = Sentence("Yes, the registration of such a truck is allowed.", (doubtful.id,))
    assert "unconfirmed" in (fault(plain, library, decides=True) or "")


def test_a_bill_is_never_told_as_law(library: Library) -> None:
    bill = next(s for s in library.statements.values() if s.status.value in ("pending", "vetoed", "not_enacted"))
    assert "not in force" in (fault(Sentence("Such trucks may use the roads.", (bill.id,)), library) or "")


def test_the_rest_of_the_draft_stays(library: Library) -> None:
    good, bad = Sentence(TRUE[0][0], (AGE,)), Sentence(FALSE[0][0], (AGE,))
    part = Part(
        short=(Section("", (bad, good)),), rules=(Section("Federal law", (bad,)),), callouts=(Callout("scope", bad),)
    )
    kept, dropped = verify(part, library)
    assert kept.short == (Section("", (good,)),)
    assert kept.rules == ()
    assert kept.callouts == ()
    assert len(dropped) == 3
