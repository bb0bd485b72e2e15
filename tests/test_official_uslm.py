"""The United States Code in USLM: an invented law of bicycles in both schemas, and the real files where they are."""

from __future__ import annotations

import re
import time
from collections import Counter
from functools import cache

import pytest

from corpus import citations
from corpus.official import uslm
from corpus.official.section import Document, Kind, Paragraph, ReadError, Section, Standing
from tests.conftest import SHARED, missing

OFFICIAL = SHARED / "official"
ONE, TWO = "http://xml.house.gov/schemas/uslm/1.0", "http://schemas.gpo.gov/xml/uslm"
USC16 = "uslm-real-samples/uslm1-usc16-slice-119-102not101.xml"
USC01 = "uslm-real-samples/uslm2-usc01-olrc-sample.xml"
USC42, USC49 = "uslm-rebuilt/usc42-ch85-II-A.rebuilt.xml", "uslm-rebuilt/usc49-ch301.rebuilt.xml"
# No USLM: a mock-up without a namespace. How many sections the others hold, those with two identifiers twice.
REAL = {
    USC16: 160,
    USC01: 39,
    USC42: 19,
    USC49: 46,
    "uslm-real-samples/nickvido-04-current-uscdoc.xml": 53,
    "uslm-real-samples/nickvido-05-part-chapter-sections.xml": 2,
    "uslm-real-samples/nickvido-10-subtitle-part-chapter-sections.xml": 2,
}

BELLS = """
<section identifier="/us/usc/t99/s12a–7B"><num value="12a–7B">§ 12a–7B.</num><heading> Bells<ref
 class="footnoteRef" idref="f1">1</ref><note type="footnote" id="f1"><num>1</num> So in original.</note></heading>
<subsection><num value="a">(a)</num><heading> <inline class="small-caps">In General</inline>.—</heading>
 <chapeau>A bicycle,<ref class="footnoteRef" idref="f1">1</ref> other than a <i>toy</i>, shall have—</chapeau>
 <paragraph><num value="1">(1)</num><content> a bell; and</content></paragraph>
 <paragraph><num>(2)</num>
  <subparagraph><num value="A">(A)</num><content><p>a lamp; or</p><p>two of them; or</p></content></subparagraph>
  <subparagraph><num value="B">(B)</num><content> a horn.</content></subparagraph></paragraph>
 <continuation>Nothing here forbids a basket.</continuation></subsection>
<subsection><num value="b">(b)</num><content> The Act of 1900 is amended to read: <quotedContent><section
 identifier="/us/usc/t99/s1"><num value="1">“Sec. 1.</num><content> Ride slowly.”</content></section></quotedContent>.
 </content></subsection>
<toc><layout><tocItem><column>1.</column><column>Wheels.</column></tocItem></layout></toc>
<sourceCredit>(Pub. L. 1–1, § 1.)</sourceCredit>
<notes type="uscNote"><note topic="amendments" role="crossHeading"><heading>Editorial Notes</heading></note>
 <note topic="effectiveDateOfAmendment"><heading>Effective Date</heading><p>Sunday.</p>
  <quotedContent><section identifier="/us/usc/t99/s3"><content>Not law here.</content></section></quotedContent>
 </note></notes>
</section>"""


def code(*sections: str, namespace: str = ONE, published: str = "Online@119-102not101") -> bytes:
    """A title 99 of one chapter."""
    return f"""<?xml version="1.0"?><uscDoc xmlns="{namespace}" identifier="/us/usc/t99"><meta>
    <docPublicationName>{published}</docPublicationName><property role="is-positive-law">yes</property></meta>
    <main><title><num value="99">Title 99—</num><heading>BICYCLES</heading><chapter><num>Chapter 2.</num>
    <heading>Fittings</heading>{"".join(sections)}</chapter></title></main></uscDoc>""".encode()


def short(number: str, words: str = "<content>Ride.</content>", status: str = "", heading: str = "Riding") -> str:
    ids = " ".join(f"/us/usc/t99/s{one}" for one in number.split())
    return f'<section identifier="{ids}" {status}><num>§ {number}.</num><heading>{heading}</heading>{words}</section>'


def outline(section: Section) -> list[tuple[str, int, str]]:
    return [("/".join(p.labels), p.nth, p.text) for p in section.paragraphs]


