"""From printed markers to labels: known sequences, every outline that the search writes down itself, and its speed."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.official.nesting import ANY, CFR, IOWA, USC, Level, Marker, nest


def markers(printed: str) -> list[Marker]:
    """ "(a)(1) (2) (*i) 1." as markers: an asterisk stands for italics, a space for a new paragraph."""
    made = []
    for token in printed.split():
        for number, one in enumerate(re.findall(r"\(\*?[\w-]+\)|\w+\.", token)):
            style = "." if one.endswith(".") else "italic" if "*" in one else "()"
            made.append(Marker(one.strip("(*)."), style, beside=number > 0))
    return made


def read(printed: str, order: tuple[Level, ...] = CFR) -> str:
    """The labels of each marker as "a/1", with a question mark where they are ambiguous."""
    return " ".join("/".join(one.labels) + "?" * one.ambiguous for one in nest(markers(printed), order))


@pytest.mark.parametrize(
    ("printed", "order", "labels"),
    [
        ("", CFR, ""),
        ("(a) (b) (c)", CFR, "a b c"),
        ("(g) (h) (i) (j)", CFR, "g h i j"),
        ("(h) (1)(i) (ii) (2)(i) (ii) (i)(1) (2)", CFR, "h h/1 h/1/i h/1/ii h/2 h/2/i h/2/ii i i/1 i/2"),
        ("(h) (1) (i) (1)", CFR, "h h/1 i i/1"),
        ("(h) (1) (i) (ii)", CFR, "h h/1 h/1/i h/1/ii"),
        ("(h) (1) (i)", CFR, "h h/1 h/1/i?"),
        ("(i) (1) (i) (ii) (j)", CFR, "i i/1 i/1/i i/1/ii j"),
        ("(u) (v) (w) (x) (y)", CFR, "u v w x y"),
        ("(y) (z) (aa) (bb) (cc)", CFR, "y z aa bb cc"),
        ("(a) (d) (g) (1) (2)", CFR, "a d g g/1 g/2"),
        ("(a) (b) (b-1) (c)", CFR, "a b b-1 c"),
        ("(a) (1)(i)(A) (*1) (*i) (*ii) (*2) (B)", CFR,
         "a a/1 a/1/i a/1/i/A a/1/i/A/1 a/1/i/A/1/i a/1/i/A/1/ii a/1/i/A/2 a/1/i/B"),
        ("(a) (1) (i) (A) (1) (2) (B) (ii)", CFR, "a a/1 a/1/i a/1/i/A a/1/i/A/1 a/1/i/A/2 a/1/i/B a/1/ii"),
        ("(a) (1) (i) (*a) (*b) (ii) (2) (b)", CFR, "a a/1 a/1/i a/1/i/a a/1/i/b a/1/ii a/2 b"),
        ("(a) (1) (i) (a) (b) (ii) (2) (b)", CFR, "a a/1 a/1/i a/1/i/a a/1/i/b a/1/ii a/2 b"),
        ("(a) (1) (A) (i) (I) (aa) (bb) (II) (ii) (B) (2)", USC,
         "a a/1 a/1/A a/1/A/i a/1/A/i/I a/1/A/i/I/aa a/1/A/i/I/bb a/1/A/i/II a/1/A/ii a/1/B a/2"),
        ("(1) (2) (A) (B) (3)", USC, "1 2 2/A 2/B 3"),
        ("1. 2. a. b. (1) (2) (a) (i) (ii) c. 3.", IOWA, "1 2 2/a 2/b 2/b/1 2/b/2 2/b/2/a 2/b/2/a/i 2/b/2/a/ii 2/c 3"),
        ("(a) (i) (ii) (A) (iii) (b) (h) (i) (ii) (i) (j)", ANY, "a a/i a/ii a/ii/A a/iii b h h/i h/ii i j"),
        ("(1) (2) (2a) (3) (10A)", ANY, "1 2 2a 3 10A"),
        ("(1) (2) (1) (2)", CFR, "1? 2? 1? 2?"),
    ],
)  # fmt: skip
def test_a_sequence_of_markers_is_read_as_people_read_it(printed: str, order: tuple[Level, ...], labels: str) -> None:
    assert read(printed, order) == labels


def test_a_list_begins_anew_after_text_and_not_below_the_first() -> None:
    found = nest([Marker("b"), Marker("1"), Marker("2"), Marker("1", fresh=True), Marker("2")])
    assert [one.labels for one in found] == [("b",), ("b", "1"), ("b", "2"), ("b", "1"), ("b", "2")]
    assert [one.ambiguous for one in found] == [False, True, True, True, True]


def test_a_heading_tells_a_letter_from_a_roman_number() -> None:
    sequence = [Marker("h", headed=True), Marker("1"), Marker("2"), Marker("i", headed=True)]
    assert nest(sequence)[-1].labels == ("i",)
    assert not nest(sequence)[-1].ambiguous


def test_a_symbol_of_no_kind_is_kept() -> None:
    assert [one.labels for one in nest([Marker("a"), Marker("Note")])] == [("a",), ("a", "Note")]


LETTERS = "abcdefghijklmnopqrstuvwxyz"
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
SYMBOLS = (LETTERS, tuple(map(str, range(1, 30))), ROMAN, LETTERS.upper())
outlines = st.recursive(st.just([]), lambda below: st.lists(below, min_size=2, max_size=12), max_leaves=60)


def written(outline: list[object], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The label paths of an outline in the order of print; no deeper than (a)(1)(i)(A)."""
    if len(above) == len(SYMBOLS):
        return []
    rows: list[tuple[str, ...]] = []
    for symbol, below in zip(SYMBOLS[len(above)], outline, strict=False):
        assert isinstance(below, list)
        rows += [(*above, symbol), *written(below, (*above, symbol))]
    return rows


@given(outlines)
def test_any_outline_in_the_usual_order_is_read_back_or_called_ambiguous(outline: list[object]) -> None:
    rows = written(outline)
    found = nest([Marker(labels[-1]) for labels in rows])
    assert len(found) == len(rows)
    for one, labels in zip(found, rows, strict=True):
        assert one.labels == labels or one.ambiguous


@given(st.lists(st.sampled_from(["a", "b", "i", "ii", "v", "1", "2", "A", "I", "aa", "x", "Q"]), max_size=40))
def test_nothing_that_is_printed_breaks_it(symbols: list[str]) -> None:
    found = nest([Marker(symbol) for symbol in symbols])
    assert [one.labels[-1] for one in found] == symbols


def test_twenty_thousand_markers_take_less_than_two_seconds() -> None:
    one = [Marker(x) for letter in LETTERS[:13] for x in (letter, *(y for n in "1234" for y in (n, *ROMAN[:5])))]
    many = (one * (20_000 // len(one) + 1))[:20_000]
    began = time.process_time()
    nest(many)
    assert time.process_time() - began < 2
