"""The nouns of a draft: a sentence with the statements it rests on, sections, callouts, parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assistant.briefs import FoundBrief, FoundReply
from assistant.contract import NoteKind
from assistant.retrieve import Hit
from assistant.understand import Understood
from corpus.law import Rested, Statement
from corpus.library import Library
from corpus.verdicts import Condition

# From this share of the best score on, a statement bears on the question and not only on its subject (measured
# against judged provisions: below it two in three are beside the point).
BEARS = 0.4


@dataclass(frozen=True)
class Sentence:
    """One or two sentences of an answer.

    `rests_on` are statement ids; a sentence that rests on nothing states no law (a question back, a pointer).
    `given` are the figures that come from the question or from a computation and not from a statement.
    `attributed` follows the text: what a named outside source says, which no statement has to bear out.
    `listed`: a name in a list, which states nothing by itself; its heading says what holds of it.
    `computed`: the yes or no with which it opens is the outcome of a comparison, which no statement has to say.
    """

    text: str
    rests_on: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    attributed: str = ""
    computed: bool = False
    listed: bool = False

    @classmethod
    def quoting(cls, statement: Statement) -> Sentence:
        """The statement itself, word for word."""
        return cls(statement.text, (statement.id,))

    @classmethod
    def of(cls, rested: Rested | Condition) -> Sentence:
        """A sentence of a verdict or a brief."""
        return cls(rested.text, rested.rests_on)


@dataclass(frozen=True)
class Section:
    """Sentences under a heading ("Federal law", "Texas")."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Callout:
    """A note beside the rules; rendered as a quoted block and listed in `Answer.notes`."""

    kind: NoteKind
    sentence: Sentence


@dataclass(frozen=True)
class Part:
    """What one plan contributes: the short answer, the rules, callouts, and the slots it still needs.

    The heading of a section of `short` is shown only when several parts answer together.
    """

    short: tuple[Section, ...] = ()
    rules: tuple[Section, ...] = ()
    callouts: tuple[Callout, ...] = ()
    follow_ups: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    answered: bool = True

    @property
    def said(self) -> frozenset[str]:
        """The texts of the short answer."""
        return frozenset(s.text for section in self.short for s in section.sentences)

    def __add__(self, other: Part) -> Part:
        """Both parts in order; nothing is said twice."""
        noted = {c.sentence.text for c in self.callouts}
        short = _joined((*self.short, *other.short), frozenset())
        return Part(
            short=short,
            rules=_joined((*self.rules, *other.rules), self.said | other.said),
            callouts=(*self.callouts, *(c for c in other.callouts if c.sentence.text not in noted)),
            follow_ups=tuple(dict.fromkeys((*self.follow_ups, *other.follow_ups))),
            missing=tuple(dict.fromkeys((*self.missing, *other.missing))),
            answered=self.answered or other.answered,
        )


def _joined(sections: tuple[Section, ...], said: frozenset[str]) -> tuple[Section, ...]:
    """Sections with the same heading become one; a text in `said`, or in an earlier section, is left out."""
    merged: dict[str, list[Sentence]] = {}
    seen = set(said)
    for section in sections:
        for sentence in section.sentences:
            if sentence.text not in seen:
                seen.add(sentence.text)
                merged.setdefault(section.heading, []).append(sentence)
    return tuple(Section(heading, tuple(held)) for heading, held in merged.items())


@dataclass(frozen=True)
class Research:
    """All that a draft may use: the question as understood, the book, and what retrieval found.

    `scores` is how much each statement that was found bears on it, `replies` are the direct replies of a place to this
    very question, by place; `brief` is the prepared note that was chosen; `leads` is false for a plan that follows
    another, `corrected` says that a false premise of the question was answered first. `official` are paragraphs of
    official text on this machine that are near to the question or that it cites, `papers` passages of the firm's own
    documents near to it.
    """

    asked: Understood
    library: Library
    hits: tuple[Hit, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    replies: dict[str, FoundReply] = field(default_factory=dict)
    brief: FoundBrief | None = None
    leads: bool = True
    corrected: bool = False
    official: tuple[Statement, ...] = ()
    papers: tuple[Statement, ...] = ()

    def place_name(self, place: str) -> str:
        """ "Federal law" for US, else the name of the state."""
        return self.library.places[place].name if place in self.library.places else "Federal law"

    def statement(self, identifier: str) -> Statement:
        """The statement with this id."""
        return self.library.statement(identifier)

    @property
    def nearest(self) -> float:
        """The cosine similarity of the nearest statement; 0 when nothing was found."""
        return max((h.similarity for h in self.hits), default=0.0)

    def bears(self, rested: Iterable[str]) -> bool:
        """Whether one of the statements bears on this very question, as far as the search can tell."""
        return any(self.scores.get(i, 0.0) >= BEARS for i in rested)

    def live(self, rested: tuple[str, ...]) -> bool:
        """Whether at least one of the statements speaks for the date of the question."""
        return any(self.statement(i).effective.covers(self.asked.as_of) for i in rested)
