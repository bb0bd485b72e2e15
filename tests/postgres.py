"""Databases of the tests' own: an SQLite file, and a PostgreSQL server of Debian's programs in a temporary folder.

A test module takes the fixtures by `server, url = postgres.server, postgres.url`.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import ROOT, missing

USER = "kei"
# It refuses to run as root; Debian's package brings this user.
SERVANT = "postgres"
# Nothing must outlive the tests, so nothing waits for the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of the newest `initdb` and `postgres` that this machine can run; None without them."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if os.geteuid() == 0 and SERVANT not in {user.pw_name for user in pwd.getpwall()}:
        return None
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """A running server as `postgresql://kei:PASSWORD@127.0.0.1:PORT`; add `/postgres` or a database of your own."""
    folder = Path(tempfile.mkdtemp(prefix="kei-postgres-"))
    password = secrets.token_urlsafe(12)
    try:
        (folder / "password").write_text(password, "ascii")
        servant = _servant(folder)
        made = [programs / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync"]
        made += ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **servant)
        port = _free_port()
        served = [programs / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        served += [word for setting in FAST for word in ("-c", setting)]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(served, stdout=log, stderr=log, cwd=folder, **servant)
        try:
            url = f"postgresql://{USER}:{password}@127.0.0.1:{port}"
            _wait(server, url, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # ends now, whoever is connected
            server.wait()
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(server: str) -> Iterator[str]:
    """An empty database on that server, as its URL; dropped at the end, whoever is connected."""
    name = f"kei_{secrets.token_hex(6)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield f"{server}/{name}"
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A running server's URL, without a database."""
    with running(programs() or missing("Debian's postgresql")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store/kei.db"
    else:
        with database(request.getfixturevalue("server")) as held:
            yield held


def raw(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Statements on the database itself, past the product, in one transaction; what the last one gives."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db, db:
            return [db.execute(statement).fetchall() for statement in statements][-1]
    with psycopg.connect(url) as server:
        done = [server.execute(statement.encode()) for statement in statements][-1]
        return done.fetchall() if done.description else []


def started(url: str, given: str, code: str, *each: tuple[str, ...]) -> list[subprocess.Popen[str]]:
    """A process for each tuple of `words`; each runs `given` and, let go at once when the last is ready, `code`."""
    head = f"import os, sys\nURL, words = os.environ['URL'], sys.argv[1:]\n{given}\n"
    whole = f"{head}print('ready', flush=True)\nsys.stdin.readline()\n{code}"
    env, pipe = {**os.environ, "URL": url}, subprocess.PIPE
    commands = [[sys.executable, "-c", whole, *words] for words in each]
    processes = [subprocess.Popen(c, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=env) for c in commands]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * len(each)
    for process in processes:
        print(file=process.stdin, flush=True)
    return processes


def _servant(folder: Path) -> dict[str, Any]:
    """How a program is started by the user that owns the folder."""
    if os.geteuid() != 0:
        return {}
    for path in (folder, folder / "password"):
        shutil.chown(path, SERVANT, SERVANT)
    return {"user": SERVANT, "group": SERVANT, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(f"{url}/postgres").close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text("utf-8")
            time.sleep(0.2)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text('utf-8')}")
