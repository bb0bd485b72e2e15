"""What the book says of one state on one day: sentences, each with the statements it rests on, for its page and for a
comparison. The words are those of the verdict and of the chat's plans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.contract import Ask
from assistant.memo import Research, Sentence
from assistant.plans import findings, places
from assistant.plans.measured import bounds
from assistant.plans.several import STANDING
from assistant.understand import understand
from corpus.law import Status
from corpus.library import Library
from corpus.verdicts import Condition, ConditionKind, Conflict, Limit, Measure, Verdict

# Asks for the limits of a state, so that a finding opens as the answer to "is there a limit?".
QUESTION = "Does {} limit the roads that a kei truck may use?"
PLATES = "Is a kei truck legal on the road in {}?"
CONDITIONS = {
    ConditionKind.ROADS: "Roads",
    ConditionKind.AGE: "Age",
    ConditionKind.USE: "Use",
    ConditionKind.SIZE: "Size and class",
    ConditionKind.EQUIPMENT: "Equipment",
    ConditionKind.PAPERWORK: "Papers",
    ConditionKind.INSPECTION: "Inspection",
    ConditionKind.EMISSIONS: "Emissions",
    ConditionKind.INSURANCE: "Insurance",
    ConditionKind.FEE: "Fees",
    ConditionKind.LICENCE: "Driver's license",
    ConditionKind.LOCAL: "Local rules",
    ConditionKind.EXCEPTION: "Exceptions",
    ConditionKind.COMING: "What is coming",
    ConditionKind.HISTORY: "What was before",
}
MEASURES = {
    Measure.ENGINE_CC: "Engine",
    Measure.LENGTH_IN: "Length",
    Measure.WIDTH_IN: "Width",
    Measure.HEIGHT_IN: "Height",
    Measure.WEIGHT_LB: "Weight",
    Measure.GROSS_LB: "Gross weight rating",
    Measure.TOP_MPH: "Top speed",
    Measure.ROAD_MPH: "Posted speed of the road",
}


@dataclass(frozen=True)
class Labelled:
    """A sentence under a word or two that says what it is about."""

    label: str
    sentence: Sentence


@dataclass(frozen=True)
class Period:
    """A position for other days than the one asked about. `coming` when it starts after that day."""

    days: str
    words: str
    confidence: str
    coming: bool
    sentences: tuple[Sentence, ...]


class StateOnDay:
    """One state on one day. Raises KeyError for a place that the book does not hold."""

    def __init__(self, library: Library, code: str, day: dt.date) -> None:
        self.place, self.day = library.places[code], day
        self.verdict = self.place.verdict(day)
        self._research = Research(understand(Ask(question=QUESTION.format(self.place.name), as_of=day)), library)

    @property
    def code(self) -> str:
        """ "TX", as addresses name it."""
        return self.place.code.removeprefix("US-")

    @property
    def words(self) -> str:
        """The position in a few words."""
        return STANDING[self.verdict.registration] if self.verdict else "no position in the book for that day"

    def dated(self) -> tuple[Sentence, ...]:
        """What must be said before the verdict: that there is none for the day, or that its start is unknown."""
        if self.verdict is None:
            return tuple(c.sentence for c in places.no_verdict(self._research, self.place).callouts)
        return places.unknown_since(self._research, self.place, self.verdict)

    def headline(self) -> tuple[Sentence, ...]:
        """The verdict in its own sentences."""
        return places.headline(self._research, self.place, self.verdict, leads=True) if self.verdict else ()

    def finding(self, kind: ConditionKind) -> tuple[Sentence, ...]:
        """The answer to "has it an age rule?" or "does it limit the roads?", or that the book holds none."""
        if self.verdict is None:
            return ()
        found = self.verdict.finding(kind)
        if found is None:
            return self.beyond(kind)
        return findings.told(self._research, self.place, self.verdict, found)

    def beyond(self, kind: ConditionKind) -> tuple[Sentence, ...]:
        """What the book holds on a kind of which the verdict has no condition, or plainly that it holds nothing."""
        about = {topic for topic in places.TOPICS.get(kind, ()) if kind in places.KINDS}
        spoken = [s for p in self.place.provisions for s in p.statements if about & set(s.topics)]
        live = [s for s in spoken if s.in_force(self.day) and s.confidence.decides]
        if live or kind not in places.KINDS:
            return tuple(map(Sentence.quoting, live[:2]))
        nothing = "For that day the book holds nothing confirmed" if spoken else "The book holds nothing"
        return (Sentence(f"{nothing} on {places.KINDS[kind]} in {self.place.name}."),)

    def limits(self) -> tuple[Labelled, ...]:
        """The figures of the state's class."""
        return tuple(map(_limit, self.verdict.limits)) if self.verdict else ()

    def conditions(self) -> tuple[Labelled, ...]:
        """The conditions by kind, in the order of CONDITIONS."""
        order = list(CONDITIONS)
        held = sorted(self._conditions(), key=lambda c: order.index(c.kind))
        return tuple(Labelled(CONDITIONS[c.kind], Sentence.of(c)) for c in held)

    def of_kind(self, kind: ConditionKind) -> tuple[Sentence, ...]:
        """The conditions of one kind."""
        return tuple(Sentence.of(c) for c in self._conditions() if c.kind is kind)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Where sources disagree on that day; one that rests on no statement of the book speaks for every day."""
        return tuple(c for c in self.place.conflicts if not c.rests_on or self._research.live(c.rests_on))

    def pending(self) -> tuple[Sentence, ...]:
        """Bills and proposals that were alive on that day: named as such, never as law."""
        bills = [s for p in self.place.provisions for s in p.statements]
        alive = [s for s in bills if s.status in (Status.PENDING, Status.PROPOSED) and s.effective.covers(self.day)]
        return tuple(Sentence(f"Pending: {s.text}", (s.id,)) for s in alive)

    def unconfirmed(self) -> tuple[Sentence, ...]:
        """What was not confirmed of the verdict."""
        return tuple(map(Sentence, self.verdict.unconfirmed)) if self.verdict else ()

    def periods(self) -> tuple[Period, ...]:
        """The positions for other days, oldest first."""
        return tuple(self._period(v) for v in self.place.verdicts if v is not self.verdict)

    def follow_ups(self) -> tuple[str, ...]:
        """Questions on this state that the chat can answer."""
        asked = PLATES.format(self.place.name)
        return (asked, *places.place(self._research, self.place.code).follow_ups)

    def _conditions(self) -> tuple[Condition, ...]:
        return self.verdict.conditions if self.verdict else ()

    def _period(self, verdict: Verdict) -> Period:
        start, end = verdict.effective.from_, verdict.effective.until
        days = " ".join(filter(None, (f"from {start}" if start else "", f"before {end}" if end else "")))
        told = tuple(Sentence.of(one) for one in verdict.headline)
        coming = bool(start and start > self.day)
        return Period(days, STANDING[verdict.registration], verdict.confidence.value, coming, told)


def _limit(limit: Limit) -> Labelled:
    """ "The limit of Ohio's mini-truck class is at most 660 cc." under "Engine"."""
    told = Sentence(f"The limit of {limit.of} is {bounds(limit)}.", limit.rests_on, computed=True)
    return Labelled(MEASURES[limit.measure], told)
