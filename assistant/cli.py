"""The `kei` command: ask, lookup, index, sync, add, doctor, serve; the firm's own are in `firm_cli`.

Exit codes: 0 done (declining is an answer), 1 failed with one clear line on stderr, 2 wrong usage.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assistant import adding, batch, doctor, firm_cli, printing, syncing
from assistant.answer import Assistant
from assistant.briefs import BriefError
from assistant.briefs import check as check_briefs
from assistant.chat_model import ModelUnusable
from assistant.contract import Ask, QuestionError
from assistant.database import StoreUnusable
from assistant.index import IndexUnusable, build, home, is_whole
from assistant.models import ModelMissing, SentenceEmbedder, model_folder
from assistant.official import OfficialTexts
from assistant.ondisk import OnDisk
from assistant.settings import Settings
from assistant.standing import States
from assistant.standings import Standings
from assistant.understand import understand
from corpus.citations import UnknownCitation
from corpus.digests import DigestError
from corpus.firm.shelf import Outcome, Shelf, ShelfError
from corpus.library import Library
from corpus.official.sources import SourceError
from corpus.official.store import Kept, Store, StoreError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help=__doc__.splitlines()[0], pretty_exceptions_enable=False
)
firm_cli.add_to(app)
EXPECTED = (
    *firm_cli.EXPECTED,
    QuestionError,
    DigestError,
    BriefError,
    ModelMissing,
    ModelUnusable,
    IndexUnusable,
    StoreUnusable,
    UnknownCitation,
    batch.BatchError,
    ShelfError,
    SourceError,
    StoreError,
)


def main() -> None:
    """Console entry: expected failures become one line on stderr and exit code 1."""
    try:
        app()
    except EXPECTED as error:
        typer.echo(f"kei: {error}", err=True)
        sys.exit(1)
    except ValidationError as error:  # of the settings: the only model that is read outside a handler
        first = error.errors()[0]
        typer.echo(f"kei: setting KEI_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("kei: stopped", err=True)
        sys.exit(130)


def _day(text: str | None) -> dt.date:
    if not text:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date; write YYYY-MM-DD", param_hint="--as-of") from error


@contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on stderr, so that stdout stays the answer."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def _open(standings: States | None = None, also: Callable[[int, int], None] | None = None) -> Assistant:
    """The assistant, with a bar while the model loads and the index is built; `also` is told how far it is."""
    with _progress() as progress:
        task = progress.add_task("Opening the book and the model", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, description="Indexing the book", completed=done, total=total)
            if also:
                also(done, total)

        return Assistant.open(progress=told, standings=standings)


AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The day whose law is asked for, YYYY-MM-DD (default: today).")
]


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.")] = None,
    state: Annotated[str | None, typer.Option(help="Two-letter code of the state, such as TX.")] = None,
    as_of: AsOf = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the Answer JSON.")] = False,
    batch_file: Annotated[
        Path | None, typer.Option("--batch", help="JSON lines to answer, one Answer JSON each.")
    ] = None,
) -> None:
    """Answer a question, or a file of questions."""
    if (question is None) == (batch_file is None):
        raise typer.BadParameter("give either a question or --batch FILE")
    day = _day(as_of)
    if batch_file is not None:
        failed = 0
        for line, ok in batch.answers(batch_file, _open, day=day, state=state):
            typer.echo(line)
            failed += not ok
        if failed:
            typer.echo(f"kei: {failed} of the lines could not be answered; their error is in the output", err=True)
            raise typer.Exit(1)
        return
    one = Ask(question=question or "", as_of=day, state=state)
    understand(one)  # what cannot be read is refused before the model is loaded
    answer = _open(Standings.held(Settings())).invoke(one)
    typer.echo(answer.model_dump_json(indent=2) if as_json else printing.plain(answer))


@app.command()
def lookup(
    citation: Annotated[str, typer.Argument(help='Such as "49 CFR 591.5(i)(1)".')],
    as_of: AsOf = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the book holds at a citation; never a guess."""
    found = Library.open().lookup(citation, as_of=_day(as_of))
    quoted = OfficialTexts(Store.held(Settings().official_dir)).quoted(found.citation.coordinate, found.as_of)
    shown = printing.lookup_json(found, quoted) if as_json else None
    typer.echo(json.dumps(shown, indent=2) if shown else printing.lookup_plain(found, quoted))


