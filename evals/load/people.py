"""People who ask: for a time, so many questions, or all at one moment; and what is written down of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from evals.cases import Case
from evals.load.doors import ANSWERED, Asker, Door, Reply
from evals.load.server import Server

# How long a person reads an answer before the next question, in seconds.
READS = (5.0, 15.0)
# How many questions one asks before a new conversation, where no case of several turns says what comes next.
TURNS = (1, 4)
# Seconds between two looks at the memory, and the wait of somebody who was told that it is busy.
LOOK, AGAIN = 1.0, 2.0
TRIES = 20
# So many open the page at a time before all ask at one moment.
OPENING = 8


@dataclass
class Conversation:
    """What one person tried to ask in one conversation; what of it was answered, and the answers."""

    person: int
    door: Door
    tried: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sample:
    """The memory of the server in MB after so many answers."""

    answers: int
    memory: float


@dataclass
class Record:
    """All that happened: each reply with its person and door, each conversation, the memory on the way."""

    replies: list[tuple[int, Door, Reply]] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many questions were answered."""
        return sum(reply.status == ANSWERED for _, _, reply in self.replies)


def conversations(cases: Sequence[Case], chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Without end: each case in both wordings, several singles as one conversation, then all again in another order."""
    threads = [turns for case in cases for turns in (case.turns, case.turn_paraphrases) if turns]
    singles = [text for case in cases for text in (case.question, case.paraphrase) if text]
    while True:
        chance.shuffle(singles)
        cut, made = 0, list(threads)
        while cut < len(singles):
            many = chance.randint(*TURNS)
            made.append(tuple(singles[cut : cut + many]))
            cut += many
        chance.shuffle(made)
        yield from made


async def for_a_time(askers: Sequence[Asker], cases: Sequence[Case], seconds: float, record: Record) -> None:
    """Everybody asks, reads, and asks on until the time is up."""
    end = time.monotonic() + seconds

    async def one(number: int, asker: Asker) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.uniform(0, READS[1]))
        for turns in conversations(cases, chance):
            talk = _begun(record, number, asker)
            for question in turns:
                if time.monotonic() >= end:
                    return
                await _asked(record, talk, asker, question)
                await asyncio.sleep(chance.uniform(*READS))
            await asker.afresh()

    await asyncio.gather(*(one(number, asker) for number, asker in enumerate(askers)))


async def so_many(askers: Sequence[Asker], cases: Sequence[Case], questions: int, at_once: int, record: Record) -> None:
    """One question after another, `at_once` people at a time; each closes the page after a conversation, and comes back
    when all others had theirs."""
    waiting = asyncio.Queue[tuple[int, Asker]]()
    for one in enumerate(askers):
        waiting.put_nowait(one)
    talks = conversations(cases, random.Random(0))
    left = iter(range(questions))

    async def place() -> None:
        while True:
            number, asker = waiting.get_nowait()
            talk = _begun(record, number, asker)
            for question in next(talks):
                if next(left, None) is None:
                    return
                await _asked(record, talk, asker, question)
            await asker.leave()
            waiting.put_nowait((number, asker))

    await asyncio.gather(*(place() for _ in range(at_once)))


async def at_one_moment(askers: Sequence[Asker], cases: Sequence[Case], record: Record) -> None:
    """Everybody presses Ask at the same moment; who is told to try again does so until there is an answer."""
    talks = conversations(cases, random.Random(0))

    async def one(number: int, asker: Asker, question: str) -> None:
        talk = _begun(record, number, asker)
        for _ in range(TRIES):
            if await _asked(record, talk, asker, question):
                return
            await asyncio.sleep(AGAIN)

    for some in range(0, len(askers), OPENING):
        await asyncio.gather(*(asker.ready() for asker in askers[some : some + OPENING]))
    await asyncio.gather(*(one(number, asker, next(talks)[0]) for number, asker in enumerate(askers)))


@asynccontextmanager
async def watched(server: Server, record: Record) -> AsyncIterator[None]:
    """Look at the memory of the server again and again until the block ends."""

    async def look() -> None:
        while (held := server.memory()) is not None:
            record.samples.append(Sample(record.answered, held))
            await asyncio.sleep(LOOK)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()


def _begun(record: Record, number: int, asker: Asker) -> Conversation:
    talk = Conversation(number, asker.door)
    record.conversations.append(talk)
    return talk


async def _asked(record: Record, talk: Conversation, asker: Asker, question: str) -> bool:
    """Ask, write down what came of it, and tell whether it was answered."""
    talk.tried.append(question)
    reply = await asker.ask(question)
    record.replies.append((talk.person, talk.door, reply))
    if reply.status == ANSWERED:
        talk.asked.append(question)
        talk.answers.append(reply.text)
    return reply.status == ANSWERED
