"""Briefs: prepared notes on recurring federal questions (`briefs/*.yaml`), each sentence resting on statements.

A brief is found by the nearness of a question to its `asks`; it is checked like any other draft, so it cannot say
what its statements do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from corpus.law import Effective, Noun, Rested, Text
from corpus.library import Library

FOLDER = Path(__file__).parent / "briefs"
LOCAL = Path(__file__).parent / "replies"


class BriefError(ValueError):
    """A brief that cannot be used; the message names the file and the reason."""


class Premise(Noun):
    """A mistaken belief: when one of the `patterns` is in the question, `says` opens the answer."""

    patterns: tuple[Text, ...] = Field(min_length=1)
    says: Rested


class Reply(Noun):
    """The direct answer to one question of a brief's subject.

    `asks` are ways of putting just this question; `says` opens with the answer ("No: ...", "Yes, if ...") and is a
    whole statement, so that it misleads nobody who put the question the other way round. `effective` is the time for
    which it answers so; outside it the reply does not exist.
    """

    asks: tuple[Text, ...] = Field(min_length=2)
    says: Rested
    effective: Effective = Effective()


class LocalReplies(Noun):
    """The direct replies of one place (`replies/*.yaml`)."""

    place: Text
    replies: tuple[Reply, ...]


class Brief(Noun):
    """A prepared note.

    `asks` are ways in which a client could put the question, `short` the short answer, `rules` the ids of the
    statements that decide it, highest authority first. A fitting one of the `replies` opens the answer. `words` are
    patterns of which one must be in the question; a question with one of the `sure` patterns is very likely about
    this brief. `computes` names a computation of `assistant.eligibility` whose sentences come first.
    A brief that `gives_way` is about the age rules, which the import plan answers better for one vehicle.
    `intent` names the intent of the vocabulary for which the brief speaks when no brief is near enough.
    """

    id: Text
    asks: tuple[Text, ...] = Field(min_length=2)
    words: tuple[Text, ...] = ()
    sure: tuple[Text, ...] = ()
    short: tuple[Rested, ...] = Field(min_length=1)
    rules: tuple[Text, ...] = ()
    premises: tuple[Premise, ...] = ()
    replies: tuple[Reply, ...] = ()
    computes: Text | None = None
    follow_ups: tuple[Text, ...] = ()
    gives_way: bool = False
    intent: Text | None = None

    @cached_property
    def statements(self) -> frozenset[str]:
        """The ids of all statements that the brief rests on or quotes."""
        return frozenset((*self.rules, *(i for one in self.short for i in one.rests_on)))

    @cached_property
    def questions(self) -> tuple[tuple[str, Reply | None], ...]:
        """Every way of asking for this brief, each with the reply that answers just that."""
        return (*((a, None) for a in self.asks), *((a, reply) for reply in self.replies for a in reply.asks))


@dataclass(frozen=True)
class FoundBrief:
    """A brief, the cosine similarity of the nearest of its questions, its score with the evidence of the hits, and
    the direct reply when one fits."""

    brief: Brief
    similarity: float
    score: float
    reply: Reply | None = None


@dataclass(frozen=True)
class FoundReply:
    """A direct reply of a place, and the similarity of its nearest question."""

    reply: Reply
    similarity: float


@cache
def briefs(folder: Path = FOLDER) -> dict[str, Brief]:
    """Every brief by id. Raises BriefError at the first that is not valid."""
    found: dict[str, Brief] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            brief = Brief.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValidationError) as error:
            raise BriefError(f"{path}: {error}") from error
        if brief.id != path.stem:
            raise BriefError(f"{path}: id {brief.id!r} is not the name of the file")
        found[brief.id] = brief
    return found


@cache
def general_asks() -> tuple[str, ...]:
    """What every place's headline and findings answer (`replies/general.yaml`); a direct reply must be nearer."""
    held = yaml.load((LOCAL / "general.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return tuple(ask for group in held.values() for ask in group)


@cache
def local_replies(folder: Path = LOCAL) -> dict[str, tuple[Reply, ...]]:
    """The direct replies by place ("US-TX"). Raises BriefError at the first file that is not valid."""
    found: dict[str, tuple[Reply, ...]] = {}
    for path in sorted(folder.glob("??.yaml")):
        try:
            held = LocalReplies.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValidationError) as error:
            raise BriefError(f"{path}: {error}") from error
        if held.place != f"US-{path.stem.upper()}":
            raise BriefError(f"{path}: place {held.place!r} is not that of the file")
        found[held.place] = held.replies
    return found


def check(library: Library) -> None:
    """Raises BriefError when a brief or a local reply rests on a statement that the book does not hold."""
    for place, replies in local_replies().items():
        for identifier in (i for reply in replies for i in reply.says.rests_on):
            if identifier not in library.statements:
                raise BriefError(f"a reply of {place} rests on {identifier!r}, which is not in the book")
    for brief in briefs().values():
        said = (*brief.short, *(p.says for p in brief.premises), *(r.says for r in brief.replies))
        rested = [i for one in said for i in one.rests_on]
        for identifier in (*rested, *brief.rules):
            if identifier not in library.statements:
                raise BriefError(f"brief {brief.id!r} rests on {identifier!r}, which is not in the book")
