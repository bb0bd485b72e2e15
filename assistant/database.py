"""The one door to the database: an SQLite file or PostgreSQL, brought up to date when it is opened.

Every table of the product belongs to `TABLES` and is made by a revision in `assistant/migrations`. Messages and logs
never hold a value of a row, nor a password.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from assistant.settings import Settings

FILE = "kei.db"
TABLES = sa.MetaData()

_WAIT_SECONDS = 30
_ADVICE = {
    "sqlite": "check the disk and the rights, move the file away to begin a new one, or name another KEI_DATA_DIR",
    "postgresql": "check that PostgreSQL runs, KEI_DATABASE_URL is right, and its user may make and write tables",
}
# Only one process at a time makes the tables; the number is any that no other program on the server uses.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(660591251)"}
_SNAPSHOT = {"sqlite": "BEGIN", "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"}
_FORMS = "sqlite:////FOLDER/FILE or postgresql://USER:PASSWORD@HOST/NAME"
_PRAGMAS = "PRAGMA synchronous = full; PRAGMA foreign_keys = on; PRAGMA secure_delete = on"


class StoreUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as IndexUnusable does
    """The database cannot be opened, read or written; the message says what to do and shows no password."""


class Utc(sa.TypeDecorator[dt.datetime]):
    """SQLite forgets the time zone, PostgreSQL answers in the session's: both are given and give UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return value and (value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC))


class Database:
    """One database for several threads and processes at once; every verb may raise StoreUnusable."""

    def __init__(self, url: str) -> None:
        """Open it and bring it up to date: an SQLite file (0600) and its folder (0700), the tables of each revision."""
        self._url = _checked(url)
        self._engine = (_engine_of_file if self.dialect == "sqlite" else _engine_of_server)(self._url)
        # Alembic takes a quarter of a second to load; who only catches StoreUnusable need not wait for it.
        from assistant.migrations import NewerDatabase, upgrade

        try:
            with self.transaction() as db:
                db.exec_driver_sql(_ALONE[self.dialect])
                upgrade(db)
        except NewerDatabase as error:
            self.close()
            told = f"the database {self._url.database} was written by a newer Kei Assistant ({error})"
            raise StoreUnusable(f"{told}; install that version, or name another KEI_DATA_DIR") from None
        except StoreUnusable:
            self.close()
            raise

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """The database that the settings name: KEI_DATABASE_URL, or a file in the data folder."""
        if settings.database_url is not None:
            return cls(settings.database_url.get_secret_value())
        return cls(sa.URL.create("sqlite", database=str(settings.data_dir / FILE)).render_as_string())

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._url.get_backend_name()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing. The database's own error is not chained: its details quote the values of a row."""
        try:
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as error:
            raise StoreUnusable(_told(error, self._url)) from None

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """For reading only: every statement sees the rows of one moment, whoever writes meanwhile."""
        with self.transaction() as db:
            db.exec_driver_sql(_SNAPSHOT[self.dialect])
            yield db

    def scrub(self) -> None:
        """After a deletion, which SQLite overwrites in the file: overwrite it in the log beside the file too, unless a
        reader holds that just then (it is emptied by the next call, or when the last process closes)."""
        if self.dialect == "sqlite":
            with self.transaction() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()


def storable(text: str) -> str:
    """Without what a database's text cannot hold: NUL, and halves of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


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
        told = f"the database {path} cannot be opened ({error})"
        raise StoreUnusable(f"{told}; {_ADVICE['sqlite']}") from error
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine, "connect", _prepared)
    return engine


def _prepared(connection: Any, record: object) -> None:
    connection.executescript(_PRAGMAS).close()
    # A text with broken bytes must be readable: else who breaks one row of the ledger hides all others from its check.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")


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
    return f"the database {url.database} cannot be used ({reason}); {_ADVICE[url.get_backend_name()]}"
