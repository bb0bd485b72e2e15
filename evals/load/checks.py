"""Whether what people got is right: the same text as the assistant alone gives, and nothing of anybody else's."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Assistant
from assistant.web.conversation import Page, ask
from assistant.web.rendering import harmless
from evals.load.browser import Browser
from evals.load.doors import Asker, Door
from evals.load.people import Conversation, Record

# So many conversations of each door are asked again of the assistant alone, and so many doors of others are tried.
SAMPLE, PRYING = 40, 20


@dataclass(frozen=True)
class Compared:
    """How many answers were held against the assistant's own, and how many differ."""

    answers: int
    differing: int


def compared(assistant: Assistant, record: Record, sample: int = SAMPLE) -> Compared:
    """The answers of a sample of conversations beside what the assistant alone says to the same questions."""
    chance, chosen = random.Random(0), list[Conversation]()
    for door in Door:
        held = [talk for talk in record.conversations if talk.door == door and talk.asked]
        chosen += chance.sample(held, min(sample, len(held)))
    pairs = [(got, alone) for talk in chosen for got, alone in zip(talk.answers, _alone(assistant, talk), strict=True)]
    return Compared(len(pairs), sum(got.split() != alone.split() for got, alone in pairs))


def _alone(assistant: Assistant, talk: Conversation) -> list[str]:
    """The assistant's answers without a server: on the page one after another, for a program each by itself."""
    if talk.door is Door.API:
        return [assistant.ask(question).answer for question in talk.asked]
    page = Page()
    for question in talk.asked:
        *_, page = ask(page, assistant, question, None, "")
    return [message["content"] for message in page.messages if message["role"] == "assistant"]


def mixed_up(record: Record) -> list[str]:
    """What people saw that is not theirs, in words without any of it: questions on the page, conversations listed."""
    told, owners = list[str](), defaultdict[str, set[int]](set)
    asked = defaultdict[int, set[str]](set)
    for talk in record.conversations:
        asked[talk.person] |= {_plain(harmless(question)) for question in talk.tried}
    for person, _, reply in record.replies:
        for thread in reply.threads:
            owners[thread].add(person)
        if not {_plain(question) for question in reply.asked} <= asked[person]:
            told.append(f"person {person} was shown a question of somebody else")
    told += [f"one conversation was listed for {len(people)} people" for people in owners.values() if len(people) > 1]
    return told


async def pried(askers: Sequence[Asker], record: Record, most: int = PRYING) -> list[str]:
    """Let people open the addresses of others' conversations; what they then saw, in words without any of it."""
    theirs = {person: min(reply.threads) for person, _, reply in record.replies if reply.threads}
    people, told = sorted(theirs)[:most], list[str]()
    for person, other in zip(people, people[1:] + people[:1], strict=True):
        asker = askers[person]
        if person != other and isinstance(asker, Browser) and await asker.at(theirs[other]):
            told.append(f"person {person} could open a conversation of person {other}")
    return told


def _plain(text: str) -> str:
    return " ".join(text.split())
