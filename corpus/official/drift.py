"""Where our statements and the official text on disk no longer agree: what a person should look at again.

A finding is a doubt and not a verdict: a figure may stand in another paragraph, or follow from two of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from corpus import citations
from corpus.law import Statement
from corpus.library import Library
from corpus.official.quote import changes
from corpus.official.section import Standing, normalised
from corpus.official.store import Store, Version

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_SMALL)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORDED = re.compile(rf"\b(?:(?:{'|'.join([*_WORDS, *_SCALES])})(?:[\s-]+(?:and\s+)?|\b))+", re.I)
_DIGITS = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w*[a-z]{3})")
# Numbers that are addresses: "FMVSS 208", "H.B. 54 of the 136th General Assembly", "Form 7501", "section 4511.214".
_ADDRESS = re.compile(
    r"\b(?:FMVSS|Form|Box|Code|chapters?|sections?|parts?|title|paragraphs?|division|[SHA]\.? ?[BRF]\.?|P\.L\.|Act|"
    r"Standard(?: No\.)?|No\.)\s+[\dA-Z][\w.:()-]*(?:(?:, | and | or | to )\d[\w.:()-]*)*|\b\d+(?:st|nd|rd|th)\b"
)


class Sort(StrEnum):
    """What is the matter."""

    CHANGED = "changed"
    MISSING = "missing"
    FIGURE = "figure"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Drift:
    """One doubt about one statement.

    `changed`: its paragraph reads otherwise than when the statement was checked (`detail` tells how); `missing`: its
    section is held but has no such paragraph, or is repealed; `figure`: a number of the statement stands nowhere in
    the section; `elsewhere`: it stands in the section, but not in the paragraph that is cited.
    """

    statement: Statement
    sort: Sort
    detail: str


def drift(library: Library, store: Store, as_of: dt.date) -> Iterator[Drift]:
    """Every doubt about the statements in force on a day whose section is on disk, in the order of the book."""
    for statement in library.statements.values():
        if not statement.in_force(as_of):
            continue
        if held := store.holding(statement.coordinate, as_of):
            yield from _of(statement, *held, store)


def _of(statement: Statement, version: Version, labels: tuple[str, ...], store: Store) -> Iterator[Drift]:
    own = [p.text for p in version.paragraphs if p.labels[: len(labels)] == labels]
    if not own or version.standing is not Standing.OPERATIVE:
        what = version.standing.value if own else f"{version.coordinate} has no {'/'.join(labels)}"
        yield Drift(statement, Sort.MISSING, what)
        return
    before = [
        v for v in store.versions(version.coordinate) if statement.checked and v.effective_from <= statement.checked
    ]
    if before and (changed := changes(before[-1], version, labels)):
        yield Drift(statement, Sort.CHANGED, "; ".join(changed)[:300])
    ours = _digits(normalised(_without_addresses(statement.text)))
    leading = [p.text for p in version.paragraphs if p.labels == labels[: len(p.labels)]]  # the words it continues
    if lacking := ours - figures(" ".join((*leading, *own))):
        whole = " ".join((version.heading, *(p.text for p in version.paragraphs), *(n.text for n in version.notes)))
        nowhere = lacking - figures(whole)
        for sort, numbers in ((Sort.FIGURE, nowhere), (Sort.ELSEWHERE, lacking - nowhere)):
            if numbers:
                yield Drift(statement, sort, ", ".join(f"{n:,.10g}" if n > 2100 else f"{n:g}" for n in sorted(numbers)))


def figures(text: str) -> frozenset[float]:
    """Every number of a text, in digits or in words, without those inside a citation."""
    plain = normalised(text)
    found = set(_digits(plain))
    for match in _WORDED.finditer(plain):
        found |= _worded(re.findall(r"[a-z]+", match[0].lower()))
    return frozenset(found)


def _digits(plain: str) -> frozenset[float]:
    return frozenset(float(m[0].replace(",", "").rstrip(".")) for m in _DIGITS.finditer(plain))


def _worded(words: list[str]) -> set[float]:
    """ "twenty-five" as 25, "two thousand five hundred" as 2500; also each part, for lists of numbers."""
    total = current = 0
    parts: set[float] = set()
    for word in (w for w in words if w != "and"):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word != "hundred":
                total, current = total + current, 0
        else:
            current += _WORDS[word]
            parts.add(float(_WORDS[word]))
    return parts | {float(total + current)}


def _without_addresses(text: str) -> str:
    for found in reversed(citations.find(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return _ADDRESS.sub(" ", text)
