"""Many questions from a file of JSON lines; a broken line gives an error object and the others are answered."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, QuestionError


class BatchError(ValueError):
    """A batch file that cannot be read at all."""


class Row(BaseModel):
    """One line: `{id, question | turns: [..], state?, as_of?}`."""

    model_config = ConfigDict(extra="forbid")

    id: str | int | None = None
    question: str | None = None
    turns: list[str] | None = None
    state: str | None = None
    as_of: dt.date | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Row:
        if (self.question is None) == (not self.turns):
            raise ValueError("a line needs either 'question' or a non-empty 'turns'")
        return self


def answers(
    path: Path, opened: Callable[[], Assistant], *, day: dt.date, state: str | None
) -> Iterator[tuple[str, bool]]:
    """One JSON text a line of the file, in order, and whether it is an answer. Raises BatchError."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror}") from error
    assistant = opened()
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer(assistant, line, number, day, state)


def _answer(assistant: Assistant, line: bytes, number: int, day: dt.date, state: str | None) -> tuple[str, bool]:
    identifier: str | int | None = None
    try:
        raw = json.loads(line.decode("utf-8-sig"))
        if isinstance(raw, dict) and isinstance(raw.get("id"), str | int):
            identifier = raw["id"]
        row = Row.model_validate(raw)
        answer = _ask(assistant, row, row.as_of or day, row.state or state)
        told = answer.model_copy(update={"id": None if row.id is None else str(row.id)}).model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        return _error(identifier, number, f"{where}: {first['msg']}"), False
    except ValueError as error:  # broken JSON or UTF-8, or a QuestionError
        return _error(identifier, number, str(error)), False
    except Exception as error:  # one line must never cost the others their answers
        return _error(identifier, number, f"this line could not be answered ({type(error).__name__})"), False
    return told, True


def _ask(assistant: Assistant, row: Row, day: dt.date, state: str | None) -> Answer:
    if row.turns:
        return assistant.conversation(row.turns, as_of=day, state=state)
    if not row.question:
        raise QuestionError("the question is empty")
    return assistant.invoke(Ask(question=row.question, as_of=day, state=state))


def _error(identifier: str | int | None, number: int, reason: str) -> str:
    return json.dumps({"id": identifier, "error": f"line {number}: {reason}"}, ensure_ascii=True)
