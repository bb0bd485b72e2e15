"""From a stored run to its results: scores, gate, reports. Pure but for reading and writing the run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.library import Library
from evals import adjudications, gate, judgements, retrieval
from evals.cases import Case, cases, fingerprint
from evals.compare import Change
from evals.judgements import Judged
from evals.junit import junit
from evals.report import Report, html, markdown
from evals.run import Record, Row, RunError, git_version, read
from evals.score import Bench, Score, score_all


@dataclass(frozen=True)
class Results:
    """A scored run; `reasons` say why it may not be released (empty: it may), `short_of` which targets are still
    missed, `changes` what moved since the last release, `paraphrased` what the same cases came to in other words."""

    record: Record
    rows: tuple[Row, ...]
    scores: tuple[Score, ...]
    paraphrased: tuple[Score, ...]
    reasons: tuple[str, ...]
    short_of: tuple[str, ...]
    changes: tuple[Change, ...] | None


def results(folder: Path, library: Library) -> Results:
    """Score a stored run and hold it against the gate. Raises RunError when it cannot be scored with this book."""
    record, rows = read(folder)
    held = cases()
    book, suites = library.fingerprint, fingerprint()
    if record.book != book or record.suites != suites:
        raise RunError(f"{folder}: {'; '.join(gate.stale(record, book=book, suites=suites, git=record.git))}")
    missing = {(c.id, "asked") for c in held} - {(r.id, r.wording) for r in rows}
    if missing:
        raise RunError(f"{folder} lacks answers, of {min(missing)[0]} among others; run again")
    # A run of the asked wordings alone (with a slow language model) measures no consistency.
    both = any(row.wording == "paraphrase" for row in rows)
    scores = scored(library, held if both else [c.model_copy(update=ALONE) for c in held], rows)
    reasons = list(gate.stale(record, book=book, suites=suites, git=git_version()))
    others = paraphrased(library, held, rows)
    by_id = {c.id: c for c in held}
    reasons += gate.missed(scores, by_id, others)
    short_of = gate.missed(scores, by_id, others, gate.targets())
    changes = None
    if (gate.RELEASE / "items.jsonl").exists():
        before = gate.read_scores(gate.RELEASE)
        changes = gate.changes(before, scores)
        reasons += gate.lost(before, scores)
    return Results(record, rows, scores, others, tuple(reasons), short_of, changes)


# What is changed in a case that is asked in one wording only.
ALONE = {"paraphrase": None, "turn_paraphrases": ()}


def scored(library: Library, held: Sequence[Case], rows: Sequence[Row]) -> tuple[Score, ...]:
    """The scores of rows, with the retrieval metrics of the asked wording."""
    judged = judgements.load()
    asked = [row for row in rows if row.wording == "asked"]
    ranked = [
        retrieval.Ranked(r.id, tuple(f.coordinate for f in r.found), tuple(f.place for f in r.found)) for r in asked
    ]
    ranks = retrieval.per_case(
        ranked,
        {case.id: _graded(case, judged) for case in held},
        {case.id: frozenset(case.places) for case in held},
    )
    return score_all(Bench(library, judged), held, rows, ranks)


def paraphrased(library: Library, held: Sequence[Case], rows: Sequence[Row]) -> tuple[Score, ...]:
    """The scores of the paraphrases, each as if it had been the question of its case."""
    others = [r.model_copy(update={"wording": "asked"}) for r in rows if r.wording == "paraphrase"]
    there = {r.id for r in others}
    return scored(library, [c.model_copy(update=ALONE) for c in held if c.id in there], others)


def _graded(case: Case, judged: Judged) -> dict[str, int]:
    """Gold and judgements by coordinate; only gold requires."""
    more = {c: min(grade, retrieval.ACCEPTABLE) for c, grade in judged.get(case.id, {}).items()}
    return more | retrieval.grades(case)


def write(folder: Path, found: Results, yardstick: str | None = None) -> str:
    """`items.jsonl`, `report.md`, `report.html` and `junit.xml` beside the answers; the Markdown is returned."""
    held = {c.id: c for c in cases()}
    report = Report(
        found.record,
        found.reasons,
        found.scores,
        held,
        found.rows,
        found.changes,
        adjudications.load(),
        yardstick,
        found.paraphrased,
        found.short_of,
    )
    text = markdown(report)
    (folder / "items.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in found.scores), "utf-8")
    (folder / "report.md").write_text(text, "utf-8")
    (folder / "report.html").write_text(html(report), "utf-8")
    (folder / "junit.xml").write_text(junit(found.scores, held), "utf-8")
    return text


def release(folder: Path, found: Results) -> None:
    """Keep a run that passed as the last release, for the next one to be compared with. Raises RunError otherwise."""
    if found.record.git.endswith("+"):
        raise RunError("the run is of code that is not committed; commit, run again, then release")
    if found.reasons:
        raise RunError(f"the gate is shut: {'; '.join(found.reasons)}")
    gate.RELEASE.mkdir(exist_ok=True)
    for name in ("run.json", "items.jsonl", "report.md"):
        (gate.RELEASE / name).write_bytes((folder / name).read_bytes())
