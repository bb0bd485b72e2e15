"""Stored conversations: one table of threads and one of their turns, in SQLite or PostgreSQL.

A thread belongs to one owner, and every query asks for the owner too. A turn holds its answer and slots as the JSON of
their models. Messages and logs never hold what was asked, nor a password.
"""

from __future__ import annotations

import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from filelock import FileLock
from pydantic import BaseModel, ValidationError
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from assistant.contract import Answer, Slots
from assistant.settings import Settings

MAX_TITLE = 120
# The whole of what is shown for a stored answer that fits the model no longer: part of it could lack its sources.
OUTDATED = "This answer was stored by another version of Kei Assistant and cannot be shown. Ask the question again."
_WAIT_SECONDS = 30
_ADVICE = {
    "sqlite": "check the disk and the rights, move the file away to begin a new one, or name another KEI_DATA_DIR",
    "postgresql": "check that PostgreSQL runs, KEI_DATABASE_URL is right, and its user may make and write tables",
}
_Model = TypeVar("_Model", bound=BaseModel)
# Only one process at a time makes the tables; the number is any that no other program on the server uses.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(660591251)"}
_FORMS = "sqlite:////FOLDER/FILE or postgresql://USER:PASSWORD@HOST/NAME"
_PRAGMAS = "PRAGMA synchronous = full; PRAGMA foreign_keys = on; PRAGMA secure_delete = on"


