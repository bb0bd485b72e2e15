"""Many people asking at once: the real server on this machine, a token each, until the time is up."""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import httpx

from assistant.access import Users
from assistant.answer import Assistant
from assistant.database import Database
from assistant.settings import Settings
from assistant.tokens import Tokens
from evals.cases import cases

# How long a person reads an answer before the next question, in seconds.
READS = (5.0, 15.0)
TIMEOUT = 60
ROOT = Path(__file__).parents[1]


@dataclass
class Measured:
    """What came back: seconds of each answer, and how often which status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)


def load(people: int, seconds: int) -> str:
    """Markdown with what `people` people saw who asked for `seconds`."""
    asked = [case.question for case in cases() if case.question]
    with tempfile.TemporaryDirectory(prefix="kei-load-") as made:
        settings = Settings(data_dir=Path(made), database_url=None)
        Assistant.open(settings)  # builds the index, so that the server starts at once
        tokens = _tokens(settings, people)
        with _served(settings) as (address, process):
            found = asyncio.run(_everybody(address, tokens, asked, seconds, process))
    return _told(found, people, seconds)


def _tokens(settings: Settings, people: int) -> list[str]:
    with closing(Database.open(settings)) as database:
        users = Users(database)
        tokens, made = Tokens(database, users), list[str]()
        for n in range(people):
            users.add(f"person{n}", "client", f"Person {n}", None)
            made.append(tokens.make(f"person{n}"))
    return made


@contextmanager
def _served(settings: Settings) -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "KEI_DATA_DIR": str(settings.data_dir)}, cwd=ROOT)
    try:
        for _ in range(240):
            try:
                httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait()


async def _everybody(address: str, tokens: Sequence[str], asked: Sequence[str], seconds: int, process: int) -> Measured:
    found, end = Measured(), time.monotonic() + seconds
    async with httpx.AsyncClient(
        base_url=address, timeout=TIMEOUT, limits=httpx.Limits(max_connections=None)
    ) as client:
        people = [_person(client, token, asked, end, found, n) for n, token in enumerate(tokens)]
        await asyncio.gather(_watch(process, end, found), *people)
    return found


async def _person(
    client: httpx.AsyncClient, token: str, asked: Sequence[str], end: float, found: Measured, n: int
) -> None:
    chance = random.Random(n)
    await asyncio.sleep(chance.uniform(0, READS[1]))
    while time.monotonic() < end:
        body = {"question": chance.choice(asked)}
        begun = time.perf_counter()
        try:
            answer = await client.post("/api/ask", json=body, headers={"Authorization": f"Bearer {token}"})
            found.statuses[str(answer.status_code)] += 1
        except httpx.HTTPError as error:
            found.statuses[type(error).__name__] += 1
        found.seconds.append(time.perf_counter() - begun)
        await asyncio.sleep(chance.uniform(*READS))


async def _watch(process: int, end: float, found: Measured) -> None:
    """The memory of the server, in MB, every five seconds (Linux)."""
    while time.monotonic() < end:
        status = Path(f"/proc/{process}/status")
        if status.is_file() and (held := re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii"))):
            found.memory.append(int(held[1]) // 1024)
        await asyncio.sleep(5)


def _told(found: Measured, people: int, seconds: int) -> str:
    spent = found.seconds
    p95 = quantiles(spent, n=20)[-1] if len(spent) > 1 else float("nan")
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    memory = f"{found.memory[0]} to {found.memory[-1]} MB" if found.memory else "not measured"
    return (
        f"{people} people for {seconds} s, a token each, reading {READS[0]:.0f} to {READS[1]:.0f} s between questions: "
        f"{len(spent)} questions; {statuses}; median {median(spent):.2f} s, 95th percentile {p95:.2f} s, longest "
        f"{max(spent):.2f} s; memory of the server {memory}."
    )
