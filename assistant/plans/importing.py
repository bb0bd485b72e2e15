"""Import eligibility: the three federal clocks read for one vehicle, and what is left when it is too young."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant import eligibility
from assistant.memo import Part, Research, Section, Sentence

_MODEL_YEAR = re.compile(r"\bmodel\b|\b(?:19|20)\d\d model\b", re.IGNORECASE)


def importing(research: Research) -> Part:
    """The federal part for a vehicle whose build date is known, or the rule with a question back.

    Behind another plan fewer rules are quoted.
    """
    rules = eligibility.rules()["importing"]
    if research.asked.built is None:
        years = 0 if research.asked.new else research.asked.figures.get("age")
        quoted = rules["younger"] if years is not None and years < 25 else rules["entry"]
        return replace(
            age(research) if years is not None else Part(short=(Section("Import", texts(rules["unknown"])),)),
            rules=_section(tuple(one for one in _quoted(research, quoted) if research.bears(one.rests_on))),
            missing=() if years is not None else ("built",),
            follow_ups=tuple(rules["follow_ups"]),
        )
    computed = age(research)
    safety, *others = (eligibility.read(clock, research.asked.built) for clock in eligibility.clocks())
    met = safety.state(research.asked.as_of) == "met"
    quoted = _quoted(research, rules["entry"] if met else rules["younger"])
    # Who asks for the safety age alone ("past the 25-year line?") is not told of the other clocks.
    told = (
        ((safety,) if met else ()) if "safety_age" in research.asked.wants else ((safety, *others) if met else others)
    )
    clocks = [eligibility.sentence(one, research.asked.as_of) for one in told]
    # The declaration that carries the age rule out always stands; what else is quoted bears on the question.
    held = (*quoted[:1], *clocks, *(one for one in quoted[1:] if research.bears(one.rests_on)))
    return replace(computed, rules=_section(held), follow_ups=tuple(rules["follow_ups"]))


def _section(sentences: tuple[Sentence, ...]) -> tuple[Section, ...]:
    return (Section("Federal law", sentences),) if sentences else ()


def age(research: Research) -> Part:
    """Only what the safety clock says of each vehicle, for an answer that is about more than its age."""
    asked, rules = research.asked, eligibility.rules()["importing"]
    if asked.new and not asked.places:
        return Part(answered=False)  # the briefs on new vehicles say more
    if asked.new:
        return Part(short=(Section("Import", texts(rules["new"])),))
    if asked.built is None:
        years = asked.figures.get("age")
        if years is None:
            return Part(answered=False)
        told = texts(rules["too_young" if years < 25 else "aged"], age=str(years))
        told = tuple(map(_turned, told)) if "barred" in asked.wants else told
        return Part(short=(Section("Import", told),))
    short: list[Sentence] = []
    depends = False
    for built in (asked.built, *asked.also_built):
        safety = eligibility.read(eligibility.clocks()[0], built)
        state = safety.state(asked.as_of)
        depends = depends or state == "depends"
        told = texts(rules[state], built=eligibility.built_name(built), when=eligibility.day_name(safety.latest))
        short += (_turned(one) for one in told) if "barred" in asked.wants else told
        if state != "met":  # the date is news only when it is still to come
            short.append(eligibility.sentence(safety, asked.as_of))
    if asked.built and _MODEL_YEAR.search(asked.words):  # the papers' model year does not count
        short += _quoted(research, rules["by_date"])
    open_month = depends or ("when" in asked.wants and asked.built.month is None and state != "met")
    missing = ("month",) if open_month and "no_month" not in asked.wants else ()
    return Part(short=(Section("Import", tuple(short)),), missing=missing)


def _turned(sentence: Sentence) -> Sentence:
    """The same outcome to a question that asks whether the vehicle is kept out."""
    text = sentence.text.replace("Yes, on federal safety grounds: a", "No, not on federal safety grounds: a")
    return replace(sentence, text=text.replace("Not yet: a", "Yes, still: a"))


def texts(rows: list[dict[str, object]], **given: str) -> tuple[Sentence, ...]:
    """Rows of clocks.toml as sentences; the given values count as figures of the question."""
    figures = frozenset(word for value in given.values() for word in value.split())
    return tuple(
        Sentence(str(row["text"]).format(**given), tuple(map(str, _list(row["rests_on"]))), figures) for row in rows
    )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _quoted(research: Research, identifiers: list[str]) -> tuple[Sentence, ...]:
    return tuple(Sentence.quoting(research.statement(i)) for i in identifiers if research.live((i,)))
