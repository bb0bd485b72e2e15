"""Many people at once, or many questions in a row, at the real server: how long they wait, and what it remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from assistant.answer import Assistant
from evals.cases import cases
from evals.load.browser import Browser
from evals.load.checks import compared, mixed_up, pried
from evals.load.doors import Asker, Door, Program
from evals.load.people import READS, Record, at_one_moment, for_a_time, so_many, watched
from evals.load.report import told
from evals.load.server import Account, LoadError, Server, accounts, alone, served

__all__ = ["Door", "LoadError", "burst", "crowd", "row"]

Measurement = Callable[[Sequence[Asker], Record], Awaitable[None]]
# In a row, so many questions are being answered at any time: as many as there are places for them.
AT_ONCE = 4


def crowd(doors: Sequence[Door], people: int, seconds: float) -> str:
    """Markdown of what `people` people at each door saw who asked and read for so long. Raises LoadError."""
    read = f"reading {READS[0]:.0f} to {READS[1]:.0f} s between questions"
    what = f"{people} people at each door for {seconds:.0f} s, {read}"
    return _measured(what, doors, people, lambda askers, record: for_a_time(askers, cases(), seconds, record))


def row(doors: Sequence[Door], people: int, questions: int) -> str:
    """Markdown of `questions` questions, AT_ONCE at a time, by people who close the page after each conversation."""
    what = f"{questions:,} questions in a row, {AT_ONCE} at a time, by {people} people at each door"
    return _measured(what, doors, people, lambda askers, record: so_many(askers, cases(), questions, AT_ONCE, record))


def burst(doors: Sequence[Door], people: int) -> str:
    """Markdown of what becomes of one question each that all ask at the same moment, and again where it is busy."""
    what = f"{people} people at each door asking at the same moment, and again when they are told that it is busy"
    return _measured(what, doors, people, lambda askers, record: at_one_moment(askers, cases(), record))


def _measured(what: str, doors: Sequence[Door], people: int, measurement: Measurement) -> str:
    record = Record()
    with alone() as settings:
        # Opened before the server, which then finds the index; asked when that has ended, to take none of its time.
        assistant = Assistant.open(settings)
        known = accounts(settings, people * len(doors))
        with served(settings) as server:
            strange = asyncio.run(_all(server, doors, known, measurement, record))
            logged = server.logged()
        return told(what, record, compared(assistant, record), strange, logged)


async def _all(
    server: Server, doors: Sequence[Door], known: Sequence[Account], measurement: Measurement, record: Record
) -> list[str]:
    """Make the measurement; what people saw of others."""
    askers: list[Asker] = [
        Browser(server, account, number) if doors[number % len(doors)] is Door.CHAT else Program(server, account)
        for number, account in enumerate(known)
    ]
    try:
        async with watched(server, record):
            await measurement(askers, record)
        return mixed_up(record) + await pried(askers, record)
    finally:
        await asyncio.gather(*(asker.close() for asker in askers))
