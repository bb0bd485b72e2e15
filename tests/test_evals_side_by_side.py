"""Two runs side by side: figures over the shared cases, the part that a model was asked, and what was stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.contract import Drafting
from evals.gate import table
from evals.run import Record, Row, RunError, latest, store
from evals.score import Score
from evals.side_by_side import side_by_side
from tests.conftest import TODAY
from tests.test_evals_report import CASES, row, score

HELD = {case.id: case for case in CASES}


def scored(i: str, *told: object, **more: object) -> Score:
    held = score(i, *told, **more)  # type: ignore[arg-type]
    return held.model_copy(update={"values": {**dict.fromkeys(table()["compared"]["metrics"], 1.0), **held.values}})


def run(folder: Path, rows: list[Row], scores: list[Score], llm: str | None = None) -> Path:
    record = Record(
        date=TODAY, git="abc", assistant="a", book="b" * 64, suites="s", python="3", packages={}, llm=llm,
        rows=len(rows), seconds=1,
    )  # fmt: skip
    store(folder, record, rows)
    (folder / "items.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in scores), "utf-8")
    return folder


def drafted(one: Row, **told: object) -> Row:
    held = {"model": "m", "chosen": 1, "repaired": 0, "stopped": {}, "used": True, **told}
    assert one.answer is not None
    return one.model_copy(update={"answer": one.answer.model_copy(update={"drafting": Drafting.model_validate(held)})})


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    ids = ["lk-1", "lk-2", "lk-3"]
    plain = run(tmp_path / "plain", [row(i, "No.") for i in ids], [scored(i) for i in ids])
    rows = [
        drafted(row("lk-1", "No."), chosen=2, repaired=1),
        drafted(row("lk-2", "No."), chosen=0, stopped={"a quote that its source does not hold": 2}, used=False),
        row("sv-TX-reg", "No."),  # not in the other run
        row("lk-3", "No."),  # not asked of the model
    ]
    scores = [
        scored("lk-1"),
        scored("lk-2", "hallucinated", "reasoning", right=0.0),
        scored("sv-TX-reg"),
        scored("lk-3"),
    ]
    return plain, run(tmp_path / "worded", rows, scores, llm="openai:m")


def test_figures_tests_and_what_was_stopped(runs: tuple[Path, Path]) -> None:
    told = side_by_side(*runs, HELD)
    assert "**All that both asked** (3 cases)" in told
    assert "**Asked of the model** (2 cases)" in told
    whole, part = told.split("**Asked of the model**")
    assert "| accurate | 100.0% (43.9 to 100.0) | 66.7% (20.8 to 93.9) |" in whole
    assert "| accurate | 100.0% (34.2 to 100.0) | 50.0% (9.5 to 90.5) |" in part
    assert "Of 2 drafts 1 were used; they put in 2 sentences, 1 of them at the second try. Stopped: 2." in told
    assert "- a quote that its source does not hold: 2" in told
    assert "Holm p" in told


def test_runs_that_cannot_be_held_side_by_side(runs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(RunError, match="drafted by a model"):
        side_by_side(runs[0], runs[0], HELD)
    with pytest.raises(RunError, match="no scores"):
        side_by_side(runs[0], tmp_path / "nothing", HELD)


def test_the_newest_run_is_one_without_a_model(runs: tuple[Path, Path], tmp_path: Path) -> None:
    os.utime(runs[0] / "run.json", (1, 1))
    assert latest(tmp_path) == runs[0]
