"""What a memo says: the answer's blocks and marks, the sources in words, and the names of the files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.contract import Answer, Note
from assistant.export import export, file_name
from assistant.export.legible import legible
from assistant.export.markdown import Block, Span, blocks
from assistant.export.memo import memo
from assistant.labels import AUTHORITY
from corpus.law import Authority
from corpus.library import Library
from tests.memos import CONFIRMED, DAY, OFFICIAL, answer, source, thread

HELD = frozenset({1, 2})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes [1].", [Block("paragraph", ((Span("Yes "), Span("[1]", source=1), Span(".")),))]),
        ("Yes [1][3].", [Block("paragraph", ((Span("Yes "), Span("[1]", source=1), Span(".")),))]),
        ("**Texas**", [Block("heading", ((Span("Texas"),),))]),
        ("**Texas:** no", [Block("paragraph", ((Span("Texas:", bold=True), Span(" no")),))]),
        ("- a\n- *b*", [Block("bullets", ((Span("a"),), (Span("b", italic=True),)))]),
        ("> **X.** a\n>\n> b", [Block("quote", ((Span("X.", bold=True), Span(" a")), (Span("b"),)))]),
        ("2 * 3 and 4 * 5 ** 6", [Block("paragraph", ((Span("2 * 3 and 4 * 5 ** 6"),),))]),
        ("*see [2]*", [Block("paragraph", ((Span("see ", italic=True), Span("[2]", italic=True, source=2)),))]),
        ("a\n\n\n\n  \n\nb", [Block("paragraph", ((Span("a"),),)), Block("paragraph", ((Span("b"),),))]),
        (">\n>", []),
        ("", []),
    ],
)
def test_the_markdown_of_an_answer_becomes_blocks(text: str, expected: list[Block]) -> None:
    assert list(blocks(text, HELD)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a\tb", "a b"),
        ("\x00\x1b[31m", "[U+0000][U+001B][31m"),
        ("\ud800 \ufffe \U0001ffff", "[U+D800] [U+FFFE] [U+1FFFF]"),
        ("\u202etxet", "[U+202E]txet"),
        ("軽トラ § “é” ≤ 😀", "軽トラ § “é” ≤ 😀"),
    ],
)
def test_what_cannot_be_shown_is_written_as_its_number(text: str, expected: str) -> None:
    assert legible(text) == expected


def test_a_memo_of_one_answer(library: Library) -> None:
    told = memo([answer(library)], exported=DAY)
    (section,) = told.sections
    assert told.title == section.question == "Can I import a 1999 Suzuki Carry?"
    assert ("Law as of", "November 25, 2026") in told.facts
    assert ("Places", "Federal, Texas") in section.facts
    assert ("Fingerprint", "f" * 32) in section.facts
    assert [block.kind for block in section.blocks] == ["paragraph", "heading", "bullets", "quote", "quote"]
    assert "not legal advice" not in repr(section.blocks)
    assert "not legal advice" in told.disclaimer
    first, second = section.sources
    assert (first.n, first.citation, first.official) == (1, "49 U.S.C. § 30112(b)(9)", OFFICIAL)
    assert first.doubt is None
    assert first.official_source == "a test, known for 2026-11-18"
    assert first.link
    assert first.link.startswith("https://uscode.house.gov/")
    assert ("Text last checked", "April 20, 2023") in first.facts
    assert ("Attorney review", "None yet") in first.facts
    assert second.doubt
    assert second.doubt.startswith("NOT CONFIRMED")
    assert second.kind == "Overview page, not law · Texas"


def test_notes_that_the_answer_does_not_say_are_added_once(library: Library) -> None:
    (section,) = memo([answer(library)], exported=DAY).sections
    assert repr(section.blocks).count("One says so") == 1
    assert section.blocks[-1] == Block("quote", ((Span("Pending.", bold=True), Span(" A bill is no law.")),))
    unlabelled = answer(library, notes=(Note(kind="premise", text="No rule changed [1]."),))
    assert memo([unlabelled], exported=DAY).sections[0].blocks[-1].items[0][0] == Span("No rule changed ")


def test_a_thread_keeps_each_turns_own_numbers(library: Library) -> None:
    told = memo(thread(library), exported=DAY)
    assert told.title == "Can I import a Carry? (and 2 more questions)"
    assert told.as_of == "November 25, 2026; January 2, 2025"
    assert [s.headings.question for s in told.sections] == [f"Question {n} of 3" for n in (1, 2, 3)]
    assert [s.headings.sources for s in told.sections] == [f"Sources of answer {n}" for n in (1, 2, 3)]
    assert [[one.n for one in s.sources] for s in told.sections] == [[1, 2], [1, 2], []]
    assert told.sections[0].anchor(1) != told.sections[1].anchor(1)
    assert told.sections[1].understood == "Can I import one to Ohio?"
    assert ("Asked", "November 25, 2026, 13:20 UTC") in told.sections[0].facts
    assert ("Outcome", "Not answered") in told.sections[2].facts
    assert any("numbers its own sources" in remark for remark in told.remarks)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://x.example/a?b=1&c=(2)", "https://x.example/a?b=1&c=(2)"),
        ('https://x.example/"><b>軽', "https://x.example/%22%3E%3Cb%3E%E8%BB%BD"),
        ("javascript:alert(1)", None),
        ("//x.example/a", None),
        ("http://[broken", None),
        ("client-alert.pdf", None),
    ],
)
def test_only_web_addresses_are_links(library: Library, url: str, link: str | None) -> None:
    one = answer(library, source(library, 1, CONFIRMED, url=url))
    (shown,) = memo([one], exported=DAY).sections[0].sources
    assert (shown.address, shown.link) == (url, link)
    assert shown.words_are == ("In our words" if link else "In the words of this paper")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("US", "US-TX"), "kei-memo-2026-11-25-texas.pdf"),
        (("US", "US-NC", "US-TX"), "kei-memo-2026-11-25-north-carolina-texas.pdf"),
        (("US-TX", "US-OH", "US-GA"), "kei-memo-2026-11-25-several-states.pdf"),
        (("US",), "kei-memo-2026-11-25-federal.pdf"),
        (("../../x",), "kei-memo-2026-11-25-x.pdf"),
        (("軽",), "kei-memo-2026-11-25-federal.pdf"),
    ],
)
def test_a_file_name_holds_the_day_and_the_places(library: Library, places: tuple[str, ...], expected: str) -> None:
    assert file_name([answer(library, places=places)], "pdf", exported=DAY) == expected


@pytest.mark.parametrize("form", ["docx", "pdf", "bundle"])
def test_nothing_is_not_exported(library: Library, form: str) -> None:
    with pytest.raises(ValueError, match="nothing to export"):
        export([], form, exported=DAY, library=library)  # type: ignore[arg-type]


def test_every_kind_of_authority_has_words() -> None:
    assert set(AUTHORITY) == set(Authority)


def test_every_mark_of_a_real_answer_has_its_source(ask: Callable[..., Answer]) -> None:
    real = ask("Can I import a 1999 Suzuki Carry and drive it in Texas?")
    (section,) = memo([real], exported=DAY).sections
    marks = {one.source for block in section.blocks for item in block.items for one in item} - {None}
    assert marks == {one.n for one in section.sources}
    assert marks == {one.n for one in real.citations}
