"""The gate opens for the real system; it shuts for a planted wrong verdict, a loss, and what it cannot know."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.answer import Assistant
from assistant.ondisk import OnDisk
from assistant.retrieve import BookRetriever
from assistant.settings import Settings
from corpus.law import Rested
from corpus.library import Library
from corpus.official.store import Store
from corpus.verdicts import Place, Registration, Says
from evals import gate, judgements
from evals.__main__ import app, book_alone
from evals.cases import cases, fingerprint
from evals.results import Results, paraphrased, release, results, scored
from evals.run import Record, Row, RunError, read, rows_of, store
from evals.score import Score

CASES = cases()
BY_ID = {case.id: case for case in CASES}


@pytest.fixture(scope="module")
def scores(library: Library, rows: tuple[Row, ...]) -> tuple[Score, ...]:
    return scored(library, CASES, rows)


def record(library: Library, rows: tuple[Row, ...], **more: object) -> Record:
    held = {
        "date": dt.date(2026, 11, 25), "git": "abc", "assistant": "a", "book": library.fingerprint,
        "suites": fingerprint(), "python": "3", "packages": {}, "rows": len(rows), "seconds": 1.0,
    }  # fmt: skip
    return Record.model_validate({**held, **more})


def test_the_gate_opens_for_the_real_system(library: Library, rows: tuple[Row, ...], scores: tuple[Score, ...]) -> None:
    assert gate.missed(scores, BY_ID, paraphrased(library, CASES, rows)) == ()


def test_every_citation_of_a_case_with_gold_was_judged(scores: tuple[Score, ...]) -> None:
    judged = [s.values["judged"] for s in scores if "judged" in s.values]
    assert sum(judged) / len(judged) >= 0.97


def planted(library: Library) -> Library:
    """The book with one wrong verdict: Kentucky would plate kei trucks for every road."""

    def turned(place: Place) -> Place:
        if place.code != "US-KY":
            return place
        (verdict,) = place.verdicts
        says = Rested(text="Yes: Kentucky registers mini-trucks for public highways.", rests_on=("us-ky.3", "us-ky.1"))
        roads = tuple(
            f.model_copy(update={"says": Says.NO, "text": "mini-trucks may use the public highways."})
            if f.kind == "roads"
            else f
            for f in verdict.findings
        )
        wrong = verdict.model_copy(
            update={"registration": Registration.ROAD_LEGAL, "headline": (says,), "findings": roads}
        )
        return place.model_copy(update={"verdicts": (wrong,)})

    states = {p.id for place in library.places.values() for p in place.provisions}
    federal = tuple(p for p in library.provisions if p.id not in states)
    return Library(federal, tuple(turned(p) for p in library.places.values()))


def test_one_wrong_verdict_shuts_the_gate(
    assistant: Assistant, library: Library, rows: tuple[Row, ...], scores: tuple[Score, ...]
) -> None:
    wrong = planted(library)
    assert wrong.fingerprint != library.fingerprint
    old = assistant.retriever
    retriever = BookRetriever(library=wrong, index=old.index, settings=old.settings, scope=old.scope)
    misled = Assistant(wrong, retriever, assistant.settings, "planted")
    touched = [case for case in CASES if "US-KY" in case.places]
    again = {(r.id, r.wording): r for r in rows_of(misled, touched)}
    mixed = tuple(again.get((r.id, r.wording), r) for r in rows)
    found = scored(wrong, CASES, mixed)
    reasons = (*gate.missed(found, BY_ID), *gate.lost(scores, found))
    assert any("sv-KY-reg" in why for why in reasons), reasons
    assert any(why.startswith("clean (all)") for why in gate.missed(found, BY_ID)), reasons


def test_the_same_run_loses_nothing(scores: tuple[Score, ...]) -> None:
    assert gate.lost(scores, scores) == ()
    assert all(c.difference == 0 for c in gate.changes(scores, scores))


def test_a_case_that_misleads_now_is_named(scores: tuple[Score, ...]) -> None:
    right = next(s for s in scores if s.outcome == "accurate")
    worse = tuple(s.model_copy(update={"outcome": "hallucinated"}) if s is right else s for s in scores)
    assert any(right.id in why for why in gate.lost(scores, worse))


def test_a_figure_that_was_not_measured_misses_its_floor(scores: tuple[Score, ...]) -> None:
    without = tuple(
        s.model_copy(update={"values": {k: v for k, v in s.values.items() if k != "verified"}}) for s in scores
    )
    assert "verified (all) was not measured" in gate.missed(without, BY_ID)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"book": "0" * 64}, "another book"), ({"suites": "0" * 64}, "other questions"), ({"git": "def"}, "other code")],
)
def test_a_stale_run_is_told(library: Library, rows: tuple[Row, ...], change: dict[str, str], reason: str) -> None:
    held = record(library, rows, **change)
    found = gate.stale(held, book=library.fingerprint, suites=fingerprint(), git="abc")
    assert len(found) == 1
    assert reason in found[0]


def test_a_stored_run_is_read_back_whole(tmp_path: Path, library: Library, rows: tuple[Row, ...]) -> None:
    store(tmp_path, record(library, rows), rows)
    assert read(tmp_path)[1] == rows
    found = results(tmp_path, library)
    again = results(tmp_path, library)
    assert [s.model_dump_json() for s in found.scores] == [s.model_dump_json() for s in again.scores]


def test_a_run_that_was_cut_off_is_refused(tmp_path: Path, library: Library, rows: tuple[Row, ...]) -> None:
    store(tmp_path, record(library, rows), rows[:-1])
    with pytest.raises(RunError, match="cut off"):
        read(tmp_path)
    (tmp_path / "run.json").unlink()
    with pytest.raises(RunError, match="no finished run"):
        read(tmp_path)


@pytest.mark.parametrize("command", [["gate"], ["score"], ["release"]])
def test_a_missing_run_fails_in_one_line(tmp_path: Path, command: list[str]) -> None:
    told = CliRunner().invoke(app, [*command, "--folder", str(tmp_path / "none")])
    assert told.exit_code == 1
    assert "no finished run" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_shut_gate_keeps_no_release(
    tmp_path: Path, library: Library, rows: tuple[Row, ...], scores: tuple[Score, ...]
) -> None:
    found = Results(record(library, rows), rows, scores, (), ("one floor",), (), None)
    with pytest.raises(RunError, match="one floor"):
        release(tmp_path, found)


def test_judgements_name_cases_that_exist() -> None:
    assert set(judgements.load()) <= set(BY_ID)


def test_the_suites_are_asked_of_the_book_alone(tmp_path: Path) -> None:
    # Official texts and papers on this machine lie in the data folder itself, and would be found there.
    settings = Settings(data_dir=tmp_path)
    Store(settings.official_dir)
    assert OnDisk.open(settings).official.store
    assert OnDisk.open(book_alone(settings)).official.store is None
