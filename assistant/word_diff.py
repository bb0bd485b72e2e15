"""What changed from one text to another, word by word."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Piece:
    """Words in a row that both texts have (`same`), only the old one (`gone`) or only the new one (`new`)."""

    kind: Literal["same", "gone", "new"]
    words: str


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces in order, what is gone before what is new in its place; white space between words does not count."""
    return tuple(_pieces(old.split(), new.split()))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", " ".join(before[a:b]))
            continue
        if b > a:
            yield Piece("gone", " ".join(before[a:b]))
        if d > c:
            yield Piece("new", " ".join(after[c:d]))
