"""Which provisions bear on a case beyond its gold: judged one by one, without sight of the answer.

Gold names what must be cited; no author thinks of every provision that may be. So everything the system ever cites or
ranks high is pooled and judged (0 beside the point, 1 helpful, 2 needed), as retrieval contests do. What is not judged
yet counts as beside the point, and the share of it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from corpus.law import Noun, Text
from evals.cases import Case, CaseError

JUDGEMENTS = Path(__file__).parent / "judgements.jsonl"
Judged = Mapping[str, Mapping[str, int]]


class Judgement(Noun):
    """One provision judged for one case, and by whom."""

    case: Text
    coordinate: Text
    grade: Literal[0, 1, 2]
    judge: Text


def load(path: Path = JUDGEMENTS) -> dict[str, dict[str, int]]:
    """Grades by case id and coordinate. Raises CaseError with file and line."""
    held: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.exists() else (), 1):
        try:
            one = Judgement.model_validate_json(line)
        except ValidationError as error:
            raise CaseError(f"{path}:{number}: {error.errors()[0]['msg']}") from error
        held.setdefault(one.case, {})[one.coordinate] = one.grade
    return held


def relevant(case: Case, judged: Judged) -> tuple[str, ...]:
    """Every provision that bears on a case: its gold, and what was judged helpful or needed."""
    more = (c for c, grade in judged.get(case.id, {}).items() if grade)
    return tuple(dict.fromkeys((*(g.coordinate for g in case.gold), *more)))
