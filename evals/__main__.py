"""`python -m evals run`, `score`, `speed`: ask the suites, score what was answered, measure the speed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from assistant.answer import Assistant
from evals import speed
from evals.run import answers, cases, run
from evals.score import score_all
from evals.summary import summary

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
app.command(name="speed")(speed.speed)
Folder = Annotated[Path | None, typer.Option(help="Where the run is written or read (default: evals/runs/<today>).")]


def _folder(folder: Path | None) -> Path:
    return folder or Path(__file__).parent / "runs" / dt.date.today().isoformat()


@app.command(name="run")
def run_command(folder: Folder = None) -> None:
    """Ask every case of the suites and store the answers; then print their scores."""
    asked = cases()
    assistant = Assistant.open()
    bar = iter(track(asked, "Asking", console=Console(stderr=True)))
    run(assistant, asked, _folder(folder) / "answers.jsonl", lambda _: (next(bar, None), None)[1])
    score_command(folder)


@app.command(name="score")
def score_command(folder: Folder = None) -> None:
    """Score stored answers; writes report.md beside them."""
    given = answers(_folder(folder) / "answers.jsonl")
    prints = {a.fingerprint for a in given.values() if a}
    text = summary(score_all(cases(), given), ", ".join(sorted(prints)))
    (_folder(folder) / "report.md").write_text(text, "utf-8")
    typer.echo(text)


if __name__ == "__main__":
    app()
