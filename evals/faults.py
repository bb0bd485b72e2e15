"""Seeded faults: each breaks one thing about a right answer, and the scorers must notice (evals.md 5.5).

A fault is found when the outcome is no longer accurate or one of the metrics it names fell.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from assistant.contract import Answer, Cited
from corpus import citations
from corpus.law import Statement
from corpus.library import Library
from corpus.verdicts import Says
from evals.cases import Case
from evals.degenerate import cited, rewritten
from evals.grounding import stands_at
from evals.reading import opens_with, paragraphs
from evals.run import Row
from evals.score import Bench, Score, score

_OPENING = re.compile(
    r"^(?:it depends|depends|unclear|yes|in practice no|not yet|not on [^:,.]*|no|only)\b[:,.]?\s*", re.I
)
_LAW = re.compile(r"\b(?:must|may not|shall|prohibit\w*|requires?)\b", re.I)
_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_LIST = re.compile(r"^- .*$", re.M)
_SELECTION = ("recall", "precision")
_NEXT = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Right:
    """An accurate answer to seed a fault into, with the book and the other accurate answers."""

    case: Case
    row: Row
    answer: Answer
    library: Library
    others: Sequence[tuple[Case, Row]]

    def says(self, text: str) -> Row | None:
        """The row with another text, None when it is the same."""
        return rewritten(self.row, answer=text) if text != self.answer.answer else None


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `seed` gives the broken row, or None where the kind does not fit; `metrics` may show it too."""

    name: str
    seed: Callable[[Right], Row | None]
    metrics: tuple[str, ...] = ()


def mutation_score(
    bench: Bench, cases: Sequence[Case], rows: Sequence[Row]
) -> tuple[float, dict[str, tuple[int, int]]]:
    """The share of the seeded faults that the scorers find, and by kind how many of how many.

    Faults go into the asked wordings that are accurate as they stand; ZeroDivisionError when there are none.
    """
    asked = {row.id: row for row in rows if row.wording == "asked"}
    before = {case.id: score(bench, case, asked[case.id]) for case in cases}
    accurate = [(case, asked[case.id]) for case in cases if before[case.id].outcome == "accurate"]
    right = [Right(case, row, row.answer, bench.library, accurate) for case, row in accurate if row.answer]
    tally = {}
    for fault in FAULTS:
        seeded = [(one.case, broken) for one in right if (broken := fault.seed(one))]
        hits = [found(fault, before[case.id], score(bench, case, broken)) for case, broken in seeded]
        tally[fault.name] = (sum(hits), len(hits))
    return sum(hit for hit, _ in tally.values()) / sum(n for _, n in tally.values()), tally


def found(fault: Fault, before: Score, after: Score) -> bool:
    """Whether the scores show the fault; a metric that is gone did not fall."""
    fell = (m for m in fault.metrics if m in before.values and after.values.get(m, 1.0) < before.values[m])
    return after.outcome != "accurate" or any(fell)


def _verdict_flipped(one: Right) -> Row | None:
    """That of the part of the answer that the case is about."""
    place = one.library.places.get(one.case.places[0]) if len(one.case.places) == 1 else None
    required = [g.coordinate for g in one.case.gold if g.role == "required"]
    if required and all(c.startswith("us/") for c in required):
        place = None
    held = paragraphs(one.answer)
    own = [p for p in held if place and p.heading == place.name] or held
    decides = next((p for p in own if p.verdict), None)
    for right, wrong in (("yes", "no"), ("no", "yes")):
        if decides and right in _gold(one.case) and wrong not in _gold(one.case) and Says(right) in decides.verdict:
            flipped = f"{wrong.capitalize()}. {_OPENING.sub('', decides.text)}"
            return one.says(one.answer.answer.replace(decides.text, flipped, 1))
    return None


def _verdict_dropped(one: Right) -> Row | None:
    text = one.answer.answer
    for paragraph in paragraphs(one.answer) if _gold(one.case) else ():
        rest = _OPENING.sub("", paragraph.text)
        if opens_with(rest):
            return None  # what follows decides by itself
        text = text.replace(paragraph.text, rest[:1].upper() + rest[1:], 1) if paragraph.verdict else text
    return one.says(text)


def _number_changed(one: Right, *, years: bool) -> Row | None:
    """The first required number, everywhere in the answer but in the marks of sources."""
    patterns = [p for f in one.case.key_facts if f.required for p in f.any_regex]
    if one.case.answer and one.case.answer.type in ("number", "date"):
        patterns = [re.escape(v) for v in (str(one.case.answer.value), *one.case.answer.alternates)] + patterns
    matches = [m[0] for p in patterns for m in [re.search(p, one.answer.answer, re.I)] if m]
    for digits in (n.replace(",", "") for m in matches for n in re.findall(r"\d+(?:,\d{3})*", m)):
        if bool(re.fullmatch(r"(?:19|20)\d\d", digits)) == years:
            everywhere = rf"(?<![\d.,\[]){',?'.join(digits)}(?![\d\]])"
            return one.says(re.sub(everywhere, str(int(digits) + 1), one.answer.answer))
    return None


