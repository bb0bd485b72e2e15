"""State codes in HTML: markers, headings, and the annotated codes, on an invented law of boats.

Where the folder of official texts is at hand, the annotated codes of Kentucky and Wyoming are read as a whole.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from corpus import citations
from corpus.official import annotated, headings
from corpus.official.headings import Effect
from corpus.official.markers import Line, paragraphs
from corpus.official.nesting import ANY, IOWA
from corpus.official.section import Document, ReadError, Section, Standing, letters
from corpus.official.store import Origin, Store
from tests.conftest import SHARED, missing

KENTUCKY = SHARED / "official" / "cic-ky" / "gov.ky.krs.title.16.html"
WYOMING = SHARED / "official" / "cic-wy" / "gov.wy.code.title.31.html"


def labels(section: Section) -> list[str]:
    return ["/".join(p.labels) + (f"#{p.nth}" if p.nth else "") for p in section.paragraphs]


# What a heading says


@pytest.mark.parametrize(
    ("heading", "numbers", "words"),
    [
        ("189.517. Small boats.", ["189.517"], "Small boats."),
        ("321.30\u00a0\u00a0Oars.", ["321.30"], "Oars."),
        ("§§ 31-2-301 through 31-2-304. [Repealed.]", ["31-2-301", "31-2-302", "31-2-303", "31-2-304"], "[Repealed.]"),
        ("321.82 and 321.83Reserved.", ["321.82", "321.83"], "Reserved."),
        ("1.009 through 1.011 Reserved.", ["1.009", "1.010", "1.011"], "Reserved."),
        ("§ 7-1. 24/7 moorings.", ["7-1"], "24/7 moorings."),
        ("186A.010 through 190.020", ["186A.010", "190.020"], ""),
        ("Oars.", [], "Oars."),
    ],
)
def test_numbers_of_a_heading(heading: str, numbers: list[str], words: str) -> None:
    assert headings.numbers(heading) == (tuple(numbers), words)


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ("Oars.", Standing.OPERATIVE),
        ("Oars — Repealed rules.", Standing.OPERATIVE),
        ("Boats. Reserved moorings.", Standing.OPERATIVE),
        ("Oars. [Repealed effective July 1, 2030.]", Standing.OPERATIVE),
        ("Oars. [Repealed.]", Standing.REPEALED),
        ("Oars. Repealed by 98 Acts, ch 1.", Standing.REPEALED),
        ("[Renumbered.]", Standing.TRANSFERRED),
        ("Reserved.", Standing.RESERVED),
    ],
)
def test_standing_of_a_heading(words: str, standing: Standing) -> None:
    assert headings.standing(words) is standing


JANUARY, JULY = dt.date(2024, 1, 1), dt.date(2024, 7, 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Oars. [Effective until January 1, 2024]", Effect(ends=JANUARY)),
        ("Oars. [Effective January 1, 2024.]", Effect(JANUARY)),
        ("(Effective through June 30, 2024) Oars.", Effect(ends=JULY)),
        ("(Effective after December 31, 2023) Oars.", Effect(JANUARY)),
        ("Oars. [Effective January 1, 2024, until July 1, 2024]", Effect(JANUARY, JULY)),
        ("Oars. [Repealed effective July 1, 2024]", Effect(ends=JULY)),
        ("(Contingent expiration date - See note) Oars.", Effect()),
        ("(Contingent effective date - See note) Oars.", Effect(undated=True)),
        ("Oars. [Effective until the lake freezes]", Effect()),
        ("Oars. [Effective when the lake freezes]", Effect(undated=True)),
        ("Oars. [Effective January 32, 2024]", Effect(undated=True)),
        ("Effective oars (and sails).", Effect()),
    ],
)
def test_when_a_text_is_law_by_its_heading(words: str, expected: Effect) -> None:
    assert headings.period(headings.effect(words)) == expected


def test_a_number_without_a_form_is_a_fault() -> None:
    faults: list[str] = []
    assert list(headings.coordinates(["189.517", "189.51712"], "US-KY", faults)) == ["us-ky/code/189.517"]
    assert "189.51712" in faults[0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["No boat.", "(a)(1) Oars.", "(2) Sails.", "(b) Lamps."], ["", "a", "a/1", "a/2", "b"]),
        (["1.  a.  Oars.", "b.  Sails.", "2.  Lamps."], ["1", "1/a", "1/b", "2"]),
        (["A. Oars.", "1. Long.", "a. Red.", "2. Short.", "B. Sails."], ["A", "A/1", "A/1/a", "A/2", "B"]),
        (["(A)(1)(a)(i) Oars.", "(ii) Sails."], ["A", "A/1", "A/1/a", "A/1/a/i", "A/1/a/ii"]),
        (
            ["Subdivision 1. Oars.", "(a) Long.", "Subd. 2. Sails.", "(a) Red."],
            ["subd-1", "subd-1/a", "subd-2", "subd-2/a"],
        ),
        (["(21) Oars.", "(21-a) Sails.", "Flush."], ["21", "21-a", "21-a#1"]),
        (["No. 5 oars.", "U.S. boats.", "(See below.)", "12.5 tons."], ["", "#1", "#2", "#3"]),
    ],
)
def test_markers_at_the_start_of_lines(lines: list[str], expected: list[str]) -> None:
    order = IOWA if lines[0].startswith("1.") else ANY
    read = paragraphs([Line(line) for line in lines], order)
    assert ["/".join(p.labels) + (f"#{p.nth}" if p.nth else "") for p in read] == expected
    assert letters(p.text for p in read) == letters(lines)


def test_a_marker_that_stands_twice_is_ambiguous() -> None:
    read = paragraphs([Line("(a) Oars."), Line("Or else:"), Line("(a) Sails.")], ANY)
    assert {p.labels: p.ambiguous for p in read if not p.nth}[("a",)]


# Annotated codes

CODE = """<html><head><meta charset="utf-8">
<meta name="description" content="Release 3 of the Official Code of Elsewhere Annotated released
2022.10 Transformed"></head><body><h1 id="t9">TITLE IX Boats</h1><main>
<div><h2 class="oneh2" id="t9c1">CHAPTER 186 Rowing</h2></div>
<div><h2 class="gen" id="t9c1-g">General Provisions</h2>
<div><h3 id="t9c1s186.010"><b>186.010. Oars — Lamps. [Effective until January 1, 2024]</b></h3>
 <p>As used here:</p>
 <ol><li id="t9c1s186.010ol11">“Oar” means a pole, see <cite><a href="#x">186.020</a></cite>.</li>
  <li id="t9c1s186.010ol12"><ol type="a"><li id="t9c1s186.010ol12a">A lamp; or
   <ol type="1"><li id="t9c1s186.010ol12a1">A torch.</li></ol><p>shall be lit.</p></li>
   <li id="t9c1s186.010ol12b">Both.</li></ol></li></ol>
 <p>Click to view</p><p>No boat is exempt.</p>
 <p><b>History.</b> Enact. Acts 1999, ch. 1.</p>
 <p><b>Compiler's Notes.</b> A publisher's words.</p><p>More of them.</p>
 <div><h4>NOTES TO DECISIONS</h4><p>A publisher's words.</p></div></div>
