"""The page of one state, and the table that sets up to four beside each other: every line with its numbered sources."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.memo import Sentence
from assistant.web.states_lines import Line, Lines
from assistant.web.states_told import CONDITIONS, Labelled, Period, StateOnDay
from corpus.verdicts import ConditionKind, Conflict, Side

# Rows of a comparison that are shown when the book has such a condition for one of the states.
COMPARED = (
    ConditionKind.USE,
    ConditionKind.SIZE,
    ConditionKind.EQUIPMENT,
    ConditionKind.PAPERWORK,
    ConditionKind.FEE,
    ConditionKind.INSPECTION,
    ConditionKind.EMISSIONS,
    ConditionKind.INSURANCE,
    ConditionKind.LICENCE,
    ConditionKind.LOCAL,
)


@dataclass(frozen=True)
class Told:
    """A line under its label; "" where it needs none."""

    label: str
    line: Line


@dataclass(frozen=True)
class Dispute:
    """Sources that disagree, and who says what."""

    line: Line
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class Position:
    """A position for other days, with its lines."""

    period: Period
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sheet:
    """The page of one state. The fields stand in the order of the page, in which sources are numbered."""

    state: StateOnDay
    dated: tuple[Line, ...]
    headline: tuple[Line, ...]
    age: tuple[Line, ...]
    roads: tuple[Line, ...]
    limits: tuple[Told, ...]
    conditions: tuple[Told, ...]
    conflicts: tuple[Dispute, ...]
    pending: tuple[Line, ...]
    positions: tuple[Position, ...]
    unconfirmed: tuple[Line, ...]
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """What one state says on the subject of a row; empty where the book lists nothing."""

    lines: tuple[Told, ...] = ()
    conflicts: tuple[Dispute, ...] = ()


@dataclass(frozen=True)
class Row:
    """One subject, with a cell for each state in their order."""

    label: str
    cells: tuple[Cell, ...]


def sheet(state: StateOnDay, lines: Lines) -> Sheet:
    """The page of a state."""
    return Sheet(
        state,
        lines.lines(state.dated()),
        lines.lines(state.headline()),
        lines.lines(state.finding(ConditionKind.AGE)),
        lines.lines(state.finding(ConditionKind.ROADS)),
        _told(state.limits(), lines),
        _told(state.conditions(), lines),
        tuple(_dispute(one, lines) for one in state.conflicts()),
        lines.lines(state.pending()),
        tuple(Position(one, lines.lines(one.sentences)) for one in state.periods()),
        lines.lines(state.unconfirmed()),
        lines.cards(),
    )


def compared(states: tuple[StateOnDay, ...], lines: Lines) -> tuple[Row, ...]:
    """The table of several states, row by row."""
    held = [state for state in states if state.verdict]
    rows = [
        Row("Registration", tuple(_cell((*s.dated(), *s.headline()), lines) for s in states)),
        Row("Age rule", tuple(_cell(s.finding(ConditionKind.AGE), lines) for s in states)),
        Row("Roads", tuple(_cell(s.finding(ConditionKind.ROADS), lines) for s in states)),
    ]
    if any(s.limits() for s in held):
        rows.append(Row("Limits in figures", tuple(Cell(_told(s.limits(), lines)) for s in states)))
    for kind in COMPARED:
        if any(s.of_kind(kind) for s in held):
            rows.append(Row(CONDITIONS[kind], tuple(_conditions(s, kind, lines) for s in states)))
    if any(s.conflicts() for s in states):
        rows.append(Row("Sources disagree", tuple(_conflicts(s, lines) for s in states)))
    if any(s.pending() for s in states):
        rows.append(Row("Bills, not law", tuple(_cell(s.pending(), lines) for s in states)))
    rows.append(Row("Not confirmed", tuple(_cell(s.unconfirmed(), lines) for s in states)))
    return tuple(rows)


def _told(held: tuple[Labelled, ...], lines: Lines) -> tuple[Told, ...]:
    return tuple(Told(one.label, lines.line(one.sentence)) for one in held)


def _dispute(conflict: Conflict, lines: Lines) -> Dispute:
    return Dispute(lines.line(Sentence(conflict.text, conflict.rests_on)), conflict.sides)


def _cell(sentences: tuple[Sentence, ...], lines: Lines) -> Cell:
    return Cell(tuple(Told("", line) for line in lines.lines(sentences)))


def _conditions(state: StateOnDay, kind: ConditionKind, lines: Lines) -> Cell:
    held = state.of_kind(kind)
    return _cell(held or (state.beyond(kind) if state.verdict else ()), lines)


def _conflicts(state: StateOnDay, lines: Lines) -> Cell:
    return Cell(conflicts=tuple(_dispute(one, lines) for one in state.conflicts()))