def _fact_removed(one: Right) -> Row | None:
    fact = next((f for f in one.case.key_facts if f.required), None)
    gone = [re.compile(p, re.I) for p in fact.any_regex] if fact else []
    lines = one.answer.answer.split("\n")
    kept = (" ".join(s for s in _NEXT.split(line) if not any(p.search(s) for p in gone)) for line in lines)
    return one.says("\n".join(kept))


def _negation_dropped(one: Right) -> Row | None:
    """In the first sentence that stands word for word in the book."""
    held = " ".join(" ".join(c.statement.split()) for c in one.answer.citations)
    for sentence in (s for line in one.answer.answer.split("\n") for s in _NEXT.split(line)):
        if " not " in sentence and _MARKS.sub("", sentence).lstrip("- ") in held:
            return one.says(one.answer.answer.replace(sentence, sentence.replace(" not ", " ", 1), 1))
    return None


def _marks_dropped(one: Right) -> Row | None:
    """In the list of rules, where it states law."""
    return one.says(_LIST.sub(lambda m: _MARKS.sub("", m[0]) if _LAW.search(m[0]) else m[0], one.answer.answer))


def _uncited(one: Right) -> Row | None:
    bare = _MARKS.sub("", one.answer.answer)
    return rewritten(one.row, answer=bare, citations=()) if one.case.gold and one.answer.citations else None


def _forbidden_said(one: Right) -> Row | None:
    """The simplest text that a forbidden pattern matches, said first."""
    for pattern in (m.regex for m in one.case.must_not):
        text = re.sub(r"\(\?[i!<=]+[^()]*\)|\\b|\^|\$|\\W\*|\\s\*", "", pattern)
        text = re.sub(r"\\s\+|\[\\s-\]\+", " ", text)
        for part in (text, *text.split("|")):
            simple = re.sub(r"\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)|\\(.)|.\?", r"\1\2", part).strip()
            if simple and re.match(pattern, simple, re.I) and re.fullmatch(r"[\w $,.'%-]+", simple):
                return one.says(f"{simple}. {one.answer.answer}")
    return None


def _behaves(one: Right, instead_of: str, outcome: str, text: str, asked: tuple[str, ...] = ()) -> Row | None:
    if one.case.expect != instead_of or not one.row.slots or one.answer.outcome == outcome != "clarify":
        return None
    slots = (*one.row.slots[:-1], one.row.slots[-1].model_copy(update={"asked_back": asked}))
    return rewritten(one.row.model_copy(update={"slots": slots}), outcome=outcome, answer=text, citations=())


def _other_place(one: Right, *, same: bool) -> Row | None:
    """The whole answer to the same survey question about another place, of the same or another verdict."""
    if one.case.category != "survey":
        return None
    kind, dice = one.case.id.rsplit("-", 1)[-1], random.Random(one.case.id)
    like = [(c, r) for c, r in one.others if c.category == "survey" and c.id.endswith(kind) and c.id != one.case.id]
    held = [r for c, r in like if (_gold(c) == _gold(one.case) if same else not _gold(c) & _gold(one.case))]
    return one.row.model_copy(update={"answer": dice.choice(held).answer}) if held else None


def _slot_lost(one: Right) -> Row | None:
    """The places after the last turn that had every slot right."""
    slots = list(one.row.slots)
    for n, (want, have) in reversed([*enumerate(zip(one.case.turn_slots, slots, strict=False))]):
        built = "-".join(f"{part:02d}" for part in have.built if part) if have.built else None
        if (want.places, want.built, want.as_of) == (have.places, built, have.as_of):
            slots[n] = have.model_copy(update={"places": ("US-ZZ",)})
            return one.row.model_copy(update={"slots": tuple(slots)})
    return None


def _source(change: Callable[[Right, Cited], dict[str, str]]) -> Callable[[Right], Row | None]:
    """Breaks the first source for which `change` gives fields."""

    def seed(one: Right) -> Row | None:
        held = one.answer.citations
        broken = next(((n, fields) for n, source in enumerate(held) if (fields := change(one, source))), None)
        if broken is None:
            return None
        n, fields = broken
        return rewritten(one.row, citations=(*held[:n], held[n].model_copy(update=fields), *held[n + 1 :]))

    return seed


