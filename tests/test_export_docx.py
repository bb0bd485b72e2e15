"""The Word memo, read back: headings, links, page fields, properties; the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import docx
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings

from assistant.contract import Answer
from assistant.export import export
from corpus.firm.docx import read as read_as_paper
from corpus.library import Library
from tests.memos import ANY_TEXT, CONFIRMED, DAY, HOSTILE, OFFICIAL, Turn, answer, source, thread


def written(library: Library, *turns: Turn | Answer) -> bytes:
    return export(turns, "docx", exported=DAY, library=library)


def read(library: Library, *turns: Turn | Answer) -> Document:
    return docx.Document(io.BytesIO(written(library, *turns)))


def headings(document: Document) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in document.paragraphs if p.style and (p.style.name or "").startswith("Head")]


def test_headings_are_real_ones(library: Library) -> None:
    document = read(library, answer(library))
    assert document.paragraphs[0].style
    assert document.paragraphs[0].style.name == "Title"
    assert headings(document) == [
        ("Heading 1", "Question"),
        ("Heading 2", "Answer"),
        ("Heading 3", "Texas"),
        ("Heading 2", "Sources"),
        ("Heading 3", "[1] 49 U.S.C. § 30112(b)(9)"),
        ("Heading 3", "[2] Survey of Texas sources, November 23, 2026"),
        ("Heading 1", "About this memo"),
    ]
    assert not document.tables


def test_everything_that_a_client_needs_stands_in_it(library: Library) -> None:
    paragraphs = [p.text for p in read(library, answer(library)).paragraphs]
    for said in (
        "Law as of: November 25, 2026",
        "Import: Yes, it is at least 25 years old [1].",
        "No limit was found [2]. (not confirmed against the official text)",
        f"Official text: “{OFFICIAL}”",
        "Sources disagree. One says so [1].",
        "Pending. A bill is no law.",
    ):
        assert said in paragraphs, said
    assert sum(p.startswith("NOT CONFIRMED") for p in paragraphs) == 1


def test_marks_lead_to_bookmarks_and_sources_to_official_pages(library: Library) -> None:
    document = read(library, *thread(library))
    body = document.element.body
    bookmarks = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    anchors = {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))} - {None}
    assert bookmarks == [f"source_{turn}_{n}" for turn in (1, 2) for n in (1, 2)]
    assert anchors == set(bookmarks)
    numbers = [one.get(qn("w:id")) for one in body.iter(qn("w:bookmarkStart"))]
    assert len(set(numbers)) == len(numbers)
    pages = {one.target_ref for one in document.part.rels.values() if one.is_external}
    assert pages == {one.url for one in answer(library).citations}


def test_pages_are_numbered_and_headed(library: Library) -> None:
    section = read(library, answer(library)).sections[0]
    fields = [one.get(qn("w:instr")) for one in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert [p.text for p in section.header.paragraphs] == [
        "Can I import a 1999 Suzuki Carry?",
        "Law as of November 25, 2026",
    ]
    assert section.page_width
    assert section.page_width.inches == 8.5


def test_nothing_of_this_machine_or_the_template_is_in_it(library: Library) -> None:
    data = written(library, answer(library))
    told = docx.Document(io.BytesIO(data)).core_properties
    assert (told.title, told.author) == ("Can I import a 1999 Suzuki Carry?", "Kei Assistant")
    assert told.last_modified_by == "Kei Assistant"
    assert told.language == "en-US"
    assert told.created == told.modified == dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        whole = b"".join(package.read(name) for name in package.namelist())
        styles = package.read("word/styles.xml").decode()
    assert not re.search(rb"python-docx|Macintosh|thumbnail", whole)
    assert 'w:val="en-US"' in styles


def test_our_own_reader_finds_nothing_hidden_in_it(library: Library) -> None:
    paper = read_as_paper(written(library, answer(library)), name="memo.docx")
    assert not paper.flags
    assert paper.title == "Can I import a 1999 Suzuki Carry?"


def test_no_text_is_markup(library: Library) -> None:
    one = source(library, 1, CONFIRMED, official_text=HOSTILE, title=HOSTILE, citation="§ <b>1</b> &")
    document = read(library, answer(library, one, text=f"No: {HOSTILE}", question=HOSTILE))
    text = "\n".join(p.text for p in document.paragraphs)
    shown = "<b>bold</b> & <img src='http://leak.example/x.png'/> </para> ]]> &lt; **not bold"
    assert text.count(shown) >= 4
    assert "軽トラック ≤ → § “quoted” – Tōkyō é 😀 [U+0000][U+0007][U+D800][U+202E][U+FFFE]" in text
    assert "stands for a character that cannot be shown" in text
    assert ("Heading 3", "[1] § <b>1</b> &") in headings(document)


def test_the_same_memo_gives_the_same_bytes(library: Library) -> None:
    assert written(library, *thread(library)) == written(library, *thread(library))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_written(library: Library, asked: str, said: str, official: str) -> None:
    one = source(library, 1, CONFIRMED, official_text=official, official_source=said, url=asked, statement=said)
    document = read(library, answer(library, one, text=said, question=asked, understood=official))
    assert headings(document)[-1] == ("Heading 1", "About this memo")
