"""The real server for a measurement: in a folder of its own, with people who may sign in, and ended in every case."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from assistant.access import Users
from assistant.database import Database
from assistant.settings import Settings
from assistant.tokens import Tokens

ROOT = Path(__file__).parents[2]
# So many seconds the server may take to be ready, and then to end.
START, END = 240.0, 20.0
# What may be set for a measurement; every other KEI_ variable (a database, a language model) is left out of it.
KEPT = ("KEI_EMBED_MODEL", "KEI_LOG_LEVEL")


class LoadError(RuntimeError):
    """A measurement that cannot be made; the message says why."""


@dataclass(frozen=True)
class Account:
    """A person of the measured server: how they sign in to the chat, and the token of their program."""

    login: str
    password: str
    token: str


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process id, and the file that holds what it logged."""

    address: str
    process: int
    log: Path

    def memory(self) -> float | None:
        """What it holds just now (VmRSS) in MB; None where the system has no /proc."""
        try:
            status = Path(f"/proc/{self.process}/status").read_text("ascii")
        except OSError:
            return None
        held = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(held[1]) / 1024 if held else None

    def logged(self) -> list[str]:
        """The lines that it logged: at its level of WARNING there should be none."""
        return [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.startswith("{")]


@contextmanager
def alone() -> Iterator[Settings]:
    """Settings of a folder that is gone afterwards, with a copy of the index if there is one, and of nothing else that
    is set on this machine."""
    mine = Settings().index_dir
    with tempfile.TemporaryDirectory(prefix="kei-load-") as made:
        if mine.is_dir():
            shutil.copytree(mine, Path(made) / mine.name)
        hidden = {name: os.environ.pop(name) for name in list(os.environ) if _left_out(name)}
        try:
            settings = Settings(data_dir=Path(made))
        finally:
            os.environ.update(hidden)
        yield settings


def accounts(settings: Settings, count: int) -> tuple[Account, ...]:
    """So many people in the database of the settings; from then on everybody must sign in."""
    with closing(Database.open(settings)) as database:
        users = Users(database)
        tokens, made = Tokens(database, users), list[Account]()
        for n in range(count):
            login, password = f"person{n}", secrets.token_urlsafe(18)
            users.add(login, "client", f"Person {n}", password)
            made.append(Account(login, password, tokens.make(login)))
    return tuple(made)


@contextmanager
def served(settings: Settings) -> Iterator[Server]:
    """The server on a free port of this machine until the block ends, however it ends. Raises LoadError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = settings.data_dir / "server.log"
    told = {name: value for name, value in os.environ.items() if not _left_out(name)}
    with _ending_by_signal(), log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(port)],
            env={**told, "KEI_DATA_DIR": str(settings.data_dir)},
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C is for us; we end the server
        )
        try:
            server = Server(f"http://127.0.0.1:{port}", process.pid, log)
            _ready(server, process)
            yield server
        finally:
            _ended(process)


def _left_out(name: str) -> bool:
    return name.upper().startswith("KEI_") and name not in KEPT


def _ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        if process.poll() is not None:
            raise LoadError(f"the server ended at its start: {server.log.read_text('utf-8', 'replace')[-500:]}")
        try:
            if httpx.get(f"{server.address}/readyz", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.25)
    raise LoadError(f"the server was not ready after {START:.0f} s; start it with `make run` and look")


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind this process as Ctrl+C does, instead of leaving the server behind."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    kept = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
