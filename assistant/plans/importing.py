"""Import eligibility: the three federal clocks read for one vehicle, and what is left when it is too young."""

from __future__ import annotations

from assistant import eligibility
from assistant.memo import Part, Research, Section, Sentence


def importing(research: Research, *, second: bool = False, brief: bool = False) -> Part:
    """The federal part for a vehicle whose build date is known, or the rule with a question back.

    `second` when a state's answer leads: fewer rules are quoted. `brief` beside a comparison: the short answer only.
    """
    rules = eligibility.rules()["importing"]
    built = research.asked.built
    if built is None:
        return Part(
            short=(Section("Import", _texts(rules["unknown"])),),
            rules=(Section("Federal law", _quoted(research, rules["entry"])),),
            missing=("built",),
            follow_ups=tuple(rules["follow_ups"]),
        )
    day = research.asked.as_of
    age, *others = (eligibility.read(clock, built) for clock in eligibility.clocks())
    state = age.state(day)
    lead = _texts(rules[state], built=eligibility.built_name(built), when=eligibility.month_name(age.latest))
    when = eligibility.sentence(age, day)
    clocks = [eligibility.sentence(reading, day) for reading in others]
    quoted = _quoted(research, rules["entry"] if state == "met" else rules["younger"])
    # The date is news only when it is still to come.
    short, held = (lead, (when, *clocks)) if state == "met" else ((*lead, when), tuple(clocks))
    return Part(
        short=(Section("Import", short),),
        rules=() if brief else (Section("Federal law", (*held, *(quoted[:2] if second else quoted))),),
        missing=("month",) if state == "depends" else (),
        follow_ups=tuple(rules["follow_ups"]),
    )


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
