"""`python -m evals`: ask the suites, score and report, decide on a release, compare two runs, measure the speed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from assistant.answer import Assistant
from assistant.settings import Settings
from corpus.library import Library
from evals import corpus_speed, gate, load, poison, speed, yardstick
from evals.cases import CaseError, cases
from evals.compare import table
from evals.results import release, results, write
from evals.run import RunError, keep, latest, left_behind, record_of, rows_of, store
from evals.side_by_side import side_by_side

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)


@app.command(name="speed")
def speed_command(
    repeats: int = 3,
    corpus: Annotated[
        Path | None, typer.Option(help="Measure a folder of official texts instead of the book.", exists=True)
    ] = None,
) -> None:
    """Measure time and memory, beside a plain chain in the same run."""
    corpus_speed.corpus_speed(corpus) if corpus else speed.speed(repeats)


Folder = Annotated[Path | None, typer.Option(help="The folder of the run (default: the newest in evals/runs).")]


def book_alone(settings: Settings) -> Settings:
    """The same settings in a folder of their own, so that official texts and papers on this machine change no score."""
    return settings.model_copy(update={"data_dir": settings.data_dir / "evals"})


@contextmanager
def _one_line() -> Iterator[None]:
    """What the team can mend is told in one line on stderr, with exit code 1."""
    try:
        yield
    except (RunError, CaseError, load.LoadError, yardstick.YardstickError, ValueError) as error:
        typer.echo(f"evals: {error}", err=True)
        raise typer.Exit(1) from error


@app.command(name="run")
def run_command(
    folder: Folder = None,
    asked_only: Annotated[bool, typer.Option(help="Leave the paraphrases out (with a slow language model).")] = False,
) -> None:
    """Ask every case in both wordings, store the answers in evals/runs/<date>-<git>-<book>, and print the report.

    A run that was stopped goes on where it was.
    """
    with _one_line():
        asked = cases()
        assistant = Assistant.open(book_alone(Settings()))
        where = folder or record_of(assistant, 0, 0).folder
        done = left_behind(where, assistant.fingerprint)
        bar = iter(track(asked, "Asking", console=Console(stderr=True)))
        start = time.perf_counter()
        asking = rows_of(assistant, asked, lambda: (next(bar, None), None)[1], paraphrased=not asked_only, done=done)
        rows = keep(where, asking)
        store(where, record_of(assistant, len(rows), time.perf_counter() - start), rows)
    score_command(where)


@app.command(name="score")
def score_command(folder: Folder = None) -> None:
    """Score stored answers again and write report.md, report.html, items.jsonl and junit.xml beside them."""
    with _one_line():
        where = folder or latest()
        typer.echo(write(where, results(where, Library.open())))
        typer.echo(f"Written to {where}", err=True)


@app.command(name="gate")
def gate_command(folder: Folder = None) -> None:
    """Exit 0 when the run may be released, else 1 with every reason; a missing, stale or foreign run is one."""
    with _one_line():
        found = results(folder or latest(), Library.open())
        reasons = (*found.reasons, *gate.poisoned(poison.run(book_alone(Settings()))))
    for reason in reasons:
        typer.echo(f"- {reason}")
    typer.echo(f"Gate {'shut' if reasons else 'open'}: {found.record.folder.name}")
    raise typer.Exit(1 if reasons else 0)


@app.command(name="poison")
def poison_command() -> None:
    """Poisoned papers, official pages and questions: exit 0 when they change nothing, else 1 with every finding."""
    with _one_line():
        findings = poison.run(book_alone(Settings()))
    for line in poison.summary(findings, poison.cases()):
        typer.echo(line)
    raise typer.Exit(1 if findings else 0)


@app.command(name="compare")
def compare_command(before: Path, after: Path) -> None:
    """Two scored runs, paired by case: exact tests, intervals by state, Holm over the metrics."""
    with _one_line():
        typer.echo(table(gate.changes(gate.read_scores(before), gate.read_scores(after))))


@app.command(name="models")
def models_command(
    without: Annotated[Path, typer.Argument(help="A scored run without a chat model.")],
    worded: Annotated[Path, typer.Argument(help="A scored run with one.")],
) -> None:
    """What a chat model changed: both runs side by side, and what became of its sentences."""
    with _one_line():
        typer.echo(side_by_side(without, worded, {case.id: case for case in cases()}))


@app.command(name="release")
def release_command(folder: Folder = None) -> None:
    """Keep a run that passes the gate as the last release, with which the next one is compared."""
    with _one_line():
        where = folder or latest()
        found = results(where, Library.open())
        write(where, found)
        if reasons := gate.poisoned(poison.run(book_alone(Settings()))):
            raise RunError(f"the gate is shut: {'; '.join(reasons)}")
        release(where, found)


@app.command(name="load")
def load_command(
    door: Annotated[
        list[load.Door] | None, typer.Option(help="Ask at this door only; may be given twice (default: both).")
    ] = None,
    people: Annotated[int, typer.Option(min=1, help="So many at each door.")] = 50,
    seconds: Annotated[int, typer.Option(min=1, help="For so long they ask and read.")] = 120,
    questions: Annotated[int, typer.Option(min=0, help="Instead, so many questions in a row.")] = 0,
    at_once: Annotated[bool, typer.Option("--at-once", help="Instead, one question each at the same moment.")] = False,
) -> None:
    """Many people asking the real server at the chat page and at its API, in a folder of its own."""
    doors = door or list(load.Door)
    with _one_line():
        if questions:
            typer.echo(load.row(doors, people, questions))
        elif at_once:
            typer.echo(load.burst(doors, people))
        else:
            typer.echo(load.crowd(doors, people, seconds))


@app.command(name="yardstick")
def yardstick_command() -> None:
    """Retrieval alone on the outside questions in the folder that KEI_OBLIQA names."""
    with _one_line():
        yardstick.yardstick()


if __name__ == "__main__":
    app()