class ThreadUnknown(LookupError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """No such thread, or another owner's; the message is the same."""

    def __init__(self) -> None:
        super().__init__("there is no such conversation; it may have been deleted")


class StoreUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as IndexUnusable does
    """The database cannot be opened, read or written; the message says what to do and shows no password."""


@dataclass(frozen=True)
class Turn:
    """A question, asked at a time in UTC, and its answer; `n` counts from 1. One that cannot be read says OUTDATED."""

    n: int
    question: str
    answer: Answer
    slots: Slots
    asked: dt.datetime


@dataclass(frozen=True)
class Heading:
    """A thread in a list. `changed` is when it was begun or last added to, in UTC; a new title does not change it."""

    id: str
    title: str
    changed: dt.datetime
    turns: int


@dataclass(frozen=True)
class Thread:
    """A whole conversation, its turns in order."""

    id: str
    title: str
    changed: dt.datetime
    turns: tuple[Turn, ...]


class _Utc(sa.TypeDecorator[dt.datetime]):
    """SQLite forgets the time zone, PostgreSQL answers in the session's: both are given and give UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return value and (value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC))


_TABLES = sa.MetaData()
_THREADS = sa.Table(
    "kei_threads",
    _TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "title")),
    sa.Column("changed", _Utc, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Index("kei_threads_of_owner", "owner", "changed"),
)
_TURNS = sa.Table(
    "kei_turns",
    _TABLES,
    sa.Column("thread", sa.Text, sa.ForeignKey("kei_threads.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("question", "answer", "slots")),
    sa.Column("asked", _Utc, nullable=False),
)


class ThreadStore:
    """The conversations of every owner, for several threads and processes at once.

    Every verb may raise StoreUnusable, and ValueError for an owner without a name; one with an id, ThreadUnknown.
    """

    def __init__(self, url: str) -> None:
        """Open the database and make what it lacks: an SQLite file (0600) and its folder (0700), the tables."""
        self._url = _checked(url)
        self._engine = (_engine_of_file if self._url.drivername == "sqlite" else _engine_of_server)(self._url)
        with self._transaction() as db:
            db.exec_driver_sql(_ALONE[db.dialect.name])
            _TABLES.create_all(db)

    @classmethod
    def open(cls, settings: Settings) -> ThreadStore:
        """The store that the settings name: KEI_DATABASE_URL, or a file in the data folder."""
        if settings.database_url is not None:
            return cls(settings.database_url.get_secret_value())
        return cls(sa.URL.create("sqlite", database=str(settings.data_dir / "threads.db")).render_as_string())

    def begin(self, owner: str, title: str) -> str:
        """A new thread's id. A title that is too long is cut at a word; an empty one raises ValueError."""
        id = secrets.token_urlsafe(12)
        row = {"id": id, "owner": _owner(owner), "title": _titled(title, cut=True), "turns": 0}
        with self._transaction() as db:
            db.execute(sa.insert(_THREADS).values(changed=dt.datetime.now(dt.UTC), **row))
        return id

    def add(self, id: str, owner: str, question: str, answer: Answer, slots: Slots) -> Turn:
        """Store the next turn; when this returns, it is on the disk."""
        mine = _mine(id, owner)
        with self._transaction() as db:
            # Counting first holds the thread until the end, so that no other writer gets the same number.
            counted = sa.update(_THREADS).where(mine).values(turns=_THREADS.c.turns + 1).returning(_THREADS.c.turns)
            n = db.execute(counted).scalar_one_or_none()
            if n is None:
                raise ThreadUnknown
            turn = Turn(n, _storable(question), answer, slots, dt.datetime.now(dt.UTC))
            row = {"question": turn.question, "answer": answer.model_dump_json(), "slots": slots.model_dump_json()}
            db.execute(sa.insert(_TURNS).values(thread=id, n=n, asked=turn.asked, **row))
            db.execute(sa.update(_THREADS).where(mine).values(changed=turn.asked))
        return turn

    def read(self, id: str, owner: str) -> Thread:
        """The thread with all its turns, as they were at one moment."""
        shown = sa.select(_THREADS.c.title, _THREADS.c.changed, _TURNS).select_from(_THREADS.outerjoin(_TURNS))
        wanted = shown.where(_mine(id, owner)).order_by(_TURNS.c.n)
        with self._transaction() as db:
            rows = db.execute(wanted).all()
        if not rows:
            raise ThreadUnknown
        return Thread(id, rows[0].title, rows[0].changed, tuple(_turn(row) for row in rows if row.n is not None))

    def headings(self, owner: str) -> tuple[Heading, ...]:
        """The owner's threads, the last changed first."""
        shown = sa.select(_THREADS.c.id, _THREADS.c.title, _THREADS.c.changed, _THREADS.c.turns)
        wanted = shown.where(_THREADS.c.owner == _owner(owner)).order_by(_THREADS.c.changed.desc(), _THREADS.c.id)
        with self._transaction() as db:
            return tuple(Heading(*row) for row in db.execute(wanted))

    def rename(self, id: str, owner: str, title: str) -> None:
        """Give a thread another title, one line of 1 to 120 characters; anything else raises ValueError."""
        self._change(sa.update(_THREADS).where(_mine(id, owner)).values(title=_titled(title)))

    def delete(self, id: str, owner: str) -> None:
        """Remove a thread and its turns; in SQLite their bytes are overwritten too, in the log beside the file as well
        unless a reader holds it just then (it is emptied by the next deletion, or when the last process closes)."""
        self._change(sa.delete(_THREADS).where(_mine(id, owner)))
        if self._engine.dialect.name == "sqlite":
            with self._transaction() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _change(self, statement: sa.Update | sa.Delete) -> None:
        with self._transaction() as db:
            if not db.execute(statement).rowcount:
                raise ThreadUnknown

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """All or nothing. The database's own error is not chained: its details quote the values of a row."""
        try:
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as error:
            raise StoreUnusable(_told(error, self._url)) from None


def _checked(url: str) -> sa.URL:
    """The address with our driver's name; what cannot be right is refused without being shown."""
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUnusable(f"KEI_DATABASE_URL is no database address; write {_FORMS}") from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        # A raw @ in a password shifts its end into the host's or the database's name, which messages show.
        if url.count("@") > 1:
            raise StoreUnusable("KEI_DATABASE_URL has an @ too many; within a name or password write it as %40")
        return parsed.set(drivername="postgresql+psycopg")
    file = parsed.database or ":memory:"
    if parsed.drivername != "sqlite" or parsed.query or file.startswith((":", "file:")):
        raise StoreUnusable(f"KEI_DATABASE_URL names neither a plain file nor PostgreSQL; write {_FORMS}")
    return parsed


def _engine_of_file(url: sa.URL) -> sa.Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and not path.is_file():
            raise OSError("it is no plain file")
        path.touch(mode=0o600)
        # SQLite does not wait when two processes bring in the log at once, so they queue here.
        with FileLock(f"{path}.lock", mode=0o600), closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as db:
            db.execute("PRAGMA journal_mode = wal")
        # Only now is it known to be a database, and not someone's file that was named by mistake.
        path.chmod(0o600)
    except (OSError, sqlite3.Error) as error:
        told = f"the stored conversations in {path} cannot be opened ({error})"
        raise StoreUnusable(f"{told}; {_ADVICE['sqlite']}") from error
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine, "connect", lambda connection, record: connection.executescript(_PRAGMAS).close())
    return engine


