"""Legislatures' PDFs, on an invented law of boats laid out as North Dakota's chapters and Wyoming's titles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from corpus.official import state_pdf
from corpus.official.read import read
from corpus.official.section import Document, ReadError, Section, Standing, letters
from corpus.official.sources import Reader, source_at
from corpus.official.store import Origin, Store
from tests.test_firm_pdf import PIXEL, encrypted, made
from tests.test_firm_pdf import lines as flush

ROW = tuple[str, int, bool]  # a line, how far it is indented, whether it is bold
STEP = 12


def laid_out(*rows: ROW, foot: str = "", top: int = 700) -> str:
    """A page of lines under one another; an empty one leaves its place free."""
    shown = [
        f"/F{2 if bold else 1} 10 Tf 1 0 0 1 {72 + indent} {top - STEP * n} Tm ({text}) Tj"
        for n, (text, indent, bold) in enumerate(rows)
        if text
    ]
    return f"BT {' '.join(shown)} ET {flush(foot, x=280, y=30, size=9) if foot else ''}"


def plain(text: str, indent: int = 0) -> ROW:
    return text.replace("(", "\\(").replace(")", "\\)"), indent, False


def bold(text: str, indent: int = 0) -> ROW:
    return text.replace("(", "\\(").replace(")", "\\)"), indent, True


FREE = plain("")
NORTH = (
    laid_out(
        bold("CHAPTER 39-04", 200),
        bold("ROWING BOATS", 200),
        bold("39-04-05. Grounds for refusing a boat - Oars that are longer than the boat - Appeal to the"),
        bold("warden."),
        plain("The warden shall refuse a boat, except one under section 39-04-10.4, when any of these", 36),
        plain("is shown:"),
        plain("1. The boat has more than two oars, but not a boat that is named in subsection 2 or", 18),
        plain("3.", 36),
        plain("2. The owner of the boat has not paid what is owed under section", 18),
        plain("39-04-10.4. The harbour mas-", 36),
        plain("ter may wait:", 36),
        plain("a. One day, or a day that is named in subdivision", 54),
        plain("a. of section 39-04-12; or", 72),
        plain("b. Two days by night, as harbours keep them in the winter months of each year and", 54),
        foot="Page No. 1",
    ),
    laid_out(
        plain("in the spring.", 72),
        plain("3. The boat leaks.", 18),
        bold("39-04-06 through 39-04-07. Repealed by S.L. 1981, ch. 5, § 2.".replace("§", "sec.")),
        bold("39-04-10.4. (Effective through June 30, 2027) Old boats."),
        plain("An old boat pays one coin.", 36),
        bold("39-04-10.4. (Effective after June 30, 2027) Old boats."),
        plain("An old boat pays three coins.", 36),
        foot="Page No. 2",
    ),
)


def north() -> Document:
    return state_pdf.read(made(NORTH), place="US-ND")


def told(section: Section) -> list[tuple[str, str, int | None]]:
    return [("/".join(p.labels) + (f"#{p.nth}" if p.nth else ""), p.text, p.page) for p in section.paragraphs]


def test_a_chapter_as_north_dakota_prints_it() -> None:
    document = north()
    assert [one.coordinate.rpartition("/")[2] for one in document.sections] == [
        "39-04-05",
        "39-04-06",
        "39-04-07",
        "39-04-10.4",
        "39-04-10.4",
    ]
    first = document.sections[0]
    assert first.heading == ("Grounds for refusing a boat - Oars that are longer than the boat - Appeal to the warden.")
    assert first.path == ("CHAPTER 39-04 ROWING BOATS",)
    assert told(first) == [
        (
            "",
            "The warden shall refuse a boat, except one under section 39-04-10.4, when any of these is shown:",
            1,
        ),
        ("1", "1. The boat has more than two oars, but not a boat that is named in subsection 2 or 3.", 1),
        (
            "2",
            "2. The owner of the boat has not paid what is owed under section 39-04-10.4. The harbour master may wait:",
            1,
        ),
        ("2/a", "a. One day, or a day that is named in subdivision a. of section 39-04-12; or", 1),
        (
            "2/b",
            "b. Two days by night, as harbours keep them in the winter months of each year and in the spring.",
            1,
        ),
        ("3", "3. The boat leaks.", 2),
    ]
    assert not any(p.ambiguous for p in first.paragraphs)


def test_nothing_but_feet_and_titles_is_lost() -> None:
    read_back = letters(f"{one.heading} {p.text}" for one in north().sections for p in one.paragraphs)
    assert "PageNo" not in read_back
    for words in ("warden.", "is shown:", "ter may wait", "in the spring", "three coins"):
        assert letters([words]) in read_back


def test_a_repealed_range_is_a_section_for_each_number() -> None:
    for one in north().sections[1:3]:
        assert (one.standing, one.paragraphs) == (Standing.REPEALED, ())


def test_a_section_that_changes_on_a_later_day_is_kept_for_both(tmp_path: Path) -> None:
    store, day = Store(tmp_path), dt.date(2026, 11, 24)
    assert store.keep(north().sections, Origin("Century Code", "", day, day)).refused == ()
    for when, coins in ((day, "one coin"), (dt.date(2027, 6, 30), "one coin"), (dt.date(2027, 7, 1), "three coins")):
        held = store.section("us-nd/code/39-04-10.4", when)
        assert held
        assert coins in held.paragraphs[0].text
        assert held.paragraphs[0].page == 2


WEST = (
    laid_out(
        plain("TITLE 31 - BOATS", 180),
        FREE,
        plain("CHAPTER 5 - RULES OF THE LAKE", 160),
        FREE,
        plain("ARTICLE 1 - IN GENERAL", 170),
        FREE,
        plain("31-5-101.  Oars; lamps; boats of other lakes which are not of this state and their lamps;", 36),
        plain("exceptions."),
        FREE,
        plain("(a)  No boat shall be rowed by night on a lake that is named in subsections (b), (c), or", 36),
        plain("(d) of this section, or as provided by W.S."),
        plain("31-5-102. A lamp need not burn:"),
        FREE,
        plain("(i)  By day; or", 36),
        FREE,
        plain("(ii)  On a pond."),
    ),
    laid_out(
        plain("(b)  Boats of ten (10) feet are small.", 36),
        FREE,
        plain("What is small is decided by the warden.", 36),
        FREE,
        plain("31-5-102.  Repealed by Laws 1984, ch. 50, s. 2.", 36),
        FREE,
        plain("31-5-103.  Compact.", 36),
        FREE,
        plain("ARTICLE I", 200),
        FREE,
        plain("(a)  The states agree on lamps.", 36),
        FREE,
        plain("ARTICLE 2 - SAILS", 170),
        FREE,
        plain("31-5-201.  Sails.", 36),
        FREE,
        plain("Sails are white.", 36),
    ),
)


def test_a_title_as_wyoming_prints_it() -> None:
    document = state_pdf.read(made(WEST), place="US-WY")
    assert document.faults == ()
    oars, gone, compact, sails = document.sections
    assert oars.heading.endswith("of this state and their lamps; exceptions.")
    assert oars.path == ("TITLE 31 - BOATS", "CHAPTER 5 - RULES OF THE LAKE", "ARTICLE 1 - IN GENERAL")
    assert [(label, page) for label, _, page in told(oars)] == [("a", 1), ("a/i", 1), ("a/ii", 1), ("b", 2), ("b#1", 2)]
    assert oars.paragraphs[0].text == (
        "(a) No boat shall be rowed by night on a lake that is named in subsections (b), (c), or (d) of this section,"
        " or as provided by W.S. 31-5-102. A lamp need not burn:"
    )
    assert (gone.coordinate, gone.standing) == ("us-wy/code/31-5-102", Standing.REPEALED)
    assert [text for _, text, _ in told(compact)] == ["ARTICLE I", "(a) The states agree on lamps."]
    assert sails.path[-1] == "ARTICLE 2 - SAILS"


def test_every_marker_of_a_code_begins_a_paragraph() -> None:
    """Long roman numbers, letters beside numbers and a marker alone on its line, without space between the lines."""
    marks = ("1.", "1A. Oars.", "2.", "a. Sails.", "(1) Lamps.", "3. Nets.")
    page = laid_out(bold("39-04-01. Definitions."), *(plain(one) for one in marks))
    (section,) = state_pdf.read(made([page]), place="US-ND").sections
    assert [label for label, _, _ in told(section)] == ["1", "1A", "2", "2/a", "2/a/1", "3"]
    romans = ("(lxvii) Oars;", "(lxviii) Sails.")
    page = laid_out(
        plain("31-5-102. Definitions.", 36), plain("(a) As used here:", 36), *(plain(r, 36) for r in romans)
    )
    (section,) = state_pdf.read(made([page]), place="US-WY").sections
    assert [label for label, _, _ in told(section)] == ["a", "a/lxvii", "a/lxviii"]


def test_a_list_of_contents_is_passed_and_a_head_without_text_is_told() -> None:
    contents = laid_out(plain("31-5-101.  Oars."), plain("31-5-102.  Sails."), plain("31-5-103.  Lamps."))
    law = laid_out(
        plain("31-5-101.  Oars."), FREE, plain("Two."), FREE, plain("31-5-102.  Sails."), FREE, plain("One.")
    )
    document = state_pdf.read(made([contents, law]), place="US-WY")
    assert [one.paragraphs[0].text for one in document.sections] == ["Two.", "One."]
    assert [one for one in document.faults if "31-5-103" in one] == [
        "us-wy/code/31-5-103: its head stands there without any text, and was left out"
    ]


def test_a_number_out_of_order_is_told() -> None:
    page = laid_out(plain("31-5-201.  Oars."), plain("Two. See:"), plain("31-5-101. Sails."))
    document = state_pdf.read(made([page]), place="US-WY")
    assert [one.coordinate for one in document.sections] == ["us-wy/code/31-5-201"]
    assert "31-5-101. Sails.' was read as text" in document.faults[0]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (made([NORTH[0], PIXEL]), "page 2 is a scan"),
        (made([f"{PIXEL} BT /F1 11 Tf 3 Tr 72 600 Td (39-04-05. Oars.) Tj ET"]), "page 1 is a scan"),
        (
            made([NORTH[0] + " BT /F1 10 Tf 3 Tr 72 300 Td (Boats are free.) Tj ET"]),
            "page 1 hides text .drawn in an inv",
        ),
        (made([NORTH[0] + " 1 g BT /F1 10 Tf 72 300 Td (Boats are free.) Tj ET"]), "page 1 hides text .in the colour"),
        (encrypted("secret"), "needs a password"),
        (b"<html>Not found</html>", "no PDF"),
        (made([NORTH[0]])[:400], "damaged|no pages"),
        (made([laid_out(plain("Boats are free."))]), "no section of US-ND"),
    ],
    ids=["scan", "scan with text", "invisible", "white", "encrypted", "html", "cut off", "no section"],
)
def test_what_cannot_be_read_whole_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ReadError, match=told):
        state_pdf.read(data, place="US-ND")


def test_both_sources_are_read_so() -> None:
    for coordinate, pages in (("us-nd/code/39-04-05", NORTH), ("us-wy/code/31-5-101", WEST)):
        source = source_at(coordinate)
        assert source
        assert source.reader is Reader.STATE_PDF
        assert coordinate in {one.coordinate for one in read(made(pages), source.reader, source).sections}
