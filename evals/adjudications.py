"""Decisions on gold: every case of the suites that was changed after a run, with the reason and the source read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pydantic import ValidationError

from corpus.law import Noun, Text
from evals.cases import CaseError

ADJUDICATIONS = Path(__file__).parent / "adjudications.jsonl"


class Adjudication(Noun):
    """What was changed about a case, why (with the source that was read), and by whom."""

    date: dt.date
    case: Text
    what: Text
    reason: Text
    by: Text


def load(path: Path = ADJUDICATIONS) -> tuple[Adjudication, ...]:
    """Every decision in the order of the file. Raises CaseError with file and line."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.exists() else (), 1):
        try:
            found.append(Adjudication.model_validate_json(line))
        except ValidationError as error:
            raise CaseError(f"{path}:{number}: {error.errors()[0]['msg']}") from error
    return tuple(found)
