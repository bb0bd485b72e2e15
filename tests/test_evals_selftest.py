"""The evals test themselves: cheating systems fail the gate, seeded faults are found, changed questions are judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.contract import Answer, Cited
from corpus.library import Library
from evals import judgements
from evals.cases import Case, CaseError, cases
from evals.degenerate import SYSTEMS
from evals.faults import FAULTS, mutation_score
from evals.gate import missed
from evals.metamorphic import FILE, Pair, check, load, outcome, run
from evals.metrics import BINARY, GRADED
from evals.run import Row
from evals.score import Bench, score, score_all
from tests.conftest import TODAY

# How many metamorphic pairs the assistant answers wrongly, of all. It may only go down.
WRONG = 8
# Which floors each cheating system misses where the real answers miss none.
CAUGHT = {
    "decline": ("accurate (dev)", "accurate (survey)", "recall (dev)", "behaviour F1 (dev)", "over-refusal (all)"),
    "majority": ("accurate (dev)", "accurate (survey)", "hallucinated (all)", "behaviour F1 (dev)"),
    "concatenated": ("accurate (dev)", "accurate (survey)", "precision (dev)", "behaviour F1 (dev)"),
    "random_provision": ("recall (dev)", "precision (dev)", "hallucinated (all)"),
    "wrong_date": ("as-of pairs (dev) is 0.000",),
}


@dataclass(frozen=True)
class Asked:
    """Cases with the stored answers; the paraphrase of each is answered like the question itself."""

    bench: Bench
    cases: tuple[Case, ...]
    rows: tuple[Row, ...]

    def missed(self, system: str | None = None) -> tuple[str, ...]:
        """The floors that a cheating system misses, or the real one."""
        rows = SYSTEMS[system](self.bench.library, self.cases, self.rows) if system else self.rows
        return missed(score_all(self.bench, self.cases, rows, {}), {case.id: case for case in self.cases})


@pytest.fixture(scope="module")
def asked(library: Library, rows: tuple[Row, ...]) -> Asked:
    """Every case, asked once."""
    held = {row.id: row for row in rows if row.wording == "asked"}
    return _asked(Bench(library, judgements.load()), [(case, held[case.id]) for case in cases()])


@pytest.fixture(scope="module")
def right(asked: Asked) -> Asked:
    """The cases that the assistant gets right in every respect (of a pair, both), all they cite taken as to the point:
    what a system that deserves its release would look like."""
    held = {row.id: row for row in asked.rows if row.wording == "asked"}
    scores = {case.id: score(asked.bench, case, held[case.id]) for case in asked.cases}
    good = {
        one.id
        for one in scores.values()
        if one.outcome == "accurate" and {one.values.get(m, 1.0) for m in ("recall", "covered", "clean")} == {1.0}
    }
    halves = Counter(case.pair for case in asked.cases if case.id in good and case.pair)
    chosen = [c for c in asked.cases if c.id in good and (c.pair is None or halves[c.pair] == 2)]
    to_the_point = {c.id: {s.coordinate: 1 for s in _sources(held[c.id])} for c in chosen}
    return _asked(Bench(asked.bench.library, to_the_point), [(case, held[case.id]) for case in chosen])


def _asked(bench: Bench, answered: Sequence[tuple[Case, Row]]) -> Asked:
    again = [r.model_copy(update={"wording": "paraphrase"}) for c, r in answered if c.paraphrase or c.turn_paraphrases]
    return Asked(bench, tuple(case for case, _ in answered), (*(row for _, row in answered), *again))


def _sources(row: Row) -> Sequence[Cited]:
    return row.answer.citations if row.answer else ()


def test_the_gate_lets_right_answers_pass(right: Asked) -> None:
    assert right.missed() == ()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_cheating_system_fails_where_the_real_one_passes(right: Asked, system: str) -> None:
    found = right.missed(system)
    assert [floor for floor in CAUGHT[system] if not any(why.startswith(floor) for why in found)] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_cheating_system_passes_the_gate(asked: Asked, system: str) -> None:
    assert asked.missed(system)


@pytest.mark.parametrize("system", ["concatenated", "random_provision", "wrong_date"])
def test_cheating_with_true_citations_is_not_caught_by_their_labels(right: Asked, system: str) -> None:
    assert [why for why in right.missed(system) if why.startswith("verified")] == []


def test_seeded_faults_are_found(asked: Asked) -> None:
    share, tally = mutation_score(asked.bench, asked.cases, asked.rows)
    assert [kind for kind, (_, seeded) in tally.items() if not seeded] == []
    weak = {kind: f"{hit} of {seeded}" for kind, (hit, seeded) in tally.items() if hit < seeded}
    assert share >= 0.95, weak


def test_faults_name_metrics_that_are_measured() -> None:
    assert {metric for fault in FAULTS for metric in fault.metrics} - {*BINARY, *GRADED} == set()


def test_the_pairs_are_valid() -> None:
    pairs = load()
    assert len(pairs) >= 90
    assert min(Counter(pair.change for pair in pairs).values()) >= 8
    assert {pair.must for pair in pairs} == {"flip", "same", "differ"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("verdicts", ["yes", "yes"]), ("must", "same"), ("change", "weather"), ("changed", "Q?"), ("verdicts", ["yes"])],
)
def test_a_broken_pair_is_named(tmp_path: Path, field: str, value: object) -> None:
    line = json.dumps({**PAIR, field: value})
    (tmp_path / "pairs.jsonl").write_text(f"{FILE.read_text('utf-8').splitlines()[0]}\n{line}\n")
    with pytest.raises(CaseError, match=r"pairs\.jsonl:2: "):
        load(tmp_path / "pairs.jsonl")


PAIR: Mapping[str, object] = {
    "id": "x", "change": "state", "question": "Q?", "changed": "Q, in Texas?", "state": None, "as_of": "2026-11-24",
    "as_of_changed": None, "must": "flip", "verdicts": ["yes", "no"], "why": "w", "written_from": ["t"],
}  # fmt: skip


def said(text: str, did: str = "answered", cited: str = "us/usc/49/30112/b/9") -> Answer:
    source = {
        "n": 1, "citation": "c", "coordinate": cited, "place": "US", "authority": "statute", "title": "t",
        "statement": "s", "url": "https://example.org", "checked": None, "effective_from": None, "confidence": "high",
    }  # fmt: skip
    held = {"question": "Q, in Texas?", "outcome": did, "answer": text, "as_of": TODAY, "places": ["US"]}
    return Answer.model_validate({**held, "fingerprint": "f", "citations": [source]})


SAME = {"must": "same", "verdicts": ["no", "no"]}
DIFFER = {"must": "differ", "verdicts": [None, "no"]}


@pytest.mark.parametrize(
    ("rule", "first", "second", "holds"),
    [
        ({}, said("Yes: it may."), said("No: it may not."), "holds"),
        ({}, said("Yes: it may."), said("**Import:** Yes: so.\n\n**Texas:** No: it may not."), "holds"),
        ({}, said("Yes: it may."), said("It depends on the road."), "hedged"),
        ({}, said("Unclear: it is not settled."), said("No: it may not."), "hedged"),
        ({}, said("The age is 25 years."), said("No: it may not."), "hedged"),
        ({}, None, said("No: it may not."), "hedged"),
        ({}, said("Yes: it may."), said("Yes: it may."), "wrong"),
        ({}, said("No: it may not."), said("Yes: it may."), "wrong"),
        (SAME, said("No: it may not."), said("Not yet: it is too young."), "holds"),
        (SAME, said("No: it may not."), said("It depends on the road."), "hedged"),
        (SAME, said("No: it may not."), said("No: it may not.", "declined"), "hedged"),
        (SAME, said("No: it may not."), said("Yes: it may."), "wrong"),
        (DIFFER, said("Yes: it may."), said("No: it may not."), "holds"),
        (DIFFER, said("No: so."), said("No: so.", cited="us/cfr/49/591.5"), "holds"),
        (DIFFER, said("No: so."), said("No: so."), "wrong"),
        (DIFFER, said("Yes: it may."), said("Yes: it may.", cited="us/cfr/49/591.5"), "wrong"),
    ],
)
def test_a_pair_is_judged(rule: dict[str, object], first: Answer | None, second: Answer | None, holds: str) -> None:
    pair = Pair.model_validate({**PAIR, **rule})
    assert outcome(pair, first, second) == holds
    assert (check(pair, first, second) is None) == (holds == "holds")


def test_changed_questions_are_not_answered_wrongly_more_often(assistant: Assistant) -> None:
    outcomes = run(assistant, load())
    wrong = sorted(one for one, how in outcomes.items() if how == "wrong")
    assert len(wrong) <= WRONG, wrong
