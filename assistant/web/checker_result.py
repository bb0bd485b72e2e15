"""What the import checker says of one vehicle: sentences, each with the statements it rests on.

The clocks are computed by `assistant.eligibility` and worded by its own tables; of a state it says what its verdict
says; the papers are statements of the book, chosen by `checker.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant import eligibility
from assistant.contract import Ask
from assistant.eligibility import Reading
from assistant.memo import Research, Sentence
from assistant.plans import beside, importing, places
from assistant.plans.measured import NAMES, measured
from assistant.understand import understand
from assistant.web.checker_form import Vehicle, table
from corpus.library import Library
from corpus.verdicts import Condition, ConditionKind, Conflict, Measure, Place

STATES = {"met": "Met", "unmet": "Not yet met", "depends": "Depends on the exact build date"}


@dataclass(frozen=True)
class Event:
    """A day of the timeline in words: `kind` is built, day (of import) or clock; a clock has its reading."""

    when: str
    text: str
    kind: str
    state: str = ""
    sentence: Sentence | None = None


@dataclass(frozen=True)
class Paper:
    """One entry of the checklist: its lines, each with what is to be marked on the form, or ""."""

    name: str
    lines: tuple[tuple[str, Sentence], ...]


class Checked:
    """One vehicle, checked against the book. Raises KeyError for a place that the book does not hold."""

    def __init__(self, library: Library, vehicle: Vehicle) -> None:
        self.library, self.vehicle = library, vehicle
        built = vehicle.built
        self.readings = tuple(eligibility.read(c, built) for c in eligibility.clocks()) if built else ()
        self.states = {one.clock.name: one.state(vehicle.day) for one in self.readings}
        self.place = library.places[vehicle.place] if vehicle.place else None
        self.verdict = self.place.verdict(vehicle.day) if self.place else None
        asked = understand(Ask(question="Is a kei truck legal?", as_of=vehicle.day, state=vehicle.place))
        self._research = Research(asked, library)

    def federal(self) -> tuple[Sentence, ...]:
        """Whether federal law lets the vehicle in for its age; of a new one, what it needs."""
        rules, state = eligibility.rules()["importing"], self.states.get("safety")
        told: list[Sentence] = []
        if self.readings:
            safety = self.readings[0]
            given = {"built": eligibility.built_name(safety.built), "when": eligibility.day_name(safety.latest)}
            told += importing.texts(rules[state], **given)
        if self.vehicle.new and state != "met":
            told += importing.texts(rules["new"])
        return tuple(told)

    def events(self) -> tuple[Event, ...]:
        """The build, each clock and the day of import, in their order."""
        if self.vehicle.built is None:
            return ()
        day, built = self.vehicle.day, self.vehicle.built
        dated = [(one.earliest, 1, self._event(one)) for one in self.readings]
        dated.append((day, 2, Event(eligibility.day_name(day), "Day of import", "day")))
        named = eligibility.built_name(built).partition(" ")[2]
        ordered = sorted(dated, key=lambda one: one[:2])
        return (Event(named, "Built", "built"), *(event for _, _, event in ordered))

    def low_speed(self) -> tuple[Sentence, ...]:
        """Whether the figures make it a low-speed vehicle, where they decide."""
        named = {"mph": Measure.TOP_MPH, "lb": Measure.GROSS_LB}
        figures = {unit: v for unit, m in named.items() if (v := self.vehicle.figures.get(m)) is not None}
        return eligibility.low_speed(figures) if figures else ()

    def position(self) -> tuple[Sentence, ...]:
        """The state's verdict in its own words, after what must be said before it."""
        if self.place is None:
            return ()
        if self.verdict is None:
            return tuple(c.sentence for c in places.no_verdict(self._research, self.place).callouts)
        headline = places.headline(self._research, self.place, self.verdict, leads=True)
        return (*places.unknown_since(self._research, self.place, self.verdict), *headline)

    def limits(self) -> tuple[Sentence, ...]:
        """The figures of the vehicle against the limits of the state's class."""
        if self.verdict is None:
            return ()
        told: list[Sentence] = []
        for measure, value in self.vehicle.figures.items():  # each by itself: a sentence names one weight only
            words = NAMES[measure][0].format(f"{value:,}")
            asked = understand(Ask(question=f"A kei truck with {words}", as_of=self.vehicle.day))
            told += measured(Research(asked, self.library), self.verdict)
        return tuple(told)

    def conditions(self) -> tuple[Sentence, ...]:
        """The state's other conditions that a client needs first."""
        kinds = _paper_kinds()
        held = places.usual(self.verdict) if self.verdict else ()
        return tuple(Sentence.of(c) for c in held if c.kind not in kinds)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Where the sources on the state disagree."""
        held = self.place.conflicts if self.place else ()
        return tuple(c for c in held if not c.rests_on or self._research.live(c.rests_on))

    def pending(self) -> tuple[Sentence, ...]:
        """Bills that are alive, named as such."""
        return tuple(c.sentence for c in beside.pending(self._research, self.place)) if self.place else ()

    def unconfirmed(self) -> tuple[Sentence, ...]:
        """What was not confirmed of the verdict."""
        return tuple(map(Sentence, self.verdict.unconfirmed)) if self.verdict else ()

    def papers(self) -> tuple[Paper, ...]:
        """The checklist: federal papers first, then the export papers and what the state asks for."""
        federal = (Paper(row["name"], tuple(self._lines(row))) for row in table()["paper"])
        export = Paper(table()["export"]["name"], tuple(("", one) for one in self._export()))
        own = (
            (Paper(f"{self.place.name}: papers and equipment", tuple(self._state_lines(self.place))),)
            if self.place
            else ()
        )
        return tuple(paper for paper in (*federal, export, *own) if paper.lines)

    def _event(self, reading: Reading) -> Event:
        state = reading.state(self.vehicle.day)
        text = f"{table()['clocks'][reading.clock.name]}: {reading.clock.years} years"
        return Event(when(reading), text, "clock", state, eligibility.sentence(reading, self.vehicle.day))

    def _lines(self, row: Mapping[str, Any]) -> Iterable[tuple[str, Sentence]]:
        facts = {"use": self.vehicle.use, "condition": "new" if self.vehicle.new else "used"}
        facts |= {clock.name: self.states.get(clock.name, "unknown") for clock in eligibility.clocks()}
        yield from (("", one) for one in self._quoted(row["says"]))
        for case in row.get("case", ()):
            if all(facts[name] in values for name, values in case["when"].items()):
                for n, one in enumerate(self._quoted(case["says"])):
                    yield (case.get("box", "") if n == 0 else "", one)

    def _quoted(self, identifiers: Iterable[str]) -> Iterable[Sentence]:
        return (Sentence.quoting(self.library.statement(i)) for i in identifiers if self._research.live((i,)))

    def _export(self) -> tuple[Sentence, ...]:
        """What is held on export papers; of federal law and of the state each, plainly, where it is nothing."""
        rule, told = table()["export"], []
        words = re.compile("|".join(map(re.escape, rule["words"])), re.I)
        for code, name in (("US", "federal law"), *(((self.place.code, self.place.name),) if self.place else ())):
            held = [s for s in self.library.statements.values() if s.place == code and words.search(s.text)]
            live = [Sentence.quoting(s) for s in held if s.in_force(self.vehicle.day)]
            told += live or [Sentence(f"The book holds nothing on {rule['subject']} in {name}.")]
        return tuple(told)

    def _state_lines(self, place: Place) -> Iterable[tuple[str, Sentence]]:
        """The conditions of the verdict that are about papers, and statements on papers beyond them."""
        kinds, day = _paper_kinds(), self.vehicle.day
        held: list[Condition] = [c for c in self.verdict.conditions if c.kind in kinds] if self.verdict else []
        rested = {i for c in held for i in c.rests_on}
        every = (s for p in place.provisions for s in p.statements if "paperwork" in s.topics and s.in_force(day))
        more = [Sentence.quoting(s) for s in every if s.id not in rested]
        lines = [*map(Sentence.of, sorted(held, key=lambda c: kinds.index(c.kind))), *more]
        if not more and all(c.kind is not ConditionKind.PAPERWORK for c in held):
            about = places.KINDS[ConditionKind.PAPERWORK]
            lines.insert(0, Sentence(f"The book holds nothing on {about} in {place.name}."))
        return (("", one) for one in lines)


def when(reading: Reading) -> str:
    """When a clock is met: a day, the month of the anniversary, or the months between which it lies."""
    first, last = reading.earliest, reading.latest
    if first == last:
        return eligibility.day_name(first)
    if (first.year, first.month) == (last.year, last.month):
        return eligibility.month_name(first)
    return f"{eligibility.month_name(first)} to {eligibility.month_name(last)}"


def _paper_kinds() -> list[ConditionKind]:
    return [ConditionKind(one) for one in table()["state"]["papers"]]
