"""What a firm does beside asking: `kei user`, `kei ledger`, `kei review`, `kei export`, `kei backup`, `kei restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant.access import Role, UserError, Users
from assistant.backup import BackupRefused, backup, restore
from assistant.database import Database
from assistant.export import bundle
from assistant.ledger import Head, Ledger
from assistant.review_changes import changes
from assistant.reviews import Reviews
from assistant.settings import Settings
from assistant.tokens import Tokens
from corpus.digests import ROOT
from corpus.library import Library

EXPECTED = (UserError, BackupRefused)

user_app = typer.Typer(no_args_is_help=True, help="The people who may sign in; without any, nobody must.")
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger of what was asked, answered, reviewed and exported.")
review_app = typer.Typer(no_args_is_help=True, help="What the attorneys decided.")
export_app = typer.Typer(no_args_is_help=True, help="Answers that were taken along.")

Login = Annotated[str, typer.Argument(help="The name to sign in with; at a firm's own sign-in the e-mail address.")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others."""
    for name, group in (("user", user_app), ("ledger", ledger_app), ("review", review_app), ("export", export_app)):
        app.add_typer(group, name=name)
    app.command(name="backup")(backup_command)
    app.command(name="restore")(restore_command)


@contextmanager
def _database() -> Iterator[Database]:
    held = Database.open(Settings())
    try:
        yield held
    finally:
        held.close()


@user_app.command("add")
def user_add(
    login: Login,
    role: Annotated[str, typer.Option(help="client, attorney or admin.")] = "client",
    name: Annotated[str | None, typer.Option(help="The name that is shown, also to clients.")] = None,
    firm: Annotated[bool, typer.Option("--firm", help="Signs in at the firm's own sign-in only.")] = False,
    password: Annotated[str, typer.Option(help="Asked for when left out.")] = "",
) -> None:
    """Add a person; from the first one on everybody must sign in."""
    if not firm and not password:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _database() as database:
        chosen: Role = role  # type: ignore[assignment]  # what is no role is refused by add
        added = Users(database).add(login, chosen, name or login, None if firm else password)
    typer.echo(f"{added.name} ({added.role}) may sign in as {login.strip().lower()}.")


@user_app.command("list")
def user_list() -> None:
    """Who there is."""
    with _database() as database:
        rows = Users(database).listed()
    for login, person, active in rows:
        typer.echo(f"{login}\t{person.role}\t{person.name}" + ("" if active else "\tshut out"))
    if not rows:
        typer.echo("Nobody; the chat is open to whoever sits at this machine.")


@user_app.command("password")
def user_password(login: Login, password: Password) -> None:
    """Another password; it ends every sign-in of that person."""
    with _database() as database:
        Users(database).set_password(login, password)
    typer.echo("Changed.")


@user_app.command("role")
def user_role(login: Login, role: Annotated[str, typer.Argument(help="client, attorney or admin.")]) -> None:
    """Another role; it ends every sign-in of that person."""
    chosen: Role = role  # type: ignore[assignment]  # what is no role is refused by set_role
    with _database() as database:
        Users(database).set_role(login, chosen)
    typer.echo("Changed.")


@user_app.command("shut-out")
def user_shut_out(login: Login) -> None:
    """End every sign-in of a person and take no other."""
    with _database() as database:
        Users(database).set_active(login, False)
    typer.echo("Shut out.")


@user_app.command("let-in")
def user_let_in(login: Login) -> None:
    """Let a person in again."""
    with _database() as database:
        Users(database).set_active(login, True)
    typer.echo("May sign in again.")


@user_app.command("token")
def user_token(login: Login) -> None:
    """Make a token by which a program signs in for a person; it is shown this once."""
    with _database() as database:
        text = Tokens(database, Users(database)).make(login)
    typer.echo(text)
    typer.echo("Keep it as safe as a password; it is not shown again. Send it as: Authorization: Bearer …", err=True)


@user_app.command("tokens")
def user_tokens() -> None:
    """Every token there ever was, without its text."""
    with _database() as database:
        rows = Tokens(database, Users(database)).listed()
    for one in rows:
        typer.echo(f"{one.id}\t{one.login}\t{one.made:%Y-%m-%d}\t{one.state}")
    if not rows:
        typer.echo("None.")


