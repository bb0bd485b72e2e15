"""The United States Code in the Markdown of publicdocs: an invented law of bicycles, and the real files."""

from __future__ import annotations

import re
import time
from collections import Counter
from functools import cache

import pytest

from corpus import citations
from corpus.official import uscode_markdown, uslm
from corpus.official.section import Document, Kind, Paragraph, ReadError, Section, Standing, letters
from tests.conftest import SHARED, missing

OFFICIAL = SHARED / "official"
FILES = OFFICIAL / "uscode-publicdocs-md"
REBUILT = ("usc42-ch85-II-A", "usc49-ch301")
# Where the rebuilt XML is not the Markdown: § 30114 keeps link marks (official-sources.md, section 1); three sections
# of chapter 85 end at their first table, 7545(c)(4)(C)(v) lost its place with its indent, 7551 takes a note for law.
OTHERWISE = {f"us/usc/42/{n}" for n in (7521, 7541, 7545, 7551)} | {"us/usc/49/30114"}
_FOOTNOTE = re.compile(r"<sup>\s*\\?\[\s*\w+\s*\\?\]\s*</sup>\s*<sup><sup>[^<]*</sup></sup>")

INDENT = "\u00a0 " * 4
LAW = """
+(a)  __General__  __.—__
+The [Office of Bells][/us/usc/t99/s3] shall—
++(1) ring;  <sup>\\[1\\]</sup>  <sup><sup> 1\u202fSo in original. </sup></sup>  and
++(2)
++ for every rider—
+++(A) \\[sing\\]; or
+++(B) hum.
++Nothing here forbids whistling.
+(b) __Hours__
++The hours are these:
<table>
  <tr>
    <td colspan="2">
++(3) Hours  </td>
  </tr>
  <tr><td> Day  </td><td> 8&ndash;9  </td></tr>
</table>
++After these the Office rests.
+(c) Bells are of
++(1) brass.
+Or of tin.
([Pub. L. 1–1][/us/pl/1/1], § 1, May 1, 1901, [1 Stat. 1][/us/stat/1/1].)
<table>
  <tr><td> Historical and Revision Notes  </td></tr>
</table>
 __Amendments__
+1902—Subsec. (a). [Pub. L. 2–2][/us/pl/2/2] added par. (2).
 __Effective Date__
> “This Act \\[this chapter\\] is in effect.”
"""


def file(body: str, heading: str = "## §\u202f12A–7. Bells", ref: str = "/us/usc/t99/s12A–7") -> bytes:
    """A file as publicdocs lays it out, `+` for one level of indent."""
    law = "\n\n".join(re.sub(r"^\++", lambda m: INDENT * len(m[0]), line) for line in body.strip("\n").split("\n"))
    wrapper = "[Previous](./x.md) | [Other Versions](https://publicdocs.github.io/go)"
    return f"""---\n---\n\n# 99 U.S.C., USLM ref {ref}\n\n* Portions Copyright © 2016 publicdocs.\n
----------\n----------\n\n{wrapper}\n\n{heading}\n\n{law}\n\n----------\n\n{wrapper}\n\n----------\n----------\n
[/us/usc/t99/s3]: https://publicdocs.github.io/go\n""".encode()


def only(data: bytes) -> Section:
    (section,) = uscode_markdown.read(data, title="99").sections
    return section


def test_a_section_is_read_from_its_indentation() -> None:
    bells = only(file(LAW))
    assert (bells.coordinate, bells.heading, bells.path) == ("us/usc/99/12a-7", "Bells", ())
    assert [("/".join(p.labels), p.nth, p.text) for p in bells.paragraphs] == [
        ("a", 0, "(a) General.—The Office of Bells shall—"),
        ("a/1", 0, "(1) ring; and"),
        ("a/2", 0, "(2) for every rider—"),
        ("a/2/A", 0, "(A) [sing]; or"),
        ("a/2/B", 0, "(B) hum."),
        ("a/2", 1, "Nothing here forbids whistling."),
        ("b", 0, "(b) Hours The hours are these:"),
        ("b", 1, "(3) Hours Day 8–9"),
        ("b", 2, "After these the Office rests."),
        ("c", 0, "(c) Bells are of"),
        ("c/1", 0, "(1) brass."),
        ("c", 1, "Or of tin."),
    ]
    # Flush on the indent of a level that has members: the end of its list, or of the list it stands in.
    assert [(p.labels, p.nth) for p in bells.paragraphs if p.ambiguous] == [(("a", "2"), 1), (("c",), 1)]
    assert [p.nth for p in bells.paragraphs if p.kind is Kind.TABLE] == [1]


def test_what_is_not_law_is_a_note_and_the_wrapper_is_nothing() -> None:
    bells = only(file(LAW))
    assert [(note.kind, note.text) for note in bells.notes] == [
        ("footnote", "1 So in original."),
        ("source credit", "(Pub. L. 1–1, § 1, May 1, 1901, 1 Stat. 1.)"),
        ("note", "Historical and Revision Notes"),
        ("amendments", "1902—Subsec. (a). Pub. L. 2–2 added par. (2)."),
        ("effective date", "“This Act [this chapter] is in effect.”"),
    ]
    assert "publicdocs" not in repr(bells)


