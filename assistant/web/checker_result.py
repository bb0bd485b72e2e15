"""What the import checker says of one vehicle: sentences, each with the statements it rests on.

The clocks are computed by `assistant.eligibility` and worded by its own tables; of a state it says what its verdict
says. The papers are in `checker_papers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant import eligibility
from assistant.contract import Ask
from assistant.eligibility import Reading
from assistant.memo import Research, Sentence
from assistant.plans import beside, importing, places
from assistant.plans.measured import NAMES, measured
from assistant.understand import understand
from assistant.web.checker_form import Vehicle, table
from corpus.library import Library
from corpus.verdicts import ConditionKind, Conflict, Measure


@dataclass(frozen=True)
class Event:
    """A day of the timeline in words: `kind` is built, day (of import) or clock; a clock has its reading."""

    when: str
    text: str
    kind: str
    state: str = ""
    sentence: Sentence | None = None


class Checked:
    """One vehicle, checked against the book. Raises KeyError for a place that the book does not hold."""

    def __init__(self, library: Library, vehicle: Vehicle) -> None:
        self.library, self.vehicle = library, vehicle
        built = vehicle.built
        self.clocks = tuple(eligibility.read(c, built) for c in eligibility.clocks()) if built else ()
        self.place = library.places[vehicle.place] if vehicle.place else None
        self.verdict = self.place.verdict(vehicle.day) if self.place else None
        asked = understand(Ask(question="Is a kei truck legal?", as_of=vehicle.day, state=vehicle.place))
        self._research = Research(asked, library)
        self.states = dict.fromkeys((c.name for c in eligibility.clocks()), "unknown")
        self.states |= {one.clock.name: one.state(vehicle.day) for one in self.clocks}
        self.states |= {c.name: "absent" for c in eligibility.clocks() if not self._research.live(c.rests_on)}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The clocks whose rule is in force on the day of import."""
        return tuple(one for one in self.clocks if self.states[one.clock.name] != "absent")

    def fits(self, wanted: Mapping[str, Iterable[str]]) -> bool:
        """Whether the case of a row of `checker.toml` is that of this vehicle."""
        facts = {"use": self.vehicle.use, "condition": "new" if self.vehicle.new else "used", **self.states}
        return all(facts[name] in values for name, values in wanted.items())

    def quoted(self, identifiers: Iterable[str]) -> Iterable[Sentence]:
        """The statements with these ids that are live on the day of import, word for word."""
        return (Sentence.quoting(self.library.statement(i)) for i in identifiers if self._research.live((i,)))

    def federal(self) -> tuple[Sentence, ...]:
        """Whether federal law lets the vehicle in for its age, and since or until when; of a new one, what it needs."""
        rules, state = eligibility.rules()["importing"], self.states["safety"]
        told: list[Sentence] = []
        if self.clocks:
            safety = self.clocks[0]
            given = {"built": eligibility.built_name(safety.built), "when": eligibility.day_name(safety.latest)}
            told += self._depends(safety, given) if state == "depends" else importing.texts(rules[state], **given)
            if state == "unmet":
                told.append(eligibility.sentence(safety, self.vehicle.day))
        if self.vehicle.new and state != "met":
            told += importing.texts(rules["new"])
        told += (Sentence(row["text"], tuple(row["rests_on"])) for row in table()["federal"] if self.fits(row["when"]))
        return tuple(told)

    def events(self) -> tuple[Event, ...]:
        """The build, each clock and the day of import, in their order."""
        if self.vehicle.built is None:
            return ()
        day, built = self.vehicle.day, self.vehicle.built
        dated = [(one.earliest, 1, one.latest, self._event(one)) for one in self.clocks]
        dated.append((day, 2, day, Event(eligibility.day_name(day), "Day of import", "day")))
        named = eligibility.built_name(built).partition(" ")[2]
        ordered = sorted(dated, key=lambda one: one[:3])
        return (Event(named, "Built", "built"), *(event for *_, event in ordered))

    def low_speed(self) -> tuple[Sentence, ...]:
        """Whether the figures make it a low-speed vehicle, where they decide, and what then holds."""
        named = {"mph": Measure.TOP_MPH, "lb": Measure.GROSS_LB}
        figures = {unit: v for unit, m in named.items() if (v := self.vehicle.figures.get(m)) is not None}
        told = eligibility.low_speed(figures) if figures else ()
        fits = bool(told) and told[0].text.startswith("Yes")
        return (*told, *(self.quoted(table()["low_speed"]["says"]) if fits else ()))

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
        kinds = paper_kinds()
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

    def _depends(self, safety: Reading, given: Mapping[str, str]) -> tuple[Sentence, ...]:
        """What decides while only the exact build date can: the rule, and the build dates that are old enough."""
        rule, day = table()["depends"], self.vehicle.day
        known = {"text": rule["day_unknown"], "rests_on": rule["rests_on"]}
        rows = [known] if safety.built.month else eligibility.rules()["importing"]["depends"]
        line = {"text": rule["line"], "rests_on": rule["line_rests_on"]}
        # 25 years before a February 29 there was none.
        last = day.replace(year=day.year - safety.clock.years, day=28 if (day.month, day.day) == (2, 29) else day.day)
        dates = {"day": eligibility.day_name(day), "line": eligibility.day_name(last)}
        return (*importing.texts(rows, **given), *importing.texts([line], **dates))

    def _event(self, reading: Reading) -> Event:
        clock, day = reading.clock, self.vehicle.day
        state = self.states[clock.name]
        said = eligibility.sentence(reading, day)
        if state == "absent":
            starts = [self.library.statement(i).effective.from_ for i in clock.rests_on]
            start = min(one for one in starts if one and one > day)
            named = {"start": eligibility.day_name(start), "day": eligibility.day_name(day)}
            said = Sentence(table()["absent"]["text"].format(**named))
        return Event(when(reading), f"{table()['clocks'][clock.name]}: {clock.years} years", "clock", state, said)


def when(reading: Reading) -> str:
    """When a clock is met: a day, the month of the anniversary, or the months between which it lies."""
    first, last = reading.earliest, reading.latest
    if first == last:
        return eligibility.day_name(first)
    if (first.year, first.month) == (last.year, last.month):
        return eligibility.month_name(first)
    return f"{eligibility.month_name(first)} to {eligibility.month_name(last)}"


def paper_kinds() -> list[ConditionKind]:
    """The kinds of a state's conditions that stand on the checklist, in its order."""
    return [ConditionKind(one) for one in table()["state"]["papers"]]
