"""The official words beside ours: what the dated store on this machine holds, at a pinpoint and to be searched."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assistant.passages import Passage, day_number
from corpus import citations
from corpus.law import Authority, Confidence, Effective, Statement, Status
from corpus.official.quote import quotation
from corpus.official.section import Kind, Paragraph, Standing
from corpus.official.store import Store, Version

# The "place" of official paragraphs in the index: "official:US-IA". They are searched on their own.
OFFICIAL = "official:"
# Shorter paragraphs are headings or say too little to be found by what they mean.
SHORTEST = 40


@dataclass(frozen=True)
class Quoted:
    """Official words at a coordinate: the text, in one line where it comes from and for which days it is known, and the
    same as a statement that an answer can rest on."""

    text: str
    source: str
    statement: Statement


class OfficialTexts:
    """The official texts that `kei sync` brought to this machine; nothing is held when it never ran."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self.fingerprint = store.fingerprint if store else ""
        self._quoted = lru_cache(maxsize=4096)(self._look_up)

    def quoted(self, coordinate: str, as_of: dt.date) -> Quoted | None:
        """The words at a coordinate on a day; None when the store does not hold just that paragraph."""
        return self._quoted(coordinate, as_of)

    def _look_up(self, coordinate: str, as_of: dt.date) -> Quoted | None:
        held = self.store.holding(coordinate, as_of) if self.store else None
        if not held:
            return None
        version, labels = held
        words = quotation(version, labels)
        if not words:
            return None
        origin = version.origin
        days = dict.fromkeys(map(str, (version.effective_from, origin.current_as_of)))
        known = f"known for {' to '.join(days)}"
        if version.announced:
            known = f"announced on {origin.current_as_of} for {version.effective_from} on"
        told = f"text of {origin.source}, {known}"
        parts = (told, origin.fidelity, "its paragraph marks can be read in two ways" if words.ambiguous else "")
        text = str(words)
        return Quoted(text, "; ".join(p for p in parts if p), _statement(version, coordinate, text))

    def passages(self) -> Iterator[Passage]:
        """Every operative paragraph of every version, dated, to be searched; its id is the coordinate and a day."""
        versions = self.store.all() if self.store else ()
        for _, group in itertools.groupby(versions, key=lambda v: v.coordinate):
            held = tuple(group)
            for version, after in itertools.zip_longest(held, held[1:]):
                yield from _passages(version, after)


def _passages(version: Version, after: Version | None) -> Iterator[Passage]:
    if version.standing is not Standing.OPERATIVE:
        return
    place = f"{OFFICIAL}{place_of(version.coordinate)}"
    starts = day_number(version.effective_from)
    period = (starts, day_number(after.effective_from)) if after else (starts,)
    head = f"{citation_of(version.coordinate)}. {version.heading}"
    said: set[tuple[str, ...]] = set()  # labels that the law prints twice are quoted together
    for one in version.paragraphs:
        if one.nth == 0 and one.kind is Kind.TEXT and len(one.text) >= SHORTEST and one.labels not in said:
            said.add(one.labels)
            yield Passage(f"{_at(version, one)}@{version.effective_from}", f"{head} {one.text}", place, *period)


def _at(version: Version, one: Paragraph) -> str:
    return "/".join((version.coordinate, *one.labels))


def place_of(coordinate: str) -> str:
    """ "US-IA" for "us-ia/code/321.30"."""
    return coordinate.partition("/")[0].upper()


def citation_of(coordinate: str) -> str:
    """The citation as an answer prints it; the coordinate itself where no form describes it (an appendix)."""
    try:
        return citations.canonical(coordinate)
    except citations.UnknownCitation:
        return coordinate


def _statement(version: Version, coordinate: str, text: str) -> Statement:
    return Statement(
        id=f"{coordinate}@{version.effective_from}",
        coordinate=coordinate,
        citation=citation_of(coordinate),
        place=place_of(coordinate),
        authority=Authority.REGULATION if "/cfr/" in coordinate else Authority.STATUTE,
        status=Status.IN_FORCE,
        title=version.heading or citation_of(version.coordinate),
        url=version.origin.url,
        text=text,
        confidence=Confidence.HIGH,
        topics=(),
        effective=Effective(**{"from": version.effective_from}),
        checked=version.origin.current_as_of,
        record=version.coordinate,
    )
