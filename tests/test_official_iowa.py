"""The Iowa Code in RTF: an invented chapter on boats, and where the folder of official texts is at hand chapter 321."""

from __future__ import annotations

import time
from functools import cache

import pytest

from corpus import citations
from corpus.official import iowa, rtf
from corpus.official.section import Document, Kind, ReadError, Section, Standing, letters
from tests.conftest import SHARED, missing

IOWA = SHARED / "official" / "iowa-code-2026-rtf"


def labels(section: Section) -> list[str]:
    return ["/".join(p.labels) + (f"#{p.nth}" if p.nth else "") for p in section.paragraphs]


def head(number: str, words: str) -> str:
    return rf"{{\pard\plain\f5\b\fs18\qj{{{number}}}{{\*\bkmkstart x}}{{\~\~}}{{{words}}}\par}}"


def law(text: str) -> str:
    return rf"{{\pard\plain\f5\fs18\qj\~\~{text}\par}}"


def note(text: str, size: int = 18, align: str = "qj") -> str:
    return rf"{{\pard\plain\f5\fs{size}\{align}\fi180 {text}\par}}"


LINK = r"{\pard\fs18{\field{\*\fldinst HYPERLINK \"https://example.org/x\"}{\fldrslt rule 9}}\par}"
CHAPTER = "\n".join(
    [
        r"{\rtf1\ansi{\fonttbl{\f5 imperial;}}{\stylesheet{\s1 Normal;}}",
        note("CHAPTER 462A", 24, "qc") + note("BOATS", 18, "qc") + note(r"Referred to in \'a71.1", 12, "qc"),
        note("OARS", 18, "qc"),
        head("462A.1", r"Rowing \u8212\'3f lamps."),
        law(r"1.\~\~a.\~\~A \u8220\'3fboat\u8221\'3f under {section 462A.2}."),
        law(r"b.\~\~Any of:")
        + law(r"(1)\~\~Oars.")
        + law(r"(a)\~\~Long.")
        + law(r"(b)\~\~Short.")
        + law(r"(2)\~\~Sails."),
        law(r"1A.\~\~By ") + LINK + r"{\pard\fs18, or not.\par}",
        law("Flush text."),
        r"{\pard\fs18 Length\~\~\~\~Fee\par}{\pard\fs18 1 foot\~\~\~\~\'a3 2\par}",
        note(r"[C39, \'a71; {\b 5001.14;} C46]") + note(r"85 Acts, ch 9, \'a73") + note(r"Referred to in \'a73", 12),
        note("SAILS", 18, "qc") + note("AND MASTS", 18, "qc"),
        head("462A.2", r"Sails.{\b0\~\~Repealed by 99 Acts, ch 1.}"),
        r"{\pard\b\fs18 462A.4 through 462A.6{\b0 Reserved. }\par}",
        head("462A.7", r"Masts.") + law("None."),
        "}",
    ]
)


@pytest.fixture
def chapter() -> Document:
    return iowa.read(CHAPTER.encode("latin-1"), year=2026)


def test_levels_of_the_iowa_code(chapter: Document) -> None:
    first = chapter.sections[0]
    assert (first.coordinate, first.heading, chapter.current_as_of) == (
        "us-ia/code/462A.1",
        "Rowing — lamps.",
        "2026-01-01",
    )
    expected = ["1", "1/a", "1/b", "1/b/1", "1/b/1/a", "1/b/1/b", "1/b/2", "1A", "1A#1", "1A#2"]
    assert labels(first) == expected
    assert first.paragraphs[1].text == "a. A “boat” under section 462A.2."


def test_a_link_does_not_break_a_paragraph_and_a_table_is_one(chapter: Document) -> None:
    linked, flush, table = chapter.sections[0].paragraphs[-3:]
    assert linked.text == "1A. By rule 9, or not."
    assert flush.text == "Flush text."
    assert (table.kind, table.text) == (Kind.TABLE, "Length\tFee\n1 foot\t£ 2")