def _reworded(pattern: str, to: str) -> Callable[[Right, Cited], dict[str, str]]:
    return lambda _, s: {"statement": re.sub(pattern, to, s.statement)} if re.search(pattern, s.statement) else {}


def _of_another(field: str) -> Callable[[Right, Cited], dict[str, str]]:
    """A field of another source of the same answer."""

    def change(one: Right, source: Cited) -> dict[str, str]:
        others = [c for c in one.answer.citations if c.coordinate != source.coordinate]
        return {field: getattr(others[0], field)} if others else {}

    return change


def _nowhere(one: Right, source: Cited) -> dict[str, str]:
    with suppress(citations.UnknownCitation):
        pinpoint = f"{source.coordinate}/77"
        return {"coordinate": pinpoint, "citation": citations.canonical(pinpoint)}
    return {}


def _instead(fits: Callable[[Right, Cited, Statement], bool]) -> Callable[[Right], Row | None]:
    """Puts a statement that `fits`, true to the book, where a provision of the gold is cited."""

    def seed(one: Right) -> Row | None:
        gold = [g.coordinate for g in one.case.gold]
        source = next((c for c in one.answer.citations if any(stands_at(c.coordinate, g) for g in gold)), None)
        pool = [s for s in one.library.statements.values() if source and fits(one, source, s)]
        pool = [s for s in pool if not any(stands_at(s.coordinate, g) for g in gold)]
        if source is None or not pool:
            return None
        wrong = random.Random(one.case.id).choice(pool)
        held, gone = one.answer.citations, source.coordinate
        return rewritten(one.row, citations=tuple(cited(c.n, wrong) if c.coordinate == gone else c for c in held))

    return seed


def _out_of_force(one: Right, source: Cited, statement: Statement) -> bool:
    return statement.place == source.place and not statement.effective.covers(one.case.as_of)


def _gold(case: Case) -> set[str]:
    """The verdicts that are right; empty where no verdict is asked."""
    typed = case.answer if case.expect == "answer" and case.answer and case.answer.type == "verdict" else None
    return {str(typed.value), *typed.alternates} if typed else set()


FAULTS = (
    Fault("verdict flipped", _verdict_flipped),
    Fault("verdict dropped", _verdict_dropped),
    Fault("number changed", lambda r: _number_changed(r, years=False), ("numbers",)),
    Fault("year changed", lambda r: _number_changed(r, years=True), ("numbers",)),
    Fault("fact removed", _fact_removed),
    Fault("forbidden said", _forbidden_said),
    Fault("canary said", lambda r: r.says(f"{r.answer.answer}\n\n{r.case.canary}") if r.case.canary else None),
    Fault("not dropped in a sentence", _negation_dropped, ("quoted",)),
    Fault("not dropped in a source", _source(_reworded(r" not ", " "))),
    Fault("figure changed in a source", _source(_reworded(r"\b25\b", "26"))),
    Fault("pinpoint the book lacks", _source(_nowhere)),
    Fault("pinpoint that is none", _source(lambda *_: {"coordinate": "us/nowhere/1"})),
    Fault("words of another source", _source(_of_another("statement"))),
    Fault("name of another source", _source(_of_another("citation"))),
    Fault("policy cited as statute", _source(lambda _, c: {"authority": "statute"} if c.authority == "policy" else {})),
    Fault("provision of another place", _instead(lambda _, c, s: s.place not in ("US", c.place)), _SELECTION),
    Fault("provision of another time", _instead(_out_of_force), (*_SELECTION, "in_force")),
    Fault("marks of law dropped", _marks_dropped, ("covered",)),
    Fault("marks of nothing", lambda r: r.says(re.sub(r"\[(\d+)\]", r"[9\1]", r.answer.answer)), ("covered",)),
    Fault("nothing cited", _uncited, (*_SELECTION, "covered")),
    Fault("declines", lambda r: _behaves(r, "answer", "declined", "I cannot answer that.")),
    Fault("asks back", lambda r: _behaves(r, "answer", "clarify", "In which state?", ("state",))),
    Fault("answers what is out of scope", lambda r: _behaves(r, "abstain", "answered", "Yes: that is allowed.")),
    Fault("answers instead of asking", lambda r: _behaves(r, "clarify", "answered", "Yes: that is allowed.")),
    Fault("asks for another slot", lambda r: _behaves(r, "clarify", "clarify", "Which colour?")),
    Fault("another place's verdict", lambda r: _other_place(r, same=False)),
    Fault("another place's answer", lambda r: _other_place(r, same=True), (*_SELECTION, "placed")),
    Fault("slot lost", _slot_lost, ("slots",)),
)
