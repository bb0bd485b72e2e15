"""Look-ups: the provision, another date, the provision above, or plainly nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from corpus.citations import UnknownCitation
from corpus.library import Library

TODAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("49 CFR 591.5(i)(1)", True),
        ("49 U.S.C. 30112(b)(9)", True),
        ("49 USC 30112", True),
        ("49 CFR part 555", True),
        ("Iowa Code § 321.30(2)(a)", True),
        ("HS-7", True),
        ("FMVSS 500", True),
        ("49 CFR 591.5(z)", False),
        ("49 CFR 999.1", False),
        ("42 U.S.C. 1983", False),
    ],
)
def test_lookup(library: Library, text: str, found: bool) -> None:
    assert library.lookup(text, as_of=TODAY).found is found


@pytest.mark.parametrize("text", ["", "hello", "49 CFR", "30112(b)(9", "49 CFR 591.5(i)(1) or so"])
def test_what_is_no_citation_is_refused(library: Library, text: str) -> None:
    with pytest.raises(UnknownCitation):
        library.lookup(text, as_of=TODAY)


def test_what_is_not_held_is_never_its_neighbour(library: Library) -> None:
    found = library.lookup("49 U.S.C. 30112(b)(99)", as_of=TODAY)
    assert (found.statements, found.other_dates) == ((), ())
    assert all(found.citation.coordinate.startswith(s.coordinate) for s in found.above)


def test_the_date_decides(library: Library) -> None:
    before = library.lookup("C.R.S. § 42-1-102(42.3)", as_of=dt.date(2026, 1, 1))
    after = library.lookup("C.R.S. § 42-1-102(42.3)", as_of=dt.date(2027, 7, 1))
    assert before.statements == ()
    assert {s.id for s in after.statements} == {s.id for s in before.other_dates}


def test_verdicts_change_on_their_day(library: Library) -> None:
    colorado = library.places["US-CO"]
    days = (dt.date(2027, 6, 30), dt.date(2027, 7, 1))
    first, second = (colorado.verdict(day) for day in days)
    assert first is not None
    assert second is not None
    assert (first.registration.value, second.registration.value) == ("prohibited", "restricted")


def test_a_part_holds_its_sections(library: Library) -> None:
    below = {s.coordinate for s in library.below("us/cfr/49/part/591")}
    assert "us/cfr/49/591.5/i/1" in below
    assert not any(c.startswith("us/cfr/49/592") for c in below)


def test_versions_and_parents(library: Library) -> None:
    versions = library.versions("us-co/code/42-1-102/42.3")
    assert {s.id for s in versions} >= {"us-co.1", "us-co.2"}
    assert [s.coordinate for s in library.parents("us/usc/49/30112/b/9/zz")][:1] == ["us/usc/49/30112/b/9"]


def test_the_fingerprint_follows_every_word(library: Library) -> None:
    again = Library.open()
    assert again.fingerprint == library.fingerprint
    provision = again.provisions[0]
    changed = provision.model_copy(update={"title": provision.title + "."})
    other = Library((changed, *again.provisions[1:]), tuple(again.places.values()))
    assert other.fingerprint != again.fingerprint