<div><h3 id="t9c1s186.010.01"><b>186.010. Oars. [Effective January 1, 2024]</b></h3><p>None.</p>
 <p>HISTORY: 2022 ch. 5.</p><div><h4>Compiler's Notes.</h4></div></div>
<div><h3 id="t9c1s186.020"><b>186.020. Sails. [Repealed.]</b></h3><p>Repealed by Laws 1997.</p></div>
<div><h3 id="t9c1s186.030"><b>186.030. Compact.</b></h3><p>It is law:</p><p><b>History.</b> Laws 1987.</p>
 <div><h4 id="i">ARTICLE I Ends</h4><ol type="a"><li id="t9c1s186.030-aI.1ol1a">Peace.</li></ol></div>
 <div><h4 id="ii">ARTICLE II Means</h4><p>Oars.</p><p>The 2009 amendment, effective July 1, did much.</p></div></div>
</div></main></body></html>"""


@pytest.fixture
def code() -> Document:
    return annotated.read(CODE.encode(), place="US-KY")


def test_markers_of_an_annotated_code_come_from_the_ids(code: Document) -> None:
    first = code.sections[0]
    assert first.coordinate == "us-ky/code/186.010"
    assert labels(first) == ["", "1", "2/a", "2/a/1", "2/a#1", "2/b", "#1"]
    assert first.paragraphs[1].text == "“Oar” means a pole, see 186.020."
    assert first.path == ("TITLE IX Boats", "CHAPTER 186 Rowing", "General Provisions")
    assert code.current_as_of == "2022-10-01"


def test_annotations_are_dropped_and_history_is_a_note(code: Document) -> None:
    told = [(note.kind, note.text) for note in code.sections[0].notes]
    assert told == [("history", "Enact. Acts 1999, ch. 1."), ("effect", "Effective until January 1, 2024")]
    assert code.sections[1].notes[0].text == "2022 ch. 5."
    assert "publisher" not in repr(code)
    assert "amendment" not in repr(code)


def test_what_is_repealed_has_no_paragraphs(code: Document) -> None:
    sails = code.sections[2]
    assert (sails.standing, sails.paragraphs, sails.notes[0].text) == (
        Standing.REPEALED,
        (),
        "Repealed by Laws 1997.",
    )


def test_articles_of_a_compact_are_law_though_its_history_stands_before_them(code: Document) -> None:
    assert labels(code.sections[3]) == ["", "art-I", "art-I/a", "art-II", "art-II#1"]


def test_faults_tell_of_images_and_of_a_section_that_stands_twice(code: Document) -> None:
    assert len(code.faults) == 2
    assert "only as an image" in code.faults[0]
    assert "us-ky/code/186.010 stands 2 times" in code.faults[1]


@pytest.mark.parametrize(("page", "told"), [("<p>Boats.</p>", "no section"), ("<h3>Oars.</h3>", "without a number")])
def test_what_is_no_annotated_code_is_refused(page: str, told: str) -> None:
    with pytest.raises(ReadError, match=told):
        annotated.read(f"<html><body>{page}</body></html>".encode(), place="US-KY")


@cache
def real(path: Path, place: str) -> tuple[Document, float]:
    if not path.is_file():
        missing(f"the official text {path.name}")
    data, start = path.read_bytes(), time.perf_counter()
    return annotated.read(data, place=place), time.perf_counter() - start


BOTH = pytest.mark.parametrize(("path", "place"), [(KENTUCKY, "US-KY"), (WYOMING, "US-WY")], ids=["ky", "wy"])


def test_mini_trucks_in_kentucky() -> None:
    section = next(one for one in real(KENTUCKY, "US-KY")[0].sections if one.coordinate == "us-ky/code/189.517")
    assert labels(section) == ["1", "2", "3", "4", *(f"5/{letter}" for letter in "abcdefg")]
    assert "Japanese kei class" in section.paragraphs[0].text
    assert [note.kind for note in section.notes] == ["history"]


def test_a_compact_in_wyoming() -> None:
    section = next(one for one in real(WYOMING, "US-WY")[0].sections if one.coordinate == "us-wy/code/31-7-201")
    assert {"art-I/a/i", "art-VIII/b", "art-IX#1"} <= set(labels(section))


@BOTH
def test_every_section_of_a_real_code(path: Path, place: str) -> None:
    document, seconds = real(path, place)
    assert len(document.sections) > 600
    assert seconds < 7
    for section in document.sections:
        assert citations.canonical(section.coordinate)
        keys = [(p.labels, p.nth) for p in section.paragraphs if not p.ambiguous]
        assert len(keys) == len(set(keys)), section.coordinate
        assert bool(section.paragraphs) is (section.standing is Standing.OPERATIVE), section.coordinate
        assert {note.kind for note in section.notes} <= {"history", "effect"}
        assert len(section.path) >= 2
    assert sum(p.ambiguous for one in document.sections for p in one.paragraphs) == 0


@BOTH
def test_no_annotation_among_the_paragraphs_of_a_real_code(path: Path, place: str) -> None:
    mark = re.compile(
        r"HISTORY:|History\.|\d{4} amendment|Compiler.s Notes|Cross references\. —|Am\. Jur|Law reviews|Click to view"
    )
    found = [p.text for one in real(path, place)[0].sections for p in one.paragraphs if mark.search(p.text)]
    assert found == []


def test_what_kentucky_prints_twice_is_kept_for_both_days(tmp_path: Path) -> None:
    document, _ = real(KENTUCKY, "US-KY")
    day = dt.date(2022, 10, 1)
    store = Store(tmp_path)
    kept = store.keep(document.sections, Origin("Kentucky Revised Statutes", "", day, day))
    assert kept.refused == ()
    twice = [key for key, n in Counter(one.coordinate for one in document.sections).items() if n > 1]
    assert len(twice) == 21
    for key in twice:
        now, later = store.versions(key)
        assert (now.effective_from, now.ends, now.announced) == (day, later.effective_from, False), key
        assert later.announced, key
        assert store.section(key, later.effective_from - dt.timedelta(days=1)) == now, key
        assert store.section(key, dt.date(2026, 11, 24)) == later, key
    assert store.section("us-ky/code/186A.127", day) is None
    assert store.section("us-ky/code/189.281", JULY) is None