def test_flush_text_on_the_indent_of_its_list_belongs_above_it() -> None:
    bells = only(file("+(a) The Office—\n++(1) rings; and\n++(2) sings.\n++It may hum.\n+(b) It rests.\nLost indent."))
    labels = [("/".join(p.labels), p.nth, p.ambiguous) for p in bells.paragraphs]
    assert labels[3:] == [("a", 1, False), ("b", 0, False), ("b", 1, True)]


def test_a_section_that_ended_has_notes_only() -> None:
    gone = only(
        file("+Section, act of 1901, told of bells.", "## \\[§\u202f12A–7. Repealed. [Pub. L. 9–9][/us/pl/9/9]\\]")
    )
    assert (gone.standing, gone.paragraphs) == (Standing.REPEALED, ())
    assert gone.heading == "Repealed. Pub. L. 9–9"
    assert gone.notes[0].kind == "note"


def test_a_chapter_file_holds_no_section() -> None:
    document = uscode_markdown.read(file("", "#### CHAPTER 1—BELLS", "/us/usc/t99/ch1"), title="99")
    assert document.sections == ()
    assert "/us/usc/t99/ch1" in document.faults[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no line"),
        (b"\xff\xfe", "UTF-8"),
        (file(LAW).replace(b"# 99 U.S.C.", b"# Bells"), "no line"),
        (file(LAW, ref="/us/usc/t98/s1"), "title 98"),
        (file(LAW, ref="/us/usc/t99/ch1"), "not the identifier"),
        (file(LAW, "## Bells"), "no number"),
        (file("+(a) See:\n<table>\n <tr><td>x</td></tr>"), "does not end"),
    ],
)
def test_other_files_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        uscode_markdown.read(data, title="99")


def real() -> dict[str, Document]:
    if not FILES.is_dir():
        missing("the official text (../shared/official)")
    return _real()


@cache
def _real() -> dict[str, Document]:
    return {
        str(path): uscode_markdown.read(path.read_bytes(), title=path.parent.name.removeprefix("usc"))
        for path in sorted(FILES.glob("*/*.md"))
    }


def sections() -> dict[str, Section]:
    return {s.coordinate: s for document in real().values() for s in document.sections}


def at(coordinate: str, labels: str, nth: int = 0) -> Paragraph:
    held = sections()[coordinate].paragraphs
    (paragraph,) = [p for p in held if (p.labels, p.nth) == (tuple(labels.split("/")), nth)]
    return paragraph


def test_every_real_file_is_a_section_or_contents() -> None:
    assert Counter(len(document.sections) for document in real().values()) == {1: 155, 0: 15}
    assert len(sections()) == 155


def test_every_real_section_has_its_paragraphs_unique_and_clean() -> None:
    for coordinate, section in sections().items():
        held = Counter((p.labels, p.nth) for p in section.paragraphs if not p.ambiguous)
        assert set(held.values()) <= {1}, coordinate
        assert section.paragraphs or section.standing is not Standing.OPERATIVE, coordinate
        assert citations.canonical(coordinate)
        assert "publicdocs" not in repr(section), coordinate
        for paragraph in section.paragraphs:
            assert not re.search(r"__|</?\w+>|\]\[|\\|So in original|^\(Pub\. L\.", paragraph.text), coordinate
    counted = [p for section in sections().values() for p in section.paragraphs]
    assert len(counted) == 2952
    assert {s for s in sections() for p in sections()[s].paragraphs if p.ambiguous} == {
        "us/usc/42/7521",  # two subsections (f), two paragraphs (b)(3)
        "us/usc/42/7545",  # two clauses (v), flush text twice
    }


def test_the_golden_paragraphs() -> None:
    assert at("us/usc/49/30112", "b/9").text.startswith("(9) a motor vehicle")
    assert at("us/usc/42/7522", "a", 1).text.startswith("No action with respect")
    assert at("us/usc/49/30114", "a").text.startswith("(a) Vehicles Used for")
    assert at("us/usc/49/32304a", "a").labels == ("a",)
    assert sections()["us/usc/49/30168"].standing is Standing.REPEALED
    assert sections()["us/usc/42/7551"].standing is Standing.OMITTED
    assert sum(p.kind is Kind.TABLE for s in sections().values() for p in s.paragraphs) == 18


def test_the_markdown_and_the_xml_rebuilt_from_it_say_the_same() -> None:
    markdown, compared = sections(), 0
    for name in REBUILT:
        for section in uslm.read((OFFICIAL / f"uslm-rebuilt/{name}.rebuilt.xml").read_bytes()).sections:
            if section.coordinate in OTHERWISE:
                continue
            other, compared = markdown[section.coordinate], compared + 1
            # The XML has the Markdown's footnotes among its words.
            words = _FOOTNOTE.sub("", " ".join(p.text for p in section.paragraphs))
            assert letters([words]) == letters(p.text for p in other.paragraphs), section.coordinate
            assert [(p.labels, p.nth) for p in section.paragraphs] == [(p.labels, p.nth) for p in other.paragraphs]
            assert section.heading == other.heading
            if not _FOOTNOTE.search(section.source):
                assert section.hash == other.hash, section.coordinate
    assert compared == 60


def test_all_real_files_are_read_in_a_few_seconds() -> None:
    files = {path: path.read_bytes() for path in FILES.glob("*/*.md") if real()}
    began = time.perf_counter()
    for path, data in files.items():
        uscode_markdown.read(data, title=path.parent.name.removeprefix("usc"))
    assert time.perf_counter() - began < 5
