"""A PostgreSQL server of the tests' own: Debian's programs, a temporary folder, a free port of this machine only."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

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
