"""What a source's badges and an answer's first line say: in words, and where each stands on the day of the answer."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from lxml import html

from assistant.labels import place_name
from assistant.web.rendering import message
from assistant.web.source_cards import source
from tests.test_sources import DAY, cited

SIGNED = "Verified by A. Smith on 2026-11-20"
STALE = "Stale: our words changed since A. Smith verified it on 2026-11-20"


def badges(as_of: dt.date | None = DAY, **changes: object) -> list[str]:
    card = html.fromstring(source(cited(**changes), 0, as_of))
    return [" ".join(badge.text_content().split()) for badge in card.cssselect(".badge")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["? Start date unknown"]),
        ({"effective_from": "2025-09-01"}, ["● In force from 2025-09-01"]),
        ({"effective_from": "2026-11-25"}, ["● In force from 2026-11-25"]),
        ({"effective_from": "2026-11-26"}, ["○ Not in force before 2026-11-26"]),
        ({"effective_until": "2027-01-01"}, ["● In force until 2027-01-01"]),
        ({"effective_until": "2026-11-25"}, ["■ Ended on 2026-11-25"]),
        ({"status": "pending"}, ["○ Pending, not law"]),
        ({"status": "proposed"}, ["○ Proposed, not law"]),
        ({"status": "vetoed"}, ["■ Vetoed"]),
        ({"status": "repealed", "effective_from": "2001-01-01"}, ["■ Repealed"]),
        ({"confidence": "low"}, ["? Start date unknown", "⚠ Weakly supported"]),
        ({"confidence": "unconfirmed"}, ["? Start date unknown", "⚠ Not confirmed"]),
    ],
)
def test_where_a_source_stands_on_the_day(changes: dict[str, str], expected: list[str]) -> None:
    assert badges(**changes) == ["Regulation", "Federal", *expected, "Not reviewed"]
    # Without a day nothing is said of one.
    assert badges(None, **changes) == ["Regulation", "Federal", *expected[1:], "Not reviewed"]


@pytest.mark.parametrize(
    ("authority", "named"),
    [("bill", "Bill, not law"), ("alert", "Law-firm alert, not law"), ("overview", "Overview page, not law")],
)
def test_what_is_no_rule_is_never_called_in_force(authority: str, named: str) -> None:
    assert badges(authority=authority, effective_from="2020-01-01", place="US-TX") == [named, "Texas", "Not reviewed"]


@pytest.mark.parametrize(
    ("review", "told", "expected"),
    [
        ("verified", f"{SIGNED}, against eCFR of 2026-11-18", f"✓ {SIGNED}"),
        ("disputed", "Disputed on 2026-11-20: under review", "✗ Disputed on 2026-11-20: under review"),
        ("stale", STALE, f"↻ {STALE}"),
        ("stale", None, "↻ Review is stale"),
    ],
)
def test_the_review_is_a_badge_and_told_in_full(review: str, told: str | None, expected: str) -> None:
    assert badges(review=review, reviewed=told)[-1] == expected
    facts = html.fromstring(source(cited(review=review, reviewed=told), 0, DAY)).cssselect("dd")
    assert facts[-1].text == (told or "Review is stale")


@pytest.mark.parametrize(
    ("code", "name"), [("US", "Federal"), ("US-TX", "Texas"), ("US-DC", "District of Columbia"), ("US-ZZ", "US-ZZ")]
)
def test_places_have_their_names(code: str, name: str) -> None:
    assert place_name(code) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No: not titled [1]. A bill died [2].", "***No:*** not titled [1].\n\nA bill died [2]."),
        ("**Texas:** Yes, with a limit: it may [1].", "**Texas:** ***Yes, with a limit:*** it may [1]."),
        ("Unclear: x [1]. So [2].", "***Unclear:*** x [1].\n\nSo [2]."),
        ("It depends on it: x [1]. *(doubt)* So [2].", "***It depends on it:*** x [1]. *(doubt)*\n\nSo [2]."),
        ("It depends on what the long words before a colon say: x [1].", "***It depends*** on what {} say: x [1]."),
        ("No for ordinary road use: it bans them [1].", "***No for ordinary road use:*** it bans them [1]."),
        ("Not yet: it is too young [1].", "***Not yet:*** it is too young [1]."),
        ("2.5%: that is the rate [1].", "***2.5%:*** that is the rate [1]."),
        ("No state may do so [1].", "No state may do so [1]."),
        ("Nothing: it is free [1].", "Nothing: it is free [1]."),
        ("- Yes: a line [1].\n> No: a note [1].", "- Yes: a line [1].\n> No: a note [1]."),
        ("I can help with importing.", "I can help with importing."),
    ],
)
def test_a_verdict_is_a_line_of_its_own(text: str, expected: str) -> None:
    shown = re.sub(r"\]\(#src-0-\d\)", "]", message(text, 0, 9))
    assert shown == expected.format("the long words before a colon")
    assert shown.replace("***", "").split() == text.split()
