"""A chat model's part in an answer: it picks and orders the rules that bear on it; each is checked before it is seen.

The short answer always stands as it was verified; the model's choice of rules comes after it. When too little of a
draft survives, or the model fails, the answer is the one in the book's own words, and says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from assistant.chat_model import Model, ModelFailed
from assistant.claim_check import sentence, stopped
from assistant.claims import BadDraft, Claim, read, schema
from assistant.contract import Drafting
from assistant.memo import Callout, Part, Section, Sentence
from assistant.prompt import Source, instructions, message, repair
from assistant.understand import Understood
from assistant.verify import fault
from corpus.library import Library

# From this share of stopped claims on, the draft as a whole is not trusted.
TOO_MANY_STOPPED = 0.5
FELL_BACK = "The language model's draft was not used ({why}); this is the answer in the book's own words."
TOO_LITTLE, NOTHING = "too little of it was borne out", "it picked nothing"
LEFT_OUT = "Of the language model's draft {n} left out, because {they} not say what {their} source says."


@dataclass
class Draft:
    """One draft in the making: `kept` grows sentence by sentence, in the order in which they may be shown."""

    model: Model
    asked: Understood
    part: Part
    given: tuple[Source, ...]
    library: Library
    kept: list[Sentence] = field(default_factory=list)
    stopped: list[tuple[Claim, str]] = field(default_factory=list)
    repaired: int = 0
    failure: str = ""

    def sentences(self) -> Iterator[Sentence]:
        """The sentences of the answer as each becomes certain: the short answer, then the rules that were picked."""
        yield from (s for section in self.part.short for s in section.sentences)
        first = message(self.asked, self.part, self.given)
        yield from self._ask(first)
        if self.stopped and not self.failure:
            failed, self.stopped = tuple((c.text, why) for c, why in self.stopped), []
            before = len(self.kept)
            yield from self._ask(first + repair(failed))
            self.repaired = len(self.kept) - before

    def _ask(self, text: str) -> Iterator[Sentence]:
        by_id = {one.id: one for one in self.given}
        try:
            for claim in read(self.model.stream(instructions(), text, schema(by_id))):
                if why := stopped(claim, by_id):
                    self.stopped.append((claim, why))
                    continue
                said = sentence(claim, by_id)
                if why := fault(said, self.library):
                    self.stopped.append((claim, why.partition(":")[0]))
                    continue
                if all(said.text != one.text and not _same(said, one) for one in self.kept):
                    self.kept.append(said)
                    yield said
        except ModelFailed as failed:
            self.failure = str(failed)
        except BadDraft as bad:
            self.failure = f"its reply was {bad}"

    @property
    def used(self) -> bool:
        """Whether the draft is good enough to be the answer."""
        tried = len(self.kept) + len(self.stopped)
        return not self.failure and bool(self.kept) and len(self.stopped) / tried < TOO_MANY_STOPPED

    def result(self) -> tuple[Part, Drafting]:
        """The part to answer with, and what became of the draft. Only after `sentences` ran to its end."""
        reasons: dict[str, int] = {}
        for _, why in self.stopped:
            reasons[why] = reasons.get(why, 0) + 1
        told = Drafting(
            model=self.model.name, chosen=len(self.kept), repaired=self.repaired, stopped=reasons, used=self.used
        )
        if self.used:
            return self._drafted(), told
        return self._own(self.failure or (TOO_LITTLE if self.stopped else NOTHING)), told

    def _own(self, why: str) -> Part:
        note = Callout("scope", Sentence(FELL_BACK.format(why=why)))
        return replace(self.part, callouts=(*self.part.callouts, note))

    def _drafted(self) -> Part:
        """The short answer with the rules that the model picked, in its order; the others are cut."""
        headings = {i: section.heading for section in self.part.rules for s in section.sentences for i in s.rests_on}
        groups = itertools.groupby(self.kept, key=lambda s: headings.get(s.rests_on[0], ""))
        rules = tuple(Section(heading, tuple(sentences)) for heading, sentences in groups)
        callouts = self.part.callouts
        if n := len(self.stopped):
            words = ("one sentence was", "it does", "its") if n == 1 else (f"{n} sentences were", "they do", "their")
            text = LEFT_OUT.format(n=words[0], they=words[1], their=words[2])
            callouts = (*callouts, Callout("scope", Sentence(text, given=frozenset({str(n)}))))
        return replace(self.part, rules=rules, callouts=callouts)


def _same(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences say the same thing of the same sources."""
    return one.rests_on == other.rests_on and one.text.rstrip(".").lower() == other.text.rstrip(".").lower()