def test_history_and_editor_are_notes(chapter: Document) -> None:
    assert [(note.kind, note.text) for note in chapter.sections[0].notes] == [
        ("history", "[C39, §1; 5001.14; C46]"),
        ("history", "85 Acts, ch 9, §3"),
        ("editor's note", "Referred to in §3"),
    ]


def test_each_number_of_a_range_is_a_section(chapter: Document) -> None:
    assert [(one.coordinate.rpartition(".")[2], one.standing) for one in chapter.sections] == [
        ("1", Standing.OPERATIVE),
        ("2", Standing.REPEALED),
        ("4", Standing.RESERVED),
        ("5", Standing.RESERVED),
        ("6", Standing.RESERVED),
        ("7", Standing.OPERATIVE),
    ]


def test_the_path_is_the_chapter_and_its_part(chapter: Document) -> None:
    assert chapter.sections[0].path == ("CHAPTER 462A BOATS", "OARS")
    assert {one.path for one in chapter.sections[1:]} == {("CHAPTER 462A BOATS", "SAILS AND MASTS")}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<!DOCTYPE html><p>Chapter index</p>", "not RTF"),
        (b"", "not RTF"),
        (CHAPTER.encode("latin-1")[:-40], "cut off"),
        (rb"{\rtf1 Boats.}}", "never opened"),
        (rb"{\rtf1{\pict\bin4 abcd}}", "binary"),
        (rb"{\rtf1\ansicpg99999 Boats.}", "code page 99999"),
        (rb"{\rtf1 Boats.\par}", "no section"),
    ],
)
def test_what_is_no_chapter_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ReadError, match=told):
        iowa.read(data)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"a\'a7b\~c\_d", "a§b\u00a0c‑d"),
        (r"\u8220?x\u8221?", "“x”"),
        (r"\uc2\u8220\'3f\'3fx", "“x"),
        (r"\uc0\u8220x", "“x"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"a\emdash b\{c\}\\", "a—b{c}\\"),
        (r"a{\*\unknown gone}b{\info gone}c", "abc"),
        ("a\r\nb", "ab"),
    ],
)
def test_characters_of_rtf(source: str, text: str) -> None:
    assert [line.text for line in rtf.lines(rf"{{\rtf1 {source}}}".encode("latin-1"))] == [text]


@cache
def real(number: str) -> tuple[Document, float]:
    path = IOWA / f"{number}.rtf"
    if not path.is_file():
        missing(f"the official text {path.name}")
    data, start = path.read_bytes(), time.perf_counter()
    return iowa.read(data, year=2026), time.perf_counter() - start


def test_grounds_for_refusing_a_title_in_iowa() -> None:
    section = next(one for one in real("321")[0].sections if one.coordinate == "us-ia/code/321.30")
    assert labels(section) == [*["1"], *(f"1/{letter}" for letter in "abcdefghijklm"), "2", "2/a", "2/b", "3"]
    assert "49 C.F.R. pt. 567" in section.paragraphs[15].text


@pytest.mark.parametrize(("number", "sections"), [("321", 624), ("322", 40)])
def test_every_section_of_a_real_chapter(number: str, sections: int) -> None:
    document, seconds = real(number)
    assert (len(document.sections), document.faults) == (sections, ())
    assert seconds < 5
    for section in document.sections:
        assert citations.canonical(section.coordinate)
        keys = [(p.labels, p.nth) for p in section.paragraphs if not p.ambiguous]
        assert len(keys) == len(set(keys)), section.coordinate
        assert bool(section.paragraphs) is (section.standing is Standing.OPERATIVE), section.coordinate
        assert not any(" Acts, ch " in p.text or "Referred to in §" in p.text for p in section.paragraphs)


def test_a_real_chapter_loses_nothing_against_another_conversion() -> None:
    other = IOWA / "321.txt"
    if not other.is_file():
        missing("the text conversion of chapter 321")
    whole, here = letters([other.read_text()]), 0
    for section in real("321")[0].sections:
        if section.paragraphs:
            law = letters(p.text for p in section.paragraphs)
            at = whole.find(law, here)
            assert at >= here, section.coordinate
            notes = letters(note.text for note in section.notes)
            assert whole.startswith(notes, at + len(law)), section.coordinate
            here = at + len(law) + len(notes)
