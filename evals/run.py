"""Ask every case of the suites through the public door and store the answers with their fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, QuestionError
from evals.cases import SUITES, Case, load


def cases(folder: Path = SUITES) -> tuple[Case, ...]:
    """Every case of every suite file, in the order of the files."""
    return tuple(case for path in sorted(folder.glob("*.jsonl")) for case in load(path))


def answer(assistant: Assistant, case: Case) -> Answer | None:
    """The answer to a case (to its last turn); None when the question is refused as unreadable."""
    try:
        if case.turns:
            return assistant.conversation(list(case.turns), as_of=case.as_of, state=case.state)
        return assistant.invoke(Ask(id=case.id, question=case.question or "", as_of=case.as_of, state=case.state))
    except QuestionError:
        return None


def run(assistant: Assistant, asked: Iterable[Case], path: Path, told: Callable[[int], None] | None = None) -> None:
    """Write one line a case: its id and the Answer JSON (null when it was refused)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for number, case in enumerate(asked, 1):
            given = answer(assistant, case)
            row = {"id": case.id, "answer": given.model_dump(mode="json") if given else None}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            if told:
                told(number)


def answers(path: Path) -> dict[str, Answer | None]:
    """The stored answers by case id."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return {r["id"]: Answer.model_validate(r["answer"]) if r["answer"] else None for r in rows}
