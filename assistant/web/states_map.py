"""The tile map: where each state stands on it, what its tile says on a day, and the questions that pick tiles out."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.contract import Ask
from assistant.memo import Research
from assistant.plans.several import STANDING, survey
from assistant.understand import understand
from corpus.library import Library
from corpus.verdicts import Place, Registration, Verdict

# The question whose answer the map is; the chat answers it with `plans.several.survey`.
SURVEY = "Which states register kei trucks?"


@dataclass(frozen=True)
class Tile:
    """One state on the map. `row` and `column` count from 1; `verdict` is None where the book has none for the day."""

    place: Place
    row: int
    column: int
    verdict: Verdict | None

    @property
    def code(self) -> str:
        """ "TX", as the tile shows it and its address names it."""
        return self.place.code.removeprefix("US-")

    @property
    def letter(self) -> str:
        """The sign of the position; a dash where there is none."""
        return letters()[self.verdict.registration] if self.verdict else "–"

    @property
    def label(self) -> str:
        """The whole tile in words: "Texas: ordinary road registration, medium confidence"."""
        if self.verdict is None:
            return f"{self.place.name}: no position in the book for that day"
        until = f", until {end}" if (end := self.verdict.effective.until) else ""
        position = f"{STANDING[self.verdict.registration]}{until}"
        return f"{self.place.name}: {position}, {self.verdict.confidence} confidence"


@dataclass(frozen=True)
class Question:
    """A question that the map answers by itself: the tiles whose position it `picks`, or whose support is (not) `sure`;
    None asks for neither."""

    key: str
    text: str
    picks: frozenset[Registration] | None
    sure: bool | None

    def meets(self, tile: Tile) -> bool:
        """Whether a tile belongs to the answer."""
        verdict = tile.verdict
        if verdict is None:
            return False
        picked = self.picks is None or verdict.registration in self.picks
        return picked and self.sure in (None, verdict.confidence.decides)


@dataclass(frozen=True)
class Group:
    """The tiles of one position, by name; `shown` are those that the chosen question picks."""

    registration: Registration
    words: str
    letter: str
    tiles: tuple[Tile, ...]
    shown: tuple[Tile, ...]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("tiles.toml").read_text("utf-8"))


@cache
def letters() -> dict[Registration, str]:
    """The letter of each position, in the order of the legend."""
    return {Registration(name): letter for name, letter in _table()["letters"].items()}


@cache
def questions() -> tuple[Question, ...]:
    """The questions of the map, in their order."""
    return tuple(
        Question(
            one["key"], one["text"],
            frozenset(map(Registration, one["picks"])) if "picks" in one else None,
            one.get("sure"),
        )
        for one in _table()["questions"]
    )  # fmt: skip


def asked(key: str) -> Question | None:
    """The question with this key; None for the whole map, and for a key that is none."""
    return next((one for one in questions() if one.key == key), None)


def tiles(library: Library, day: dt.date) -> tuple[Tile, ...]:
    """Every state of the book on a day, by name."""
    grid = _table()["tiles"]
    held = sorted(library.places.values(), key=lambda place: place.name)
    return tuple(Tile(one, *_square(grid, one), one.verdict(day)) for one in held)


def _square(grid: dict[str, list[int]], place: Place) -> tuple[int, int]:
    row, column = grid[place.code.removeprefix("US-")]
    return row, column


def groups(held: Iterable[Tile], question: Question | None) -> tuple[Group, ...]:
    """The tiles by position, in the order of the legend; empty groups too."""
    every = tuple(held)
    found = []
    for registration, letter in letters().items():
        mine = tuple(t for t in every if t.verdict and t.verdict.registration is registration)
        shown = tuple(t for t in mine if question is None or question.meets(t))
        words = STANDING[registration]
        found.append(Group(registration, f"{words[0].upper()}{words[1:]}", letter, mine, shown))
    return tuple(found)


def surveyed(library: Library, day: dt.date) -> tuple[str, ...]:
    """What the chat says of all states together, in sentences: warnings, the counts, and why others count otherwise."""
    part = survey(Research(understand(Ask(question=SURVEY, as_of=day)), library))
    return (*(s.text for section in part.short for s in section.sentences), *(c.sentence.text for c in part.callouts))
