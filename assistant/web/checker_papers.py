"""The checklist of papers of one vehicle: statements chosen by `checker.toml`, and what a state asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.memo import Sentence
from assistant.plans import places
from assistant.web.checker_form import table
from assistant.web.checker_result import Checked, paper_kinds
from corpus.verdicts import Condition, ConditionKind, Place


@dataclass(frozen=True)
class Paper:
    """One entry of the checklist: its lines, each with what is to be marked on the form, or ""."""

    name: str
    lines: tuple[tuple[str, Sentence], ...]


def papers(checked: Checked) -> tuple[Paper, ...]:
    """Federal papers first, then the export papers and what the state asks for."""
    federal = (Paper(row["name"], tuple(_lines(checked, row))) for row in table()["paper"])
    export = Paper(table()["export"]["name"], tuple(("", one) for one in _export(checked)))
    place = checked.place
    own = (Paper(f"{place.name}: papers and equipment", tuple(_state_lines(checked, place))),) if place else ()
    return tuple(paper for paper in (*federal, export, *own) if paper.lines)


def _lines(checked: Checked, row: Mapping[str, Any]) -> Iterable[tuple[str, Sentence]]:
    day = checked.vehicle.day
    yield from (("", one) for one in checked.quoted(row["says"]))
    for case in row.get("case", ()):
        if checked.fits(case["when"]) and case.get("from", day) <= day:
            for n, one in enumerate(checked.quoted(case["says"])):
                yield (case.get("box", "") if n == 0 else "", one)


def _export(checked: Checked) -> tuple[Sentence, ...]:
    """What is held on export papers in federal law and in the state, and plainly where it is nothing."""
    rule, told, lacking = table()["export"], list[Sentence](), list[str]()
    words = re.compile("|".join(map(re.escape, rule["words"])), re.I)
    place = checked.place
    for code, name in (("US", "federal law"), *(((place.code, place.name),) if place else ())):
        held = [s for s in checked.library.statements.values() if s.place == code and words.search(s.text)]
        live = [Sentence.quoting(s) for s in held if s.in_force(checked.vehicle.day)]
        told += live
        lacking += [] if live else [f"in {name}"]
    nothing = Sentence(f"The book holds nothing on {rule['subject']} {' or '.join(lacking)}.")
    return (*((nothing,) if lacking else ()), *told)


def _state_lines(checked: Checked, place: Place) -> Iterable[tuple[str, Sentence]]:
    """The conditions of the verdict that are about papers, and statements on papers beyond them."""
    kinds, day, verdict = paper_kinds(), checked.vehicle.day, checked.verdict
    held: list[Condition] = [c for c in verdict.conditions if c.kind in kinds] if verdict else []
    rested = {i for c in held for i in c.rests_on}
    every = (s for p in place.provisions for s in p.statements if "paperwork" in s.topics and s.in_force(day))
    more = [Sentence.quoting(s) for s in every if s.id not in rested]
    lines = [*map(Sentence.of, sorted(held, key=lambda c: kinds.index(c.kind))), *more]
    if not more and all(c.kind is not ConditionKind.PAPERWORK for c in held):
        about = places.KINDS[ConditionKind.PAPERWORK]
        lines.insert(0, Sentence(f"The book holds nothing on {about} in {place.name}."))
    return (("", one) for one in lines)