@app.command()
def index(rebuild: Annotated[bool, typer.Option(help="Build it anew even when it is up to date.")] = False) -> None:
    """Check the book and embed it; an unchanged book is left as it is."""
    settings = Settings()
    library = Library.open()
    check_briefs(library)
    embedder = SentenceEmbedder(model_folder(settings.embed_model))
    on_disk = OnDisk.open(settings)
    name = on_disk.index_name(library, embedder.identity)
    where = home(settings)
    if is_whole(where, name) and not rebuild:
        typer.echo(f"The index is up to date: {len(library.statements)} statements.")
        return
    with _progress() as progress:
        task = progress.add_task("Indexing the book", total=None)
        held = on_disk.indexed(library)
        build(
            where,
            name,
            held,
            embedder,
            lambda done, total: progress.update(task, completed=done, total=total),
            model=embedder.identity,
            rebuild=rebuild,
        )
    typer.echo(
        f"Indexed {len(library.statements)} statements and {len(held) - len(library.statements)} prepared questions "
        "and official paragraphs."
    )


@app.command()
def sync(
    mirror: Annotated[
        Path | None,
        typer.Option(help="Read a folder of copies instead of the official sites.", exists=True, file_okay=False),
    ] = None,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="List the sources that a person must open.")] = False,
) -> None:
    """Bring the official texts to this machine, dated; nothing else ever asks the network."""
    if by_hand:
        typer.echo("\n".join(syncing.by_hand(Library.open())))
        return
    with _progress() as progress:
        task = progress.add_task("Syncing", total=None)
        done = syncing.synced(
            Settings(), mirror, lambda name, n, of: progress.update(task, description=name, completed=n, total=of)
        )
    typer.echo("\n".join(syncing.summary(done)))
    if not done:
        typer.echo(f"kei: {mirror} has no file that serves a source of corpus/sources.toml", err=True)
    if not any(one.kept != Kept() or not one.failed for one in done):
        raise typer.Exit(1)


@app.command()
def add(
    path: Annotated[Path | None, typer.Argument(help="A document or a folder of them.", exists=True)] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show what is on the shelf.")] = False,
    approve: Annotated[str | None, typer.Option(help="Answer from this flagged document after all.")] = None,
    remove: Annotated[str | None, typer.Option(help="Take this document off the shelf.")] = None,
) -> None:
    """Add the firm's own alerts and memos (PDF, DOCX, HTML, Markdown, text); without PATH look at them again."""
    settings = Settings()
    if listed:
        typer.echo("\n".join(adding.shelf_list(settings)) or "The shelf is empty.")
    elif approve:
        Shelf.open(settings.firm_dir).approve(approve)
    elif remove:
        Shelf.open(settings.firm_dir).remove(remove)
    else:
        with _progress() as progress:
            task = progress.add_task("Reading", total=None)
            done = adding.added(
                settings, path, lambda name, n, of: progress.update(task, description=name, completed=n, total=of)
            )
        typer.echo("\n".join(adding.summary(done)))
        if done.entries and len(done.of(Outcome.FAILED)) == len(done.entries):
            raise typer.Exit(1)


@app.command(name="doctor")
def doctor_command(
    drift: Annotated[
        bool, typer.Option("--drift", help="List statements that the official texts on disk no longer bear.")
    ] = False,
) -> None:
    """Check the installation; name each broken thing and its fix."""
    if drift:
        typer.echo("\n".join(doctor.drifted(Settings())))
        return
    findings = doctor.examine(Settings())
    for finding in findings:
        typer.echo(
            f"{'ok  ' if finding.ok else 'BAD '} {finding.what}" + ("" if finding.ok else f"\n     fix: {finding.fix}")
        )
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine unless sign-in is configured.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 7860,
) -> None:
    """Serve the chat on this machine."""
    from assistant.web.addresses import AddressRefused
    from assistant.web.metrics import MetricsUnusable
    from assistant.web.server import serve_chat

    try:
        serve_chat(host, port, Settings(), _open)
    except (AddressRefused, MetricsUnusable) as error:
        typer.echo(f"kei: {error}", err=True)
        raise typer.Exit(1) from error
