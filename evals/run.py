"""Ask every case through the public door and store what came back, with the fingerprints of what it came from.

A run is a folder: `run.json` (what was asked of what), `answers.jsonl` (a row per case and wording). Everything else is
computed from these by pure code and can be computed again for ever.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import platform
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.answer import Assistant, Work
from assistant.contract import Answer, Ask, QuestionError, Slots
from evals.cases import SUITES, Case, fingerprint

RUNS = Path(__file__).parent / "runs"
# What may change an answer although book and settings are the same.
PACKAGES = ("torch", "sentence-transformers", "chromadb", "langchain", "langchain-chroma", "bm25s", "pydantic")
# How many of the retrieved statements a row keeps.
KEPT = 20
Wording = Literal["asked", "paraphrase"]


class RunError(ValueError):
    """A run that cannot be read or used; the message says why and what to do."""


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Found(_Stored):
    """One retrieved statement."""

    coordinate: str
    place: str


class Row(_Stored):
    """What came back for one wording of a case; `answer` is None when the question was refused as unreadable.

    `slots` are those after each turn (one, without turns); `dropped` the reasons for which `verify` dropped sentences.
    """

    id: str
    wording: Wording
    answer: Answer | None
    slots: tuple[Slots, ...] = ()
    found: tuple[Found, ...] = ()
    dropped: tuple[str, ...] = ()
    seconds: float = 0.0


class Record(_Stored):
    """Which assistant, book and questions a run is of."""

    date: dt.date
    git: str
    assistant: str
    book: str
    suites: str
    python: str
    packages: dict[str, str]
    llm: str | None = None
    rows: int
    seconds: float

    @property
    def folder(self) -> Path:
        """`evals/runs/<date>-<git>-<book>`, with the chat model's name where there is one."""
        told = f"-{re.sub(r'[^A-Za-z0-9.-]+', '-', self.llm)}" if self.llm else ""
        return RUNS / f"{self.date.isoformat()}-{self.git}-{self.book[:8]}{told}"


def git_version() -> str:
    """The short commit of the working tree, with `+` when it has changes; "unversioned" outside git."""

    def told(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=True, cwd=SUITES).stdout.strip()

    try:
        return told("rev-parse", "--short", "HEAD") + ("+" if told("status", "--porcelain", ":/") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unversioned"


def ask(assistant: Assistant, case: Case, wording: Wording) -> Row:
    """One wording of one case, from the first turn to the last."""
    turns = case.turns or (case.question or "",)
    if wording == "paraphrase":
        turns = case.turn_paraphrases or (case.paraphrase or "",)
    work: Work | None = None
    slots: list[Slots] = []
    start = time.perf_counter()
    try:
        for question in turns:
            context = slots[-1] if slots else None
            asked = Ask(id=case.id, question=question, as_of=case.as_of, state=case.state, context=context)
            work, after = assistant.trace(asked)
            slots.append(after)
    except QuestionError:
        work = None
    spent = round(time.perf_counter() - start, 4)
    if work is None:
        return Row(id=case.id, wording=wording, answer=None, seconds=spent)
    found = tuple(Found(coordinate=h.statement.coordinate, place=h.statement.place) for h in work.hits[:KEPT])
    dropped = tuple(d.reason for d in work.dropped)
    return Row(
        id=case.id,
        wording=wording,
        answer=work.answer,
        slots=tuple(slots),
        found=found,
        dropped=dropped,
        seconds=spent,
    )


def rows_of(
    assistant: Assistant,
    asked: Iterable[Case],
    told: Callable[[], None] | None = None,
    *,
    paraphrased: bool = True,
    done: Iterable[Row] = (),
) -> Iterator[Row]:
    """Every case in its own words and, unless not wanted, in other words; `told` is called after each case.

    `done` are rows of the same run that a stop left behind; they are not asked again.
    """
    had = {(row.id, row.wording): row for row in done}
    for case in asked:
        wordings: tuple[Wording, ...] = ("asked",)
        if paraphrased and (case.paraphrase or case.turn_paraphrases):
            wordings += ("paraphrase",)
        for wording in wordings:
            yield had.get((case.id, wording)) or ask(assistant, case, wording)
        if told:
            told()


def record_of(assistant: Assistant, rows: int, seconds: float) -> Record:
    """Which assistant, book and questions were just asked."""
    return Record(
        date=dt.date.today(),
        git=git_version(),
        assistant=assistant.fingerprint,
        book=assistant.library.fingerprint,
        suites=fingerprint(),
        python=platform.python_version(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        llm=assistant.chat_model.name if assistant.chat_model else None,
        rows=rows,
        seconds=round(seconds, 1),
    )


def store(folder: Path, record: Record, rows: Iterable[Row]) -> None:
    """Write a run. `run.json` comes last: a folder without it was cut off and is no run."""
    keep(folder, rows)
    (folder / "run.json").write_text(record.model_dump_json(indent=1) + "\n", "utf-8")


def keep(folder: Path, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Write each row as it comes, so that a long run that is stopped keeps what it has; all of them at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").unlink(missing_ok=True)
    kept = []
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(row.model_dump_json() + "\n")
            out.flush()
            kept.append(row)
    return tuple(kept)


def left_behind(folder: Path, assistant: str) -> tuple[Row, ...]:
    """The whole rows of a run in this folder that was stopped, if they are of this assistant (its fingerprint)."""
    if (folder / "run.json").exists() or not (folder / "answers.jsonl").exists():
        return ()
    rows = []
    for line in (folder / "answers.jsonl").read_text("utf-8").splitlines():
        try:
            rows.append(Row.model_validate_json(line))
        except ValidationError:  # the line that was being written
            break
    return tuple(row for row in rows if row.answer is None or row.answer.fingerprint == assistant)


def read(folder: Path) -> tuple[Record, tuple[Row, ...]]:
    """A stored run. Raises RunError when it is missing, cut off or not readable."""
    try:
        record = Record.model_validate_json((folder / "run.json").read_text("utf-8"))
        lines = (folder / "answers.jsonl").read_text("utf-8").splitlines()
        rows = tuple(Row.model_validate_json(line) for line in lines)
    except FileNotFoundError as error:
        raise RunError(f"{folder} holds no finished run; make one with: python -m evals run") from error
    except (ValidationError, json.JSONDecodeError) as error:
        raise RunError(f"{folder} cannot be read: {error}") from error
    if len(rows) != record.rows:
        raise RunError(f"{folder} was cut off: {len(rows)} of {record.rows} rows are there")
    return record, rows


def latest(runs: Path = RUNS) -> Path:
    """The folder of the newest finished run without a chat model: with one it is another product, and is named.

    Raises RunError when there is none.
    """
    told = sorted(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    held = [path for path in told if not json.loads(path.read_text("utf-8")).get("llm")]
    if not held:
        raise RunError("there is no run yet; make one with: python -m evals run")
    return held[-1].parent
