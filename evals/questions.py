"""The sixty retrieval questions with gold pinpoints (`questions.jsonl`), and what counts as a hit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from corpus.law import Statement

FILE = Path(__file__).with_name("questions.jsonl")


@dataclass(frozen=True)
class Question:
    """A client's question, its place (None is federal only) and the coordinates any of which decides it."""

    id: str
    question: str
    place: str | None
    gold: tuple[str, ...]

    def is_gold(self, statement: Statement) -> bool:
        """Whether a statement stands at or below one of the gold coordinates."""
        return any(statement.coordinate == g or statement.coordinate.startswith(f"{g}/") for g in self.gold)


def questions() -> tuple[Question, ...]:
    """All questions, in file order."""
    rows = (json.loads(line) for line in FILE.read_text("utf-8").splitlines())
    return tuple(Question(r["id"], r["question"], r["place"], tuple(r["gold"])) for r in rows)


def hit_rate(found: Iterable[bool]) -> float:
    """Share of questions with a hit."""
    held = list(found)
    return sum(held) / len(held)
