"""How one person asks: what comes of a question, and the door for programs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import httpx

from evals.load.server import Account, Server

# So many seconds without a sign of life end a question.
TIMEOUT = 60
ANSWERED = "answered"


class Door(StrEnum):
    """Where the server is asked."""

    CHAT = "chat"
    API = "api"


@dataclass(frozen=True)
class Reply:
    """What came of one question: ANSWERED, or what the person was told instead; times in seconds from asking on.

    `first` is when the first words of the answer were there. `asked` holds every question that the page then shows,
    `threads` every conversation that it lists; both are empty for a program.
    """

    status: str
    seconds: float
    first: float | None = None
    text: str = ""
    asked: tuple[str, ...] = ()
    threads: frozenset[str] = frozenset()


def refusal(got: httpx.Response) -> str:
    """A status that is no success, with what the server says to it."""
    try:
        told = got.json()
    except ValueError:
        told = got.text[:80]
    words = told.get("error") or told.get("detail") if isinstance(told, dict) else told
    return f"{got.status_code}: {words}"


class Asker(Protocol):
    """One person, or one program, at a door; nobody asks two questions at once."""

    @property
    def door(self) -> Door:
        """Which door."""

    async def ready(self) -> None:
        """Sign in and open what asking needs; asking does it too where it was not done."""

    async def ask(self, question: str) -> Reply:
        """Ask, and wait until the answer is whole. Whatever goes wrong is the reply's status."""

    async def afresh(self) -> None:
        """The next question begins a conversation."""

    async def leave(self) -> None:
        """Close the page; asking opens it again."""

    async def close(self) -> None:
        """Close the connections for good."""


class Program:
    """A program with a person's token."""

    door = Door.API

    def __init__(self, server: Server, account: Account) -> None:
        self._client = httpx.AsyncClient(
            base_url=server.address, headers={"Authorization": f"Bearer {account.token}"}, timeout=TIMEOUT, verify=False
        )

    async def ready(self) -> None:
        """Nothing: the token goes with each question."""

    async def ask(self, question: str) -> Reply:
        """One question by itself; the API begins no conversation."""
        begun = time.perf_counter()
        try:
            got = await self._client.post("/api/ask", json={"question": question})
        except httpx.HTTPError as error:
            return Reply(type(error).__name__, time.perf_counter() - begun)
        spent = time.perf_counter() - begun
        if not got.is_success:
            return Reply(refusal(got), spent)
        return Reply(ANSWERED, spent, spent, got.json()["answer"])

    async def afresh(self) -> None:
        """Nothing: every question is by itself."""

    async def leave(self) -> None:
        """Nothing: a program has no page."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
