"""`deploy/two/start.py` on a folder of the tests' own: two processes of the assistant behind nginx, and people."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher

from assistant.access import Role, Users
from assistant.database import Database
from assistant.tokens import Tokens
from tests import postgres
from tests.conftest import ROOT, missing

START = ROOT / "deploy" / "two" / "start.py"
PASSWORD = "a long enough one"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Two:
    """What was started: `doors` are the ports of nginx and of both processes."""

    folder: Path
    process: subprocess.Popen[str]
    port: int
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def doors(self) -> dict[str, int]:
        return {"nginx": self.port, "a": self.port + 1, "b": self.port + 2}

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    def database(self) -> Database:
        return Database((self.settings / "KEI_DATABASE_URL").read_text("ascii"))

    def asked(
        self, door: str, method: str, path: str, body: Any = None, *, login: str = "", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request at a door; a dictionary is sent as JSON, a list as a form."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if login:
            sent["Authorization"] = f"Bearer {self.tokens[login]}"
        data = None
        if isinstance(body, dict):
            data, sent["Content-Type"] = json.dumps(body), "application/json"
        elif body is not None:
            data, sent["Content-Type"] = urlencode(body), "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.doors[door], timeout=60)) as line:
            line.request(method, path, data, sent)
            got = line.getresponse()
            told = {name.lower(): "; ".join(got.headers.get_all(name) or ()) for name in got.headers}
            return got.status, told, got.read()

    def answer(self, door: str, question: str, login: str, **more: str) -> dict[str, Any]:
        """The Answer JSON of one question, without its times."""
        status, _, body = self.asked(
            door, "POST", "/api/ask", {"question": question, "as_of": "2026-11-24", **more}, login=login
        )
        assert status == 200, (door, question, body)
        return {name: value for name, value in json.loads(body).items() if name != "timings_ms"}

    def add_people(self, **people: Role) -> None:
        """People with a token each."""
        with closing(self.database()) as database:
            users = Users(database, hasher=CHEAP)
            for login, role in people.items():
                users.add(login, role, login.title(), PASSWORD)
                self.tokens[login] = Tokens(database, users).make(login)

    def child(self, words: str) -> int:
        """The process id of the program that was started with those words."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        lines = {int(one): Path(f"/proc/{one}/cmdline").read_text("utf-8").replace("\0", " ") for one in children}
        (found,) = (one for one, line in lines.items() if words in line)
        return found


def free_ports() -> int:
    """The first of five ports in a row on which nobody listens."""
    for first in range(20_000 + os.getpid() % 5_000, 32_000, 5):
        probes = [socket.socket() for _ in range(5)]
        try:
            for n, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + n))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no five ports in a row are free")


@contextmanager
def started(index: Path) -> Iterator[Two]:
    """Everything running, on a new folder; the vectors of an index folder are taken over."""
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        missing("Debian's nginx")
    if postgres.programs() is None:
        missing("Debian's postgresql")
    # Not the tests' own folder: PostgreSQL's user must come to it.
    folder, port = Path(tempfile.mkdtemp(prefix="kei-two-")), free_ports()
    (folder / "data").mkdir()
    shutil.copytree(index, folder / "data" / "index")
    env = {name: value for name, value in os.environ.items() if not name.startswith("KEI_")}
    command = [sys.executable, str(START), str(folder), "--port", str(port)]
    process = subprocess.Popen(
        command, env={**env, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        said = []
        while not said or f"http://127.0.0.1:{port} " not in said[-1]:
            said.append(process.stdout.readline())
            assert said[-1], "".join(said)
        yield Two(folder, process, port)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)
        shutil.rmtree(folder)
