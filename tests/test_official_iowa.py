"""The Iowa reader: on an invented chapter about bicycles, and on the chapters of the real code beside the project."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.official.iowa import read
from corpus.official.section import Document, ReadError, Standing
from tests.conftest import SHARED, missing

REAL = SHARED / "official" / "iowa-code-2026-rtf"
LINES = (
    "CHAPTER 900",
    "BICYCLES",
    "900.1\\~\\~Bells.",
    "\\~\\~1.\\~\\~a.\\~\\~A bicycle shall have a bell.",
    "\\~\\~b.\\~\\~A bell shall ring.",
    "\\~\\~(1)\\~\\~Loudly.",
    "\\~\\~(a)\\~\\~By day.",
    "\\~\\~1A.\\~\\~A horn is no bell.",
    "[C39, \\'a75; C46, \\'a76]",
    "2020 Acts, ch 1, \\'a72",
    "Referred to in \\'a7900.2",
    "LIGHTS",
    "900.2 through 900.4\\~\\~Reserved.",
    "900.5\\~\\~Lamps.",
    "A lamp shall shine.",
)


def rtf(*lines: str) -> bytes:
    return ("{\\rtf1\\ansi " + "\\par ".join(lines) + "}").encode("ascii")


def test_sections_levels_and_notes_are_told_apart() -> None:
    bells, reserved, lamps = read(rtf(*LINES)).sections
    assert [(p.labels, p.text) for p in bells.paragraphs] == [
        (("1",), "1."),
        (("1", "a"), "a. A bicycle shall have a bell."),
        (("1", "b"), "b. A bell shall ring."),
        (("1", "b", "1"), "(1) Loudly."),
        (("1", "b", "1", "a"), "(a) By day."),
        (("1A",), "1A. A horn is no bell."),
    ]
    assert bells.path == ("Chapter 900 BICYCLES",)
    assert [n.text.split(" ")[0] for n in bells.notes] == ["[C39,", "2020", "Referred"]
    assert (reserved.coordinate, reserved.standing) == ("us-ia/code/900.2", Standing.RESERVED)
    assert (lamps.path[-1], lamps.paragraphs[0].labels) == ("LIGHTS", ())


@pytest.mark.parametrize("data", [b"", b"<html>", rtf("Nothing here."), rtf(*LINES)[:-1]])
def test_what_is_no_whole_chapter_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError):
        read(data)


@pytest.fixture(scope="module")
def chapters() -> tuple[Document, ...]:
    if not REAL.is_dir():
        missing("../shared/official/iowa-code-2026-rtf")
    return tuple(read(path.read_bytes()) for path in sorted(REAL.glob("*.rtf")))


def test_the_label_rule_of_iowa_has_its_pinpoint(chapters: tuple[Document, ...]) -> None:
    (rule,) = [s for d in chapters for s in d.sections if s.coordinate == "us-ia/code/321.30"]
    (paragraph,) = [p for p in rule.paragraphs if p.labels == ("2", "a")]
    assert "label pursuant to 49" in paragraph.text
    assert [p.labels for p in rule.paragraphs][-4:] == [("2",), ("2", "a"), ("2", "b"), ("3",)]


def test_every_paragraph_has_its_own_place_and_no_note_is_law(chapters: tuple[Document, ...]) -> None:
    assert sum(len(d.sections) for d in chapters) > 500
    for section in (s for d in chapters for s in d.sections):
        places = Counter((p.labels, p.nth) for p in section.paragraphs if not p.ambiguous)
        assert [place for place, n in places.items() if n > 1] == [], section.coordinate
        assert not [p.text for p in section.paragraphs if p.text.startswith(("Referred to in", "[C"))]
