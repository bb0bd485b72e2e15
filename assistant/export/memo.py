"""A memo of one answer or of a conversation: what it says, in order and in words. Knows no file format."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from assistant.compose import DISCLAIMER, LABELS
from assistant.contract import Answer, Cited
from assistant.export.figures import Drawing, Table
from assistant.export.legible import legible
from assistant.export.markdown import Block, blocks, spans
from assistant.labels import AUTHORITY, CONFIDENCE, place_name

LONGEST_TITLE = 90


class TurnLike(Protocol):
    """What a memo needs of a turn; `assistant.threads.Turn` is one. `asked` is in UTC."""

    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> Answer: ...
    @property
    def asked(self) -> dt.datetime: ...


@dataclass(frozen=True)
class Source:
    """A numbered source in words. `words` are ours, `official` quotes the law; `link` is set for a web address only."""

    n: int
    citation: str
    kind: str
    title: str
    words: str
    words_are: str
    official: str | None
    official_source: str | None
    doubt: str | None
    facts: tuple[tuple[str, str], ...]
    address: str
    link: str | None


@dataclass(frozen=True)
class Headings:
    """What stands over the three parts of a section; with several sections each is told by its number."""

    question: str
    answer: str
    sources: str


@dataclass(frozen=True)
class Section:
    """One question with its answer; `sources` are numbered for this section alone."""

    number: int
    headings: Headings
    question: str
    understood: str | None
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block | Table | Drawing, ...]
    sources: tuple[Source, ...]

    def anchor(self, n: int) -> str:
        """The name of a source's place in the file, the same in every format."""
        return f"source_{self.number}_{n}"


@dataclass(frozen=True)
class Memo:
    """The whole memo. `facts` stand under its title, `remarks` at its end; `as_of` is in words. `heading` stands over
    it, `name` is what it calls itself."""

    title: str
    as_of: str
    exported: dt.date
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    disclaimer: str
    remarks: tuple[str, ...]
    heading: str = "Memorandum"
    name: str = "memo"

    @property
    def foot(self) -> str:
        """What stands at the foot of every page."""
        return f"Kei Assistant {self.name}. Information, not legal advice."


def memo(turns: Sequence[TurnLike | Answer], *, exported: dt.date) -> Memo:
    """The memo of these turns, in their order. Raises ValueError when there are none."""
    if not turns:
        raise ValueError("there is nothing to export: ask a question first")
    sections = tuple(_section(n, turn, len(turns)) for n, turn in enumerate(turns, 1))
    title, as_of = _title(sections), "; ".join(map(in_words, dict.fromkeys(_answer(turn).as_of for turn in turns)))
    remarks = [said("numbering")] if len(turns) > 1 else []
    remarks += remarks_on("fingerprint", sections)
    return Memo(
        title=title,
        as_of=as_of,
        exported=exported,
        facts=(
            ("Re", title),
            ("Date", in_words(exported)),
            ("Law as of", as_of),
            ("Prepared by", said("author")),
        ),
        sections=sections,
        disclaimer=said("disclaimer"),
        remarks=tuple(remarks),
    )


def in_words(day: dt.date) -> str:
    """A day as American lawyers write it: "November 25, 2026"."""
    return f"{day:%B} {day.day}, {day.year}"


def said(name: str) -> str:
    """A sentence of the memo's own (`words.toml`)."""
    return _words()["said"][name]


def remarks_on(fingerprint: str, sections: tuple[Section, ...]) -> list[str]:
    """What the end of a memo says of its fingerprint, and of characters that were spelled."""
    return [said(fingerprint), *([said("escaped")] if "[U+" in repr(sections) else ())]


def place(code: str) -> str:
    """ "Texas" for "US-TX", "Federal" for "US"; a code that nobody knows as it stands."""
    return legible(place_name(code))


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def _answer(turn: TurnLike | Answer) -> Answer:
    return turn if isinstance(turn, Answer) else turn.answer


def _title(sections: tuple[Section, ...]) -> str:
    """The first question, cut at a word, and how many follow."""
    line = " ".join(sections[0].question.split())
    if len(line) > LONGEST_TITLE:
        line = (line[:LONGEST_TITLE].rpartition(" ")[0] or line[:LONGEST_TITLE]) + " …"
    more = len(sections) - 1
    return f"{line} (and {more} more question{'s' * (more > 1)})" if more else line


def _section(number: int, turn: TurnLike | Answer, of: int) -> Section:
    answer = _answer(turn)
    asked = None if isinstance(turn, Answer) else turn.asked.astimezone(dt.UTC)
    facts = [("Law as of", in_words(answer.as_of))]
    if asked:
        facts.append(("Asked", f"{in_words(asked.date())}, {asked:%H:%M} UTC"))
    if answer.places:
        facts.append(("Places", ", ".join(map(place, answer.places))))
    facts.append(("Outcome", _words()["outcome"][answer.outcome]))
    if answer.drafting and answer.drafting.used:
        facts.append(("Rules picked by the language model", legible(answer.drafting.model)))
    if answer.fingerprint:
        facts.append(("Fingerprint", legible(answer.fingerprint)))
    headings = Headings("Question", "Answer", "Sources")
    if of > 1:
        headings = Headings(f"Question {number} of {of}", f"Answer {number}", f"Sources of answer {number}")
    return Section(
        number=number,
        headings=headings,
        question=legible(turn.question),
        understood=legible(answer.understood) if answer.understood else None,
        facts=tuple(facts),
        blocks=_blocks(answer),
        sources=tuple(map(source, answer.citations)),
    )


def _blocks(answer: Answer) -> tuple[Block, ...]:
    """The answer's paragraphs but its disclaimer, which the memo has once; then the notes that are not among them."""
    held = frozenset(one.n for one in answer.citations)
    text = answer.answer.removesuffix(DISCLAIMER.format(as_of=answer.as_of.isoformat()))
    unsaid = [note for note in answer.notes if note.text not in answer.answer]
    notes = (
        Block("quote", (spans(legible(f"**{LABELS[note.kind]}** {note.text}".removeprefix("**** ")), held),))
        for note in unsaid
    )
    return (*blocks(legible(text), held), *notes)


def source(one: Cited) -> Source:
    """A numbered source in words."""
    unknown, link = said("unknown"), _link(one.url)
    facts = (
        ("Source read", CONFIDENCE[one.confidence].capitalize()),
        ("Text last checked", in_words(one.checked) if one.checked else unknown),
        ("In force from", in_words(one.effective_from) if one.effective_from else unknown),
        ("Attorney review", legible(one.reviewed) if one.reviewed else _words()["review"][one.review]),
    )
    return Source(
        n=one.n,
        citation=legible(one.citation),
        kind=f"{AUTHORITY.get(one.authority, legible(one.authority))} · {place(one.place)}",
        title=legible(one.title),
        words=legible(one.statement),
        words_are="In our words" if link else "In the words of this paper",
        official=legible(one.official_text) if one.official_text else None,
        official_source=legible(one.official_source.removeprefix("text of ")) if one.official_source else None,
        doubt=None if one.confidence in ("high", "medium") else said("doubt"),
        facts=facts,
        address=legible(one.url),
        link=link,
    )


def _link(url: str) -> str | None:
    """A web address in ASCII that can stand in a link; None for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return quote(url.encode("utf-8", "replace"), safe="%/:?#[]@!$&*+,;=~-._()")