@user_app.command("revoke")
def user_revoke(token: Annotated[str, typer.Argument(help="Its id, as `kei user tokens` shows it.")]) -> None:
    """End a token for good."""
    with _database() as database:
        Tokens(database, Users(database)).revoke(token)
    typer.echo("Revoked.")


@user_app.command("purge")
def user_purge(login: Login) -> None:
    """Delete the words of a person's questions from the ledger, for their request; the chain stays whole."""
    with _database() as database:
        found = [person for held, person, _ in Users(database).listed() if held == login.strip().lower()]
        if not found:
            raise UserError(f"there is no person with the name {login}; `kei user list` shows who there is")
        gone = Ledger(database).purge(found[0].id, by="local")
    typer.echo(f"Deleted: {gone.facts['contents']} texts. Their conversations are deleted by themselves, in the chat.")


@ledger_app.command("verify")
def ledger_verify(
    head: Annotated[str | None, typer.Option(help="A head noted earlier, as this command printed it.")] = None,
) -> None:
    """Check every row and name the first that cannot be trusted."""
    try:
        noted = Head.parse(head) if head else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--head") from error
    with _database() as database:
        ledger = Ledger(database)
        if found := ledger.verify(head=noted):
            typer.echo(f"kei: row {found.n} of the ledger: {found.told}", err=True)
            raise typer.Exit(1)
        typer.echo(f"The ledger is whole. Note this head elsewhere: {ledger.head()}")
        if back := ledger.turned_back():
            typer.echo(f"The clock was set back before row {', '.join(map(str, back))}.")


@review_app.command("export-changes")
def export_changes(
    out: Annotated[Path, typer.Option(help="The patch to write.")] = Path("corrections.patch"),
) -> None:
    """Write the attorneys' corrections as a patch of the book, for `git apply` and a commit."""
    with _database() as database:
        latest = Reviews(database, Ledger(database)).all_latest()
    edits, skipped = changes(latest.values(), ROOT)
    for one in skipped:
        typer.echo(f"left out {one.statement}: {one.why}", err=True)
    if not edits:
        typer.echo("There is no correction to write.")
        return
    out.write_text("".join(one.diff for one in edits), "utf-8", newline="\n")
    typer.echo(f"{sum(len(one.statements) for one in edits)} corrections in {out}; look at it, then: git apply {out}")


@export_app.command("verify")
def export_verify(path: Annotated[Path, typer.Argument(help="A bundle (.kei.zip).")]) -> None:
    """Is a bundle as it was written, does the ledger know it, and does the book still say the same?"""
    with _database() as database:
        ledger = Ledger(database)
        try:
            found = bundle.check(
                path, Library.open(), lambda proof: any(e.action == "export" for e in ledger.entries(subject=proof))
            )
        except OSError as error:
            typer.echo(f"kei: {path} cannot be read ({error.strerror})", err=True)
            raise typer.Exit(1) from error
    for one in found:
        typer.echo(f"{'BAD ' if one.fault else 'ok  '} {one.kind}: {f'{one.where}: ' if one.where else ''}{one.text}")
    if any(one.fault for one in found):
        raise typer.Exit(1)


def backup_command(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as kei-2026-11-25.tar.gz.")],
    without_database: Annotated[
        bool, typer.Option("--without-database", help="Leave it out, where PostgreSQL has its own backup.")
    ] = False,
) -> None:
    """Write everything worth keeping into one file; the server may run on."""
    made = backup(Settings(), file, database=not without_database)
    typer.echo(f"Wrote {file}: {', '.join(made.files)}; the ledger's head is {made.ledger_head or 'not in it'}.")
    typer.echo("It is not encrypted: keep it as safe as the questions in it.")


def restore_command(
    file: Annotated[Path, typer.Argument(help="What `kei backup` wrote.")],
    into: Annotated[Path | None, typer.Option(help="An empty folder; the data folder when left out.")] = None,
) -> None:
    """Put a backup into an empty data folder, after checking every file of it."""
    done = restore(file, into or Settings().data_dir)
    again = ", ".join(done.manifest.settings) or "nothing"
    typer.echo(f"Restored to {done.folder}, as of {done.manifest.made:%Y-%m-%d %H:%M} UTC. Set again: {again}.")
    typer.echo("Then run: kei index")
    if done.fault:
        typer.echo(f"kei: the ledger was not whole when this backup was made: {done.fault}", err=True)
        raise typer.Exit(1)
