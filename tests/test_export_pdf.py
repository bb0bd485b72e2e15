"""The PDF memo, read back: text, links, outline, pages, characters; the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from pypdf import PdfReader

from assistant.contract import Answer
from assistant.export import export
from assistant.export.typeface import JAPANESE, PLAIN, SYMBOL, TEXT, pieces, register
from corpus.library import Library
from tests.memos import ANY_TEXT, CONFIRMED, DAY, HOSTILE, OFFICIAL, Turn, answer, source, thread


def read(library: Library, *turns: Turn | Answer) -> PdfReader:
    return PdfReader(io.BytesIO(export(turns, "pdf", exported=DAY, library=library)))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def outline_of(entries: list[object]) -> list[str]:
    found: list[str] = []
    for one in entries:
        found += outline_of(one) if isinstance(one, list) else [one["/Title"]]  # type: ignore[index]
    return found


def test_everything_that_a_client_needs_stands_in_it(library: Library) -> None:
    reader = read(library, answer(library))
    text = text_of(reader)
    for said in (
        "Re: Can I import a 1999 Suzuki Carry?",
        "Date: November 25, 2026",
        "Import: Yes, it is at least 25 years old [1].",
        "Sources disagree. One says so [1].",
        "[1] 49 U.S.C. § 30112(b)(9)",
        f"Official text: “{OFFICIAL}”",
        "Official text from: a test, known for 2026-11-18",
        "Text last checked: April 20, 2023",
        "NOT CONFIRMED against the official text.",
        "f" * 32,
        "This is information, not legal advice.",
    ):
        assert said in text.replace("\N{NO-BREAK SPACE}", " "), said


def test_the_file_says_what_it_is(library: Library) -> None:
    reader = read(library, answer(library))
    assert reader.metadata
    assert reader.metadata.title == "Can I import a 1999 Suzuki Carry?"
    assert reader.metadata.author == "Kei Assistant"
    assert reader.metadata.creation_date == dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    assert reader.trailer["/Root"]["/Lang"] == "en-US"
    width, height = reader.pages[0].mediabox[2:]
    assert (float(width), float(height)) == (612, 792)
    expected = ["Question: Can I import a 1999 Suzuki Carry?", "Answer", "Sources", "[1] 49 U.S.C. § 30112(b)(9)"]
    assert outline_of(reader.outline)[:4] == expected


def source_headings(reader: PdfReader) -> dict[tuple[int, int], str]:
    """Page and height in points, in whole numbers, to the heading of a source there."""
    found: dict[tuple[int, int], str] = {}
    for n, page in enumerate(reader.pages):

        def visit(text: str, moved: list[float], at: list[float], *font: object, n: int = n) -> None:
            if re.match(r"\[\d\] (?:49 U|Survey)", text):
                found[n, round(moved[5] + at[5])] = text.strip()

        page.extract_text(visitor_text=visit)
    return found


def test_marks_lead_to_their_sources_and_sources_to_the_official_pages(library: Library) -> None:
    reader = read(library, *thread(library))
    headings = source_headings(reader)
    assert len(headings) == 4
    reached, outside = set[tuple[int, int]](), set[str]()
    for page in reader.pages:
        for one in page.get("/Annots", []):
            link = one.get_object()
            if "/A" in link:
                outside.add(link["/A"]["/URI"])
                continue
            target, _, _, top, _ = link["/Dest"]
            number = reader.get_page_number(target.get_object())
            reached |= {at for at in headings if at[0] == number and 0 < float(top) - at[1] < 20}
    assert reached == set(headings)
    assert outside == {one.url for one in answer(library).citations}


def test_every_page_has_head_and_foot(library: Library) -> None:
    reader = read(library, *thread(library))
    assert len(reader.pages) >= 2
    for n, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert f"Page {n} of {len(reader.pages)}" in text
        assert "Law as of November 25, 2026; January 2, 2025" in text
        assert "Can I import a Carry?" in text


def test_a_source_stays_on_one_page_and_a_long_official_text_goes_on(library: Library) -> None:
    twelve = [source(library, n, CONFIRMED, official_text=OFFICIAL * 5) for n in range(1, 13)]
    marks = "".join(f"[{n}]" for n in range(1, 13))
    reader = read(library, answer(library, *twelve, text=f"Yes {marks}."))
    for page in reader.pages:
        text = page.extract_text()
        assert len(re.findall(r"^\[\d+\] 49 U\.S\.C\.", text, re.M)) == text.count("Official page:")
    words = [f"word{n}" for n in range(3_000)]
    long = source(library, 1, CONFIRMED, official_text=" ".join(words))
    assert set(words) <= set(re.findall(r"word\d+", text_of(read(library, answer(library, long)))))


def test_no_text_is_markup_and_every_character_is_shown_or_spelled(library: Library) -> None:
    one = source(
        library, 1, CONFIRMED, official_text=HOSTILE, title=HOSTILE, statement=HOSTILE, citation="§ <b>1</b> &"
    )
    reader = read(library, answer(library, one, text=f"No: {HOSTILE}", question=HOSTILE, understood=HOSTILE))
    text = text_of(reader)
    assert text.count("<b>bold</b> & <img src='http://leak.example/x.png'/> </para> ]]> &lt; **not bold") >= 5
    assert "§ <b>1</b> &" in text
    for said in ("軽トラック", "≤ → § “quoted” – Tokyo é", "[U+1F600]", "[U+0000][U+0007][U+D800][U+202E][U+FFFE]"):
        assert said in text, said
    assert "Letters whose accents the fonts of this PDF lack" in text
    assert "stands for a character that cannot be shown" in text
    assert "leak.example" not in repr([page.get("/Annots") for page in reader.pages])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a§ “b” – é€", [(TEXT, "a§ “b” – é€")]),
        ("x ≤ y → z", [(TEXT, "x "), (SYMBOL, "≤"), (TEXT, " y "), (SYMBOL, "→"), (TEXT, " z")]),
        ("č", [(PLAIN, "č")]),
        ("軽トラ。", [(JAPANESE, "軽トラ。")]),
        ("e\u0301", [(TEXT, "é")]),
        ("Tōkyō", [(TEXT, "Tokyo")]),
        ("한", [(TEXT, "[U+D55C]")]),
        ("co\u00adop\u2011er\u2009ate", [(TEXT, "coop-er ate")]),
    ],
)
def test_the_font_of_a_character(text: str, expected: list[tuple[str, str]]) -> None:
    register()
    assert pieces(text) == expected


def test_the_same_memo_gives_the_same_bytes(library: Library) -> None:
    one, other = (export(thread(library), "pdf", exported=DAY, library=library) for _ in range(2))
    assert one == other
    assert one != export(thread(library), "pdf", exported=dt.date(2026, 11, 26), library=library)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_printed(library: Library, asked: str, said: str, official: str) -> None:
    one = source(library, 1, CONFIRMED, official_text=official, official_source=said, url=asked, statement=said)
    reader = read(library, answer(library, one, text=said, question=asked, understood=official))
    assert "Page 1 of" in text_of(reader)
