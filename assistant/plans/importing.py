"""Import eligibility: the three federal clocks read for one vehicle, and what is left when it is too young."""

from __future__ import annotations

from assistant import eligibility
from assistant.memo import Part, Research, Section, Sentence


def importing(research: Research, *, second: bool = False) -> Part:
    """The federal part for a vehicle whose build date is known, or the rule with a question back.

    `second` when a state's answer leads: then one sentence is enough in the short answer.
    """
    rules = eligibility.rules()["importing"]
    built = research.asked.built
    if built is None:
        return Part(
            short=_texts(rules["unknown"]),
            rules=(Section("Federal law", _quoted(research, rules["entry"])),),
            missing=("built",),
            follow_ups=tuple(rules["follow_ups"]),
        )
    day = research.asked.as_of
    readings = [eligibility.read(clock, built) for clock in eligibility.clocks()]
    age, *others = readings
    state = age.state(day)
    sentences = [eligibility.sentence(reading, day) for reading in readings]
    lead = _texts(rules[state], built=eligibility.built_name(built), when=eligibility.month_name(age.latest))
    short = (*lead[:1], sentences[0]) if second else (*lead, sentences[0])
    held = tuple(sentences[1:]) if others else ()
    more = rules["entry"] if state == "met" else rules["younger"]
    return Part(
        short=short,
        rules=(Section("Federal law", (*held, *_quoted(research, more[:2] if second else more))),),
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
