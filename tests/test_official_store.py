"""The dated store and what is quoted from it, on an invented law of rowing boats."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from corpus.official import quote
from corpus.official.section import Kind, Note, Paragraph, ReadError, Section
from corpus.official.store import Kept, Origin, Store, StoreError

ORIGIN = Origin("boats", "https://example.org/boats", dt.date(2026, 1, 5), dt.date(2026, 1, 1))
LATER = Origin("boats", "https://example.org/boats", dt.date(2026, 7, 2), dt.date(2026, 7, 1))
EARLIER = Origin("boats", "https://example.org/boats", dt.date(2026, 7, 3), dt.date(2020, 1, 1), "release of 2020")
BOATS = "us-ia/code/462A.1"


def section(*texts: tuple[str, str], coordinate: str = BOATS, heading: str = "Oars.") -> Section:
    """A section of paragraphs given as ("a/1", text)."""
    paragraphs = tuple(Paragraph(tuple(filter(None, labels.split("/"))), text) for labels, text in texts)
    return Section(coordinate, heading, paragraphs, " ".join(text for _, text in texts))


def oars(number: str) -> Section:
    return section(
        ("", "No person shall row:"),
        ("1", f"1. With more than {number} oars; or"),
        ("2", "2. By night."),
        ("2/a", "a. A lamp is a light."),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "official")


def test_a_section_may_lose_nothing_of_its_source() -> None:
    with pytest.raises(ReadError, match=r"462A\.1: text differs"):
        Section(BOATS, "Oars.", (Paragraph((), "No person shall row."),), "No person shall row by night.")


def test_the_hash_follows_the_words_and_not_the_typography() -> None:
    plain, fancy = section(("", "Boats of 20-4 feet.")), section(("", "Boats  of 20‑4\u00a0feet."))
    assert plain.hash == fancy.hash != section(("", "Boats of 20-5 feet.")).hash


def test_a_version_is_in_force_from_the_day_it_was_known(store: Store) -> None:
    assert store.keep([oars("two")], ORIGIN) == Kept(new=1)
    assert store.keep([oars("four")], LATER) == Kept(changed=1)
    assert store.section(BOATS, dt.date(2025, 12, 31)) is None
    for day, words in ((dt.date(2026, 6, 30), "two"), (dt.date(2026, 7, 1), "four")):
        found = store.section(BOATS, day)
        assert found
        assert words in found.paragraphs[1].text
    assert [v.effective_from for v in store.versions(BOATS)] == [ORIGIN.current_as_of, LATER.current_as_of]


def test_the_same_words_on_another_day_are_one_version(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    assert store.keep([oars("two")], LATER) == store.keep([oars("two")], EARLIER) == Kept(unchanged=1)
    (only,) = store.versions(BOATS)
    assert (only.effective_from, only.origin.current_as_of) == (EARLIER.current_as_of, LATER.current_as_of)


def test_an_older_text_comes_before_the_newer_one(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    assert store.keep([oars("one")], EARLIER) == Kept(changed=1)
    found = store.section(BOATS, dt.date(2021, 1, 1))
    assert found
    assert "one" in found.paragraphs[1].text
    assert found.origin.fidelity == "release of 2020"


def test_two_texts_for_one_day_are_told_and_the_first_is_kept(store: Store) -> None:
    assert store.keep([oars("two"), oars("three")], ORIGIN) == Kept(new=1, refused=(BOATS,))
    (only,) = store.versions(BOATS)
    assert "two" in only.paragraphs[1].text


def test_a_document_goes_in_whole_or_not_at_all(store: Store) -> None:
    def breaking() -> list[Section]:
        yield oars("two")  # type: ignore[misc]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.keep(breaking(), ORIGIN, name="boats.rtf", sha256="abc")
    assert store.versions(BOATS) == ()
    assert store.fingerprint == ""
    assert not store.seen("boats", "boats.rtf", "abc")
    store.keep([oars("two")], ORIGIN, name="boats.rtf", sha256="abc")
    assert store.seen("boats", "boats.rtf", "abc")
    assert not store.seen("boats", "boats.rtf", "abd")


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "official.db").write_bytes(b"not a database, but long enough to be looked at as one" * 40)
    with pytest.raises(StoreError, match=str(tmp_path)):
        Store(tmp_path)
    assert Store.held(tmp_path / "elsewhere") is None
    assert not (tmp_path / "elsewhere").exists()


def test_what_was_read_is_what_is_held(store: Store) -> None:
    table = Paragraph((), "Feet | Oars", Kind.TABLE, nth=1, ambiguous=True, page=3)
    read = Section(
        BOATS, "Oars.", (*oars("two").paragraphs, table), oars("two").source + " Feet | Oars", ("Water", "Boats")
    )
    store.keep([read], ORIGIN)
    found = store.section(BOATS, ORIGIN.current_as_of)
    assert found
    assert found.paragraphs == read.paragraphs
    assert found.path == read.path
    assert found.origin == ORIGIN
    assert [v.hash for v in store.all()] == [read.hash]
    with sqlite3.connect(store.path) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_pinpoint_is_found_in_its_section(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    found = store.holding(f"{BOATS}/2/a", LATER.current_as_of)
    assert found
    assert found[0].coordinate == BOATS
    assert found[1] == ("2", "a")
    assert store.holding("us-ia/code/999.1/a", LATER.current_as_of) is None


def test_a_quotation_brings_what_it_continues_and_what_is_below(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    (held,) = store.versions(BOATS)
    first, second = quote.quotation(held, ("1",)), quote.quotation(held, ("2",))
    assert str(first) == "No person shall row: … 1. With more than two oars; or"
    assert second
    assert second.text == "2. By night. a. A lamp is a light."
    assert quote.quotation(held, ("3",)) is None


@pytest.mark.parametrize("turn", ["except at regattas", "unless a lamp burns", "provided that it is day"])
def test_a_quotation_never_stops_before_the_words_turn(turn: str) -> None:
    start, end = "A boat may be rowed on any lake.", "The warden keeps a list of lakes."
    text = f"{start} It may be rowed on a river, {turn}. {end}"
    assert quote.cut(text, longest=len(start) + 5) == text.removesuffix(f" {end}")
    assert quote.cut(f"{start} {end} {end}", longest=len(start) + 5) == start


def test_versions_are_told_apart_word_by_word(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    store.keep([oars("four")], LATER)
    assert quote.changes(*store.versions(BOATS), ("1",)) == ("- two", "+ four")
    assert quote.changes(*store.versions(BOATS), ("2",)) == ()


# What a source announces for a later day

UNTIL, FROM = "Effective until January 1, 2027", "Effective January 1, 2027"
THEN = dt.date(2027, 1, 1)


def dated(number: str, effect: str) -> Section:
    return dataclasses.replace(oars(number), notes=(Note("effect", effect),))


def said(store: Store, day: dt.date) -> str:
    found = store.section(BOATS, day)
    return found.paragraphs[1].text if found else "nothing"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["now first", "later first"])
def test_a_text_of_a_later_day_is_kept_for_that_day(store: Store, order: tuple[int, int]) -> None:
    printed = dated("two", UNTIL), dated("four", FROM)
    kept = store.keep([printed[n] for n in order], ORIGIN)
    assert (kept.refused, kept.new + kept.changed) == ((), 2)
    for day, words in ((ORIGIN.current_as_of, "two"), (dt.date(2026, 12, 31), "two"), (THEN, "four")):
        assert words in said(store, day)
    now, later = store.versions(BOATS)
    assert (now.announced, later.announced, later.origin.current_as_of) == (False, True, ORIGIN.current_as_of)
    assert store.keep([printed[n] for n in order], LATER) == Kept(unchanged=2)
    assert [v.effective_from for v in store.versions(BOATS)] == [ORIGIN.current_as_of, THEN]


def test_a_text_that_alone_begins_later_is_not_law_before(store: Store) -> None:
    assert store.keep([dated("four", FROM)], ORIGIN) == Kept(new=1)
    assert (said(store, dt.date(2026, 12, 31)), "four" in said(store, THEN)) == ("nothing", True)


@pytest.mark.parametrize(
    "effect", ["Effective upon certification", "Effective Smarch 40, 2027", "Contingent effective date"]
)
def test_a_text_whose_day_cannot_be_read_is_refused(store: Store, effect: str) -> None:
    assert store.keep([dated("four", effect), dated("two", UNTIL)], ORIGIN) == Kept(new=1, refused=(BOATS,))
    assert "two" in said(store, dt.date(2026, 12, 31))


def test_a_text_that_has_run_out_is_neither_kept_nor_shown(store: Store) -> None:
    assert store.keep([dated("two", "Effective until March 1, 2025")], ORIGIN) == Kept(refused=(BOATS,))
    store.keep([dated("two", UNTIL)], ORIGIN)
    assert (said(store, THEN), "two" in said(store, dt.date(2026, 12, 31))) == ("nothing", True)


def test_what_was_announced_is_seen_in_force(store: Store) -> None:
    store.keep([dated("two", UNTIL), dated("four", FROM)], ORIGIN)
    seen = dataclasses.replace(LATER, current_as_of=dt.date(2027, 3, 1))
    assert store.keep([oars("four")], seen) == Kept(unchanged=1)
    last = store.versions(BOATS)[-1]
    assert (last.effective_from, last.origin.current_as_of, last.announced, last.notes) == (
        THEN,
        seen.current_as_of,
        False,
        (),
    )


@pytest.mark.parametrize(
    ("number", "effect", "starts"),
    [("six", FROM, THEN), ("four", "Effective July 1, 2028", dt.date(2028, 7, 1)), ("four", FROM, THEN)],
    ids=["other words", "another day", "the same"],
)
def test_a_newer_copy_announces_otherwise(store: Store, number: str, effect: str, starts: dt.date) -> None:
    store.keep([oars("two"), dated("four", FROM)], ORIGIN)
    store.keep([oars("two"), dated(number, effect)], LATER)
    assert [(v.effective_from, number in v.paragraphs[1].text) for v in store.versions(BOATS)][1:] == [(starts, True)]


def test_an_old_announcement_does_not_follow_what_was_seen_since(store: Store) -> None:
    store.keep([oars("two")], ORIGIN)
    store.keep([oars("two")], dataclasses.replace(LATER, current_as_of=dt.date(2027, 6, 1)))
    assert store.keep([dated("four", FROM)], EARLIER) == Kept(refused=(BOATS,))
    assert "two" in said(store, dt.date(2027, 7, 1))