@pytest.mark.parametrize("namespace", [ONE, TWO])
def test_a_section_is_read_with_every_level_and_nothing_that_was_added(namespace: str) -> None:
    document = uslm.read(code(BELLS, namespace=namespace))
    (bells,) = document.sections
    assert bells.coordinate == "us/usc/99/12a-7b"
    assert bells.heading == "Bells"
    assert bells.path == ("Title 99—BICYCLES", "Chapter 2. Fittings")
    assert outline(bells) == [
        ("a", 0, "(a) In General.—A bicycle, other than a toy, shall have—"),
        ("a/1", 0, "(1) a bell; and"),
        ("a/2", 0, "(2)"),
        ("a/2/A", 0, "(A) a lamp; or"),
        ("a/2/A", 1, "two of them; or"),
        ("a/2/B", 0, "(B) a horn."),
        ("a", 1, "Nothing here forbids a basket."),
        ("b", 0, "(b) The Act of 1900 is amended to read: “Sec. 1. Ride slowly.” ."),
    ]
    assert [(note.kind, note.text) for note in bells.notes] == [
        ("footnote", "1 So in original."),
        ("table of contents", "1. Wheels."),
        ("source credit", "(Pub. L. 1–1, § 1.)"),
        ("effective date of amendment", "Effective Date Sunday. Not law here."),
        ("release point", "119-102not101"),
        ("positive law", "yes"),
    ]
    assert (document.faults, document.current_as_of) == ((), None)


def test_the_second_schema_has_footnotes_lists_and_tables_of_its_own() -> None:
    words = """<content>Tyres are as follows<footnote id="f"><num><sup>1</sup></num> See below.</footnote>:
      <list><listItem><listContent>Narrow.</listContent></listItem><listItem><num>(i)</num><listContent>Wide.
      </listContent></listItem></list></content>
      <table xmlns="http://www.w3.org/1999/xhtml"><tr><th>Tyre</th><th>mm</th></tr><tr><td>Wide</td><td>60</td></tr>
      </table>"""
    (tyres,) = uslm.read(code(short("4", words), namespace=TWO, published="2026-03-01")).sections
    assert outline(tyres) == [
        ("", 0, "Tyres are as follows:"),
        ("", 1, "Narrow."),
        ("i", 0, "(i) Wide."),
        ("", 2, "Tyre mm Wide 60"),
    ]
    assert tyres.paragraphs[-1].kind is Kind.TABLE
    assert "See below" in tyres.notes[0].text
    assert uslm.read(code(published="2026-03-01")).current_as_of == "2026-03-01"


def test_a_heading_within_the_text_stays_in_place() -> None:
    words = "<content>Ride.</content><heading>Brakes</heading><content>Brake.</content>"
    (section,) = uslm.read(code(short("5", f"<level>{words}</level>"))).sections
    assert [(p.nth, p.kind) for p in section.paragraphs] == [(0, Kind.TEXT), (1, Kind.HEADING), (2, Kind.TEXT)]


def test_labels_that_stand_twice_are_ambiguous_and_all_is_kept() -> None:
    level = '<subsection><num value="{0}">({0})</num><content>Text {0}.</content></subsection>'
    words = level.format("a") + level.format("b") + level.format("a")
    document = uslm.read(code(short("6", words), short("6"), short("7")))
    first, second, third = document.sections
    assert [(p.labels, p.ambiguous) for p in first.paragraphs] == [(("a",), True), (("b",), False), (("a",), True)]
    assert first.coordinate == second.coordinate != third.coordinate
    assert "repeated identifier" in {note.kind for note in second.notes}
    assert "repeated identifier" not in {note.kind for note in (*first.notes, *third.notes)}
    assert document.faults == ("us/usc/99/6 stands 2 times in the file",)


@pytest.mark.parametrize(
    ("status", "heading", "standing"),
    [
        ('status="repealed"', "Gone", Standing.REPEALED),
        ('status="reserved"', "Later", Standing.RESERVED),
        ('status="renumbered"', "Renumbered § 9", Standing.TRANSFERRED),
        ("", "Omitted]", Standing.OMITTED),
        ("", "Transferred or sold", Standing.TRANSFERRED),
        ("", "Repealed locks", Standing.OPERATIVE),
        ('status="odd"', "Riding", Standing.OPERATIVE),
    ],
)
def test_the_standing_is_the_sources_own(status: str, heading: str, standing: Standing) -> None:
    document = uslm.read(code(short("8", "", status, heading)))
    assert document.sections[0].standing is standing
    assert document.sections[0].heading == heading.rstrip("]")
    assert bool(document.faults) is ("odd" in status)


def test_one_element_may_be_several_sections_or_a_range() -> None:
    document = uslm.read(code(short("44 45", ""), short("19...19C", "")))
    assert [s.coordinate for s in document.sections] == ["us/usc/99/44", "us/usc/99/45", "us/usc/99/19...19c"]


def test_a_section_that_no_coordinate_can_be_given_is_told() -> None:
    document = uslm.read(code("<section><content>Lost.</content></section>", short("9")))
    assert len(document.sections) == 1
    assert "Lost." in document.faults[0]


