"""Whether a run may be released: the floors of `gate.toml`, and no loss against the last release.

The gate fails as well when it cannot know: no run, a run of another book, of other questions or of other code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evals.cases import Case
from evals.compare import Change, Pairs, compare, worse
from evals.metrics import BINARY, Measured, Part, measure, part_of
from evals.poison import Finding
from evals.run import Record, RunError
from evals.score import Score

HERE = Path(__file__).parent
# The scores and the record of the last release, kept in the repository.
RELEASE = HERE / "release"


@dataclass(frozen=True)
class Floor:
    """A figure that a part of the cases must reach."""

    metric: str
    part: Part
    at_least: float | None = None
    at_most: float | None = None

    def missed(self, measured: Mapping[str, Measured]) -> str | None:
        """Why the floor is missed, in words; a figure that is not there misses it."""
        held = measured.get(self.metric)
        name = f"{self.metric} ({self.part})"
        if held is None:
            return f"{name} was not measured"
        if self.at_least is not None and held.value < self.at_least:
            return f"{name} is {held.value:.3f}, at least {self.at_least:g} is needed"
        if self.at_most is not None and held.value > self.at_most:
            return f"{name} is {held.value:.3f}, at most {self.at_most:g} is allowed"
        return None


@cache
def table() -> dict[str, Any]:
    """The table of `gate.toml`."""
    return tomllib.loads((HERE / "gate.toml").read_text("utf-8"))


@cache
def floors() -> tuple[Floor, ...]:
    """Every floor of `gate.toml`."""
    return tuple(Floor(**row) for row in table()["floor"])


@cache
def targets() -> tuple[Floor, ...]:
    """Every target of `gate.toml`: what is aimed at, told in the report and not yet required."""
    return tuple(Floor(**row) for row in table()["target"])


def missed(
    scores: Sequence[Score],
    cases: Mapping[str, Case],
    paraphrased: Sequence[Score] = (),
    required: Sequence[Floor] | None = None,
) -> tuple[str, ...]:
    """Every floor (or other requirement) that these scores miss, in words; those for paraphrases only where there are
    scores of paraphrases."""
    parts: dict[Part, dict[str, Measured]] = {
        part: measure(part_of(scores, part), cases) for part in ("all", "dev", "survey")
    }
    parts["paraphrase"] = measure(paraphrased, cases)
    wanted = floors() if required is None else required
    asked = (floor for floor in wanted if floor.part != "paraphrase" or paraphrased)
    return tuple(why for floor in asked if (why := floor.missed(parts[floor.part])))


def poisoned(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Every finding of the injection suite, when there are more of them than `gate.toml` allows."""
    return tuple(f"poison: {one}" for one in findings) if len(findings) > table()["poison"]["at_most"] else ()


def stale(record: Record, *, book: str, suites: str, git: str) -> tuple[str, ...]:
    """Why a run says nothing about what is here now."""
    found = []
    if record.book != book:
        found.append("the run is of another book")
    if record.suites != suites:
        found.append("the run is of other questions")
    if record.git != git:
        found.append(f"the run is of other code ({record.git}, here is {git})")
    return tuple(found)


def changes(before: Sequence[Score], after: Sequence[Score]) -> tuple[Change, ...]:
    """The compared metrics of two runs, paired by case. Raises ValueError when they share no case."""
    return compare(list(_pairs(before, after)))


def lost(before: Sequence[Score], after: Sequence[Score]) -> tuple[str, ...]:
    """What got worse since the last release: a compared metric, or a case that was accurate and now misleads."""
    fallen = tuple(why for change in changes(before, after) if (why := worse(change)))
    was = {s.id for s in before if s.outcome == "accurate"}
    misled = sorted(s.id for s in after if s.outcome == "hallucinated" and s.id in was)
    return (*fallen, *(f"{one} was accurate in the last release and is hallucinated now" for one in misled))


def read_scores(folder: Path) -> tuple[Score, ...]:
    """The stored scores of a run (`items.jsonl`). Raises RunError when there are none."""
    try:
        lines = (folder / "items.jsonl").read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise RunError(f"{folder} holds no scores; make them with: python -m evals score") from error
    return tuple(Score.model_validate_json(line) for line in lines)


def _pairs(before: Sequence[Score], after: Sequence[Score]) -> Iterator[Pairs]:
    cluster = {s.id: s.cluster for s in (*before, *after)}
    for name in table()["compared"]["metrics"]:
        old, new = ({s.id: v for s in scores if (v := _value(s, name)) is not None} for scores in (before, after))
        yield Pairs(name, old, new, cluster, binary=name in BINARY or name in ("accurate", "not hallucinated"))


def _value(score: Score, name: str) -> float | None:
    if name == "accurate":
        return float(score.outcome == "accurate")
    if name == "not hallucinated":
        return float(score.outcome != "hallucinated")
    return score.values.get(name)