def _engine_of_server(url: sa.URL) -> sa.Engine:
    # Counting a turn rests on seeing what the writer before committed, whatever the server's default is.
    sure = {"isolation_level": "READ COMMITTED", "pool_pre_ping": True, "hide_parameters": True}
    try:
        return sa.create_engine(url, connect_args={"connect_timeout": _WAIT_SECONDS}, **sure)
    except ImportError as error:
        raise StoreUnusable(
            "PostgreSQL needs psycopg; run: .venv/bin/pip install -c constraints.txt -e '.[postgres]'"
        ) from error


def _told(error: SQLAlchemyError, url: sa.URL) -> str:
    """What is the matter and what to do, from what the driver says in one line and without details or passwords."""
    driver = error.orig if isinstance(error, DBAPIError) else type(error).__name__
    reason = " ".join(str(getattr(getattr(driver, "diag", None), "message_primary", None) or driver).split())
    for hidden in (url.password, *(value for key, value in url.query.items() if "password" in key)):
        reason = reason.replace(str(hidden), "***") if hidden else reason
    return f"the stored conversations in {url.database} cannot be used ({reason}); {_ADVICE[url.get_backend_name()]}"


def _mine(id: str, owner: str) -> sa.ColumnElement[bool]:
    if id != _storable(id):
        raise ThreadUnknown
    return sa.and_(_THREADS.c.id == id, _THREADS.c.owner == _owner(owner))


def _owner(owner: str) -> str:
    """The owner, who must be named: nobody's threads would be everybody's."""
    if not owner.strip() or owner != _storable(owner):
        raise ValueError("the owner of a conversation must be named, in plain text")
    return owner


def _storable(text: str) -> str:
    """Without what a database's text cannot hold: NUL, and halves of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _titled(title: str, *, cut: bool = False) -> str:
    line = " ".join(_storable(title).split())
    if cut and len(line) > MAX_TITLE:
        line = (line[:MAX_TITLE].rpartition(" ")[0] or line[: MAX_TITLE - 1]) + "…"
    if not 0 < len(line) <= MAX_TITLE:
        raise ValueError(f"a title has 1 to {MAX_TITLE} characters; this one has {len(line)}")
    return line


def _turn(row: Any) -> Turn:
    asked = {"question": row.question, "as_of": row.asked.date(), "places": (), "fingerprint": ""}
    lost = Answer(outcome="declined", answer=OUTDATED, **asked)
    return Turn(row.n, row.question, _fitting(row.answer, lost), _fitting(row.slots, Slots()), row.asked)


def _fitting(stored: str, otherwise: _Model) -> _Model:
    try:
        return type(otherwise).model_validate_json(stored)
    except ValidationError:
        return otherwise
