"""The official words that stand at a pinpoint: a quotation that never stops where its meaning would change."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from corpus.official.section import Kind, Paragraph
from corpus.official.store import Version

LONGEST = 700
# What turns the sense of the words before it; a quotation that has begun must run through it.
_TURNS = re.compile(r"\b(?:except|unless|provided|however|but|other than|does not apply|notwithstanding)\b", re.I)
_MARK = re.compile(r"\[(\d+)\]")
_ADDRESS = re.compile(r"(?i)(?:\b(?:https?|ftp|javascript|mailto):(?://)?|\bwww\.|(?<![:\w])//(?=\w))[^\s<>\"“”)]*")
_STOP = re.compile(r"[.;:](?=\s|$)")


@dataclass(frozen=True)
class Quotation:
    """Words at a pinpoint. `lead_in` is the text that the paragraph continues ("This section does not apply to—"),
    `text` its own words and those of the paragraphs below it, in order; `cut` says that more follows."""

    lead_in: str
    text: str
    cut: bool
    ambiguous: bool

    def __str__(self) -> str:
        """One text, with an ellipsis where words between are left out."""
        return (
            f"{self.lead_in} … {self.text}{' …' if self.cut else ''}"
            if self.lead_in
            else f"{self.text}{' …' * self.cut}"
        )


def quotation(version: Version, labels: tuple[str, ...]) -> Quotation | None:
    """What the version says at these labels and below; None when it has no such paragraph."""
    own = [p for p in version.paragraphs if p.labels[: len(labels)] == labels and p.kind is not Kind.FOOTNOTE]
    if not own:
        return None
    text = " ".join(p.text for p in own)
    shown = cut(text)
    return Quotation(_lead_in(version, own[0]), shown, len(shown) < len(text), any(p.ambiguous for p in own))


def quotable(text: str) -> str:
    """Words that can stand between quotation marks in an answer: no mark of a source, no address, no mark that would
    end the quotation."""
    plain = _ADDRESS.sub("(address left out)", _MARK.sub(r"(\1)", text))
    return plain.replace("“", "‘").replace("”", "’")


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning up to the last stop before `longest`; a turn of its sense is never left off."""
    if len(text) <= longest:
        return text
    stops = [m.end() for m in _STOP.finditer(text)]
    end = max((stop for stop in stops if stop <= longest), default=next(iter(stops), len(text)))
    turns = [m.start() for m in _TURNS.finditer(text) if m.start() >= end]
    if not turns:
        return text[:end]
    return text[: next((stop for stop in stops if stop > turns[-1]), len(text))]


def _lead_in(version: Version, first: Paragraph) -> str:
    """The words above that the paragraph continues: those of the nearest level up that end in a dash or colon."""
    before = version.paragraphs[: version.paragraphs.index(first)]
    for depth in range(len(first.labels) - 1, -1, -1):
        above = next((p for p in before if p.labels == first.labels[:depth] and p.nth == 0), None)
        if above:
            return above.text if re.search(r"[-—–:]\W*$", above.text) else ""
    return ""


def changes(old: Version, new: Version, labels: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What differs between two versions of a paragraph, word by word: lines of "- words" and "+ words"."""
    before, after = (
        " ".join(p.text for p in v.paragraphs if p.labels[: len(labels)] == labels).split() for v in (old, new)
    )
    found = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            found += [f"- {' '.join(before[a:b])}"] * (b > a) + [f"+ {' '.join(after[c:d])}"] * (d > c)
    return tuple(found)
