"""Five systems that no release gate may let pass, made from the answers of the real one.

Each cheats in a way that some score rewards: it never errs because it never answers, plays the odds, pastes everything
it found, or sounds right beside the wrong source or the wrong day. A gate that passes one of them measures nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from assistant.contract import Answer, Cited
from corpus.law import Statement
from corpus.library import Library
from evals.cases import Case
from evals.grounding import stands_at
from evals.reading import short
from evals.run import Row

System = Callable[[Library, Sequence[Case], Sequence[Row]], tuple[Row, ...]]
SEED = 20261124
TOP = 10
OPENING = {"yes": "Yes", "no": "No", "depends": "It depends", "unclear": "Unclear"}


def cited(n: int, statement: Statement) -> Cited:
    """The citation numbered `n` of a statement, as an answer carries it."""
    return Cited(
        n=n,
        citation=statement.citation,
        coordinate=statement.coordinate,
        place=statement.place,
        authority=statement.authority.value,
        title=statement.title,
        statement=statement.text,
        url=statement.url,
        checked=statement.checked,
        effective_from=statement.effective.from_,
        confidence=statement.confidence.value,
    )


def rewritten(row: Row, **fields: object) -> Row:
    """The row with fields of its answer replaced. A row without an answer stays as it is."""
    return row.model_copy(update={"answer": row.answer.model_copy(update=fields)}) if row.answer else row


def decline(library: Library, cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Declines every question."""
    told = "I cannot answer that."
    return tuple(rewritten(row, outcome="declined", answer=told, citations=(), notes=()) for row in rows)


def majority(library: Library, cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Opens every answer with the commonest verdict of the suites, on the sources and rules of the real answer."""
    held = Counter(str(c.answer.value) for c in cases if c.answer and c.answer.type == "verdict")
    common = held.most_common(1)[0][0]

    def said(answer: Answer) -> str:
        marks = "".join(f" [{c.n}]" for c in answer.citations)
        return answer.answer.replace(short(answer), f"{OPENING[common]}, by these sources{marks}.", 1)

    return tuple(rewritten(row, outcome="answered", answer=said(row.answer)) if row.answer else row for row in rows)


def concatenated(library: Library, cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Pastes the ten statements found first, each with its source: covers everything and answers nothing."""
    pasted = []
    for row in rows:
        coordinates = dict.fromkeys(found.coordinate for found in row.found)
        statements = [s for c in coordinates for s in library.at(c)][:TOP]
        sources = tuple(cited(n, s) for n, s in enumerate(statements, 1))
        text = "\n\n".join(f"{s.statement.rstrip('.')} [{s.n}]." for s in sources)
        pasted.append(rewritten(row, outcome="answered", answer=text, citations=sources, notes=()))
    return tuple(pasted)


def random_provision(library: Library, cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Gives the real answer, with each source replaced by another provision of the same place (its own words, so that
    every citation is true to the book)."""
    pool: dict[str, list[Statement]] = {}
    for statement in library.statements.values():
        pool.setdefault(statement.place, []).append(statement)

    def other(one: Cited, dice: random.Random) -> Cited:
        beside = [s for s in pool[one.place] if not _near(s.coordinate, one.coordinate)]
        return cited(one.n, dice.choice(beside)) if beside else one

    swapped = []
    for row in rows:
        dice = random.Random(f"{SEED} {row.id} {row.wording}")
        sources = tuple(other(one, dice) for one in row.answer.citations) if row.answer else ()
        swapped.append(rewritten(row, citations=sources))
    return tuple(swapped)


def wrong_date(library: Library, cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Gives the answer for another day: the two halves of every as-of pair are swapped."""
    pairs: dict[str, list[str]] = {}
    for case in cases:
        if case.pair:
            pairs.setdefault(case.pair, []).append(case.id)
    partner = {one: other for first, second in pairs.values() for one, other in ((first, second), (second, first))}
    held = {(row.id, row.wording): row for row in rows}
    return tuple(
        row.model_copy(update={"answer": held[partner[row.id], row.wording].answer}) if row.id in partner else row
        for row in rows
    )


def _near(one: str, other: str) -> bool:
    return stands_at(one, other) or stands_at(other, one)


SYSTEMS: dict[str, System] = {
    "decline": decline,
    "majority": majority,
    "concatenated": concatenated,
    "random_provision": random_provision,
    "wrong_date": wrong_date,
}