def test_markup_that_became_words_is_told() -> None:
    (fault,) = uslm.read(code(short("9", "<content>Ride &lt;sup&gt;1&lt;/sup&gt; well.</content>"))).faults
    assert "us/usc/99/9" in fault


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<uscDoc/>", "no namespace"),
        (code(namespace="http://example.org/uslm"), "example.org"),
        (code()[:-20], "well-formed"),
        (b"<!DOCTYPE html><html/>", "DTD"),
        (b"", "empty"),
    ],
)
def test_what_is_not_uslm_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        uslm.read(data)


def real(file: str) -> Document:
    if not OFFICIAL.is_dir():
        missing("the official text (../shared/official)")
    return _real(file)


@cache
def _real(file: str) -> Document:
    return uslm.read((OFFICIAL / file).read_bytes())


def named(file: str, coordinate: str) -> Section:
    (section,) = [s for s in real(file).sections if s.coordinate == coordinate]
    return section


def at(section: Section, labels: str, nth: int = 0) -> Paragraph:
    (paragraph,) = [p for p in section.paragraphs if (p.labels, p.nth) == (tuple(labels.split("/")), nth)]
    return paragraph


@pytest.mark.parametrize("file", REAL)
def test_every_real_section_has_its_paragraphs_in_order_and_unique(file: str) -> None:
    document = real(file)
    assert len(document.sections) == REAL[file]
    for section in document.sections:
        held = Counter((p.labels, p.nth) for p in section.paragraphs if not p.ambiguous)
        assert set(held.values()) <= {1}, section.coordinate
        assert section.paragraphs or section.standing is not Standing.OPERATIVE, section.coordinate
        words = iter(section.source.split())
        assert all(p.text.split()[0] in words for p in section.paragraphs if p.labels), section.coordinate
        assert not any(re.search(r"Editorial Notes|Pub\. L\. \S+ substituted", p.text) for p in section.paragraphs)
        if "..." not in section.coordinate and section.coordinate != "us/usc/16/8-1":
            assert citations.canonical(section.coordinate)


def test_all_real_files_are_read_in_a_few_seconds() -> None:
    files = [(OFFICIAL / file).read_bytes() for file in REAL if real(file)]
    began = time.perf_counter()
    for data in files:
        uslm.read(data)
    assert time.perf_counter() - began < 5


def test_twenty_five_years_is_a_paragraph() -> None:
    section = named(USC49, "us/usc/49/30112")
    assert at(section, "b/9").text.startswith("(9) a motor vehicle")
    assert at(section, "b").text.startswith("(b) Nonapplication.—This section")


def test_flush_text_hangs_under_the_level_above_its_list() -> None:
    section = named(USC42, "us/usc/42/7522")
    order = [("/".join(p.labels), p.nth) for p in section.paragraphs]
    flush = at(section, "a", 1)
    assert flush.text.startswith("No action with respect")
    assert order[order.index(("a/5", 0)) + 1] == ("a", 1)


def test_a_real_title_with_clauses_dashes_footnotes_and_sections_that_ended() -> None:
    document = real(USC16)
    arms = named(USC16, "us/usc/16/1a-7b")
    assert at(arms, "a/5/B/ii").text.startswith("(ii) ")
    assert arms.path[0].startswith("Title 16—")
    assert len(arms.path) == 3
    assert at(named(USC16, "us/usc/16/45f"), "c/7", 1).text.startswith("Such report")
    assert Counter(s.standing.value for s in document.sections) == {
        "repealed": 112,
        "operative": 38,
        "transferred": 8,
        "omitted": 2,
    }
    assert document.faults == ()
    park = named(USC16, "us/usc/16/21b")
    assert "footnote" in {note.kind for note in park.notes}
    assert "March 1, 1872, reserving" in park.paragraphs[0].text
    assert ("release point", "119-102not101") in {(note.kind, note.text) for note in park.notes}
    # The 9 sections that the notes of this slice quote are of other laws.
    assert (OFFICIAL / USC16).read_bytes().count(b"<section ") == 158 + 9


def test_the_real_second_schema() -> None:
    document = real(USC01)
    assert at(named(USC01, "us/usc/1/112b"), "e/2/B/ii").text.startswith("(ii) A bilateral")
    assert len(named(USC01, "us/usc/1/1").paragraphs) == 11
    assert all(not any(n.kind == "release point" for n in s.notes) for s in document.sections)


def test_the_mock_up_without_a_namespace_is_refused() -> None:
    real(USC16)
    with pytest.raises(ReadError, match="no namespace"):
        uslm.read((OFFICIAL / "uslm-real-samples/civic-title-18-sample.xml").read_bytes())
