"""Metamorphic pairs: one thing about a question is changed, and the answer must flip, differ, or stay as it was.

A pair needs no gold text; it shows whether the answer follows the state, the year, the day, the "not" and the section
that were asked about, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

from pydantic import ValidationError, model_validator

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, QuestionError
from corpus.law import Noun, Text
from corpus.verdicts import Says
from evals.cases import CaseError, Typed
from evals.reading import paragraphs, short, verdict
from evals.score import opposite

FILE = Path(__file__).with_name("metamorphic.jsonl")
# holds: as the pair demands; hedged: nothing wrong is said, but not what is demanded either; wrong: the opposite.
Outcome = Literal["holds", "hedged", "wrong"]
Answers = tuple[Answer | None, Answer | None]


class Pair(Noun):
    """A question, the same with one thing changed, and how the answers must relate.

    `verdicts` are those of the two answers (None: not settled by the pair); `as_of_changed` is the day of the changed
    question when it is another.
    """

    id: Text
    change: Literal["state", "year", "age", "negation", "day", "section", "irrelevant"]
    question: Text
    changed: Text
    state: Text | None
    as_of: dt.date
    as_of_changed: dt.date | None
    must: Literal["flip", "same", "differ"]
    verdicts: tuple[Says | None, Says | None]
    why: Text
    written_from: tuple[Text, ...]

    @model_validator(mode="after")
    def _demands_something(self) -> Self:
        first, second = self.verdicts
        if self.question == self.changed and self.as_of_changed in (None, self.as_of):
            raise ValueError("nothing is changed")
        if self.must == "flip" and {first, second} != {Says.YES, Says.NO}:
            raise ValueError("a flip is from yes to no or from no to yes")
        if self.must == "same" and (first is None or first != second):
            raise ValueError("what stays the same has one verdict")
        return self


def load(path: Path = FILE) -> tuple[Pair, ...]:
    """The pairs, in file order. Raises CaseError with file and line."""
    pairs: dict[str, Pair] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            pair = Pair.model_validate_json(line)
        except ValidationError as error:
            raise CaseError(f"{path}:{number}: {error.errors()[0]['msg']}") from error
        if pair.id in pairs:
            raise CaseError(f"{path}:{number}: id {pair.id!r} is used twice")
        pairs[pair.id] = pair
    return tuple(pairs.values())


def check(pair: Pair, first: Answer | None, second: Answer | None) -> str | None:
    """Why the answers are not what the pair demands, in words; None when it holds."""
    return _judge(pair, first, second)[1]


def outcome(pair: Pair, first: Answer | None, second: Answer | None) -> Outcome:
    """Whether the pair holds, is hedged (no verdict, or depends or unclear for a yes or no), or is wrong."""
    return _judge(pair, first, second)[0]


def answers(assistant: Assistant, pair: Pair) -> Answers:
    """The answers to the question and to the changed one; None for one that was refused as unreadable."""
    return (
        _answer(assistant, pair, pair.question, pair.as_of),
        _answer(assistant, pair, pair.changed, pair.as_of_changed or pair.as_of),
    )


def run(assistant: Assistant, pairs: Iterable[Pair]) -> dict[str, Outcome]:
    """Ask every pair: its outcome by id."""
    return {pair.id: outcome(pair, *answers(assistant, pair)) for pair in pairs}


def _answer(assistant: Assistant, pair: Pair, question: str, as_of: dt.date) -> Answer | None:
    try:
        return assistant.invoke(Ask(id=pair.id, question=question, as_of=as_of, state=pair.state))
    except QuestionError:
        return None


def _given(answer: Answer | None) -> tuple[Says, ...]:
    """The verdict under the heading of a place that the question names, else the first of the answer."""
    asked = answer.question if answer else ""
    heading = next((p.heading for p in paragraphs(answer) if p.heading and p.heading in asked), None)
    return verdict(answer, heading)


def _judge(pair: Pair, first: Answer | None, second: Answer | None) -> tuple[Outcome, str | None]:
    given = (_given(first), _given(second))
    for which, wanted, have in zip(("the first", "the changed"), pair.verdicts, given, strict=True):
        if wanted and opposite(Typed(type="verdict", value=wanted.value), have):
            return "wrong", f"{which} answer says {_words(have)}, {wanted.value} is right"
    match pair.must:
        case "flip":
            return _flip(pair, given)
        case "same":
            return _same(first, second, given)
        case "differ":
            return _differ(first, second, given)


def _flip(pair: Pair, given: tuple[tuple[Says, ...], tuple[Says, ...]]) -> tuple[Outcome, str | None]:
    if all(wanted in have for wanted, have in zip(pair.verdicts, given, strict=True)):
        return "holds", None
    return "hedged", f"{_words(given[0])} became {_words(given[1])}"


def _same(
    first: Answer | None, second: Answer | None, given: tuple[tuple[Says, ...], tuple[Says, ...]]
) -> tuple[Outcome, str | None]:
    did = tuple(answer.outcome if answer else "refused" for answer in (first, second))
    if did[0] != did[1]:
        return "hedged", f"{did[0]} became {did[1]}"
    if not set(given[0]) & set(given[1]):
        return "hedged", f"{_words(given[0])} became {_words(given[1])}"
    return "holds", None


def _differ(
    first: Answer | None, second: Answer | None, given: tuple[tuple[Says, ...], tuple[Says, ...]]
) -> tuple[Outcome, str | None]:
    cited = tuple({c.coordinate for c in answer.citations} if answer else set() for answer in (first, second))
    opens = tuple(_opening(answer) for answer in (first, second))
    if given[0] == given[1] and cited[0] == cited[1] and opens[0] == opens[1]:
        return "wrong", f"both say {_words(given[0])} and cite the same"
    return "holds", None


def _opening(answer: Answer | None) -> str:
    """The first sentence without its marks and days: what "division (D)" and "division (E)" differ in."""
    text = re.sub(r"\s*\[\d+\]|\d{4}-\d\d-\d\d", "", short(answer)) if answer else ""
    return re.split(r"(?<=[.:])\s", text, maxsplit=1)[0]


def _words(given: tuple[Says, ...]) -> str:
    return " or ".join(says.value for says in given) or "neither yes nor no"
