"""Import eligibility: the three federal clocks read for one vehicle, and what is left when it is too young."""

from __future__ import annotations

from dataclasses import replace

from assistant import eligibility
from assistant.memo import Part, Research, Section, Sentence


def importing(research: Research) -> Part:
    """The federal part for a vehicle whose build date is known, or the rule with a question back.

    Behind another plan fewer rules are quoted.
    """
    rules = eligibility.rules()["importing"]
    if research.asked.built is None:
        return Part(
            short=(Section("Import", _texts(rules["unknown"])),),
            rules=(Section("Federal law", _quoted(research, rules["entry"])),),
            missing=() if research.asked.figures.get("age") else ("built",),
            follow_ups=tuple(rules["follow_ups"]),
        )
    computed = age(research)
    safety, *others = (eligibility.read(clock, research.asked.built) for clock in eligibility.clocks())
    met = safety.state(research.asked.as_of) == "met"
    quoted = _quoted(research, rules["entry"] if met else rules["younger"])
    clocks = [eligibility.sentence(one, research.asked.as_of) for one in ((safety, *others) if met else others)]
    held = (*clocks, *(quoted if research.leads else quoted[:2]))
    return replace(computed, rules=(Section("Federal law", held),), follow_ups=tuple(rules["follow_ups"]))


def age(research: Research) -> Part:
    """Only what the safety clock says of this vehicle, for an answer that is about more than its age."""
    built, day = research.asked.built, research.asked.as_of
    if built is None:
        return Part(answered=False)
    safety = eligibility.read(eligibility.clocks()[0], built)
    state = safety.state(day)
    lead = _texts(
        eligibility.rules()["importing"][state],
        built=eligibility.built_name(built),
        when=eligibility.day_name(safety.latest),
    )
    # The date is news only when it is still to come.
    when = () if state == "met" else (eligibility.sentence(safety, day),)
    return Part(short=(Section("Import", (*lead, *when)),), missing=("month",) if state == "depends" else ())


def _texts(rows: list[dict[str, object]], **given: str) -> tuple[Sentence, ...]:
    """Rows of clocks.toml as sentences; the given values count as figures of the question."""
    figures = frozenset(word for value in given.values() for word in value.split())
    return tuple(
        Sentence(str(row["text"]).format(**given), tuple(map(str, _list(row["rests_on"]))), figures) for row in rows
    )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _quoted(research: Research, identifiers: list[str]) -> tuple[Sentence, ...]:
    return tuple(Sentence.quoting(research.statement(i)) for i in identifiers if research.live((i,)))
