"""Corrections as patches of the digest files: only the words of their statements change, and git applies them."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from assistant.review_changes import Skipped, changes
from assistant.standing import SignOff
from corpus.digests import ROOT
from corpus.law import Statement
from corpus.library import Library

FEDERAL, BESIDE, STATE = "cfr-591-5.d3", "cfr-591-5.d4", "us-co.4"
NEW = "A nonresident must export the vehicle again within one year after entry: “# no comment”, and 'no' - quote."
LONG = "A nonresident's declaration " + "names the passport and its country-of-issue and " * 7 + "nothing else."
COMMENT = "# Kept: read on paper in 2025.\n"


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    """A book of two files in a folder of the project's own layout, with comments."""
    folder = tmp_path / "corpus" / "digests"
    for name in ("us/cfr-591-5.yaml", "states/co.yaml"):
        (folder / name).parent.mkdir(parents=True)
        text = (ROOT / name).read_text("utf-8").replace("statements:\n", f"statements:  {COMMENT}", 1)
        (folder / name).write_text(COMMENT + text, "utf-8")
    return folder


def corrected(digests: Path, id: str, text: str, decision: str = "corrected") -> SignOff:
    statement = Library.open(digests).statement(id)
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    row = {"reviewer": "u1", "name": "A. Smith", "at": at, "note": "", "reviewed_text": statement.text}
    none = dict.fromkeys(("official_hash", "official_source", "official_known", "reviewed_official"))
    return SignOff(n=1, statement=id, decision=decision, text_hash=statement.hash, proposed=text, **row, **none)  # type: ignore[arg-type]


def applied(digests: Path, patch: str) -> None:
    """Git applies it at the root of the project."""
    given = ["git", "-c", "core.autocrlf=false", "apply", "--verbose", "-"]
    done = subprocess.run(given, cwd=digests.parent.parent, input=patch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "offset" not in done.stderr


def said(digests: Path) -> dict[str, Statement]:
    return Library.open(digests).statements


def test_a_correction_changes_the_words_of_its_statement_and_nothing_else(digests: Path) -> None:
    before, files = said(digests), {path: path.read_text("utf-8") for path in digests.rglob("*.yaml")}
    signed = [corrected(digests, id, text) for id, text in ((FEDERAL, NEW), (BESIDE, LONG), (STATE, NEW))]
    edits, skipped = changes(signed, digests)
    assert {path: path.read_text("utf-8") for path in files} == files
    assert skipped == ()
    assert [(one.file, one.statements) for one in edits] == [
        ("corpus/digests/states/co.yaml", (STATE,)),
        ("corpus/digests/us/cfr-591-5.yaml", (FEDERAL, BESIDE)),
    ]
    applied(digests, "".join(one.diff for one in edits))
    told = {FEDERAL: NEW, BESIDE: LONG, STATE: NEW}
    after = said(digests)
    assert {id: one.text for id, one in after.items() if one != before[id]} == told
    assert {id: after[id].model_copy(update={"text": before[id].text}) for id in told} == {
        id: before[id] for id in told
    }
    for path, text in files.items():
        now = path.read_text("utf-8")
        assert now.count(COMMENT) == 2
        assert max(map(len, now.splitlines())) <= max(120, *map(len, text.splitlines()))
    # Applied, there is nothing more to write.
    assert changes(signed, digests) == (
        (),
        tuple(Skipped(id, "the book has these words already") for id in sorted(told)),
    )


def test_only_corrections_are_written(digests: Path) -> None:
    assert changes([corrected(digests, FEDERAL, NEW, decision) for decision in ("verified", "disputed")], digests) == (
        (),
        (),
    )


MOVES = [
    ("must export it not later", "must export it no later", "its words or its record changed after the correction"),
    ("at: (d)(3)", "at: (d)(2)", "its words or its record changed after the correction"),
    ("id: cfr-591-5.d3", "id: cfr-591-5.d33", "it is no longer in the book; its record moved"),
    ("status: in_force", "status: repealed", "its words or its record changed after the correction"),
]


@pytest.mark.parametrize(("old", "new", "why"), MOVES)
def test_a_statement_that_changed_since_is_named_and_skipped(digests: Path, old: str, new: str, why: str) -> None:
    signed = [corrected(digests, FEDERAL, NEW), corrected(digests, STATE, NEW)]
    path = digests / "us" / "cfr-591-5.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    edits, [skipped] = changes(signed, digests)
    assert [one.statements for one in edits] == [(STATE,)]
    assert (skipped.statement, why in skipped.why) == (FEDERAL, True)


def test_a_file_that_moved_is_found(digests: Path) -> None:
    signed = corrected(digests, FEDERAL, NEW)
    shutil.move(digests / "us" / "cfr-591-5.yaml", digests / "us" / "import.yaml")
    [edit], skipped = changes([signed], digests)
    assert (edit.file, skipped) == ("corpus/digests/us/import.yaml", ())


OTHERWISE = [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.rstrip("\n"),
    lambda text: yaml.safe_dump(yaml.safe_load(text), sort_keys=False, allow_unicode=True),
]


@pytest.mark.parametrize("written", range(len(OTHERWISE)))
def test_a_file_written_otherwise_is_left_to_a_person(digests: Path, written: int) -> None:
    path = digests / "us" / "cfr-591-5.yaml"
    text = OTHERWISE[written](path.read_text("utf-8"))
    path.write_bytes(text.encode())
    edits, [skipped] = changes([corrected(digests, FEDERAL, NEW)], digests)
    assert (edits, "edit it by hand" in skipped.why) == ((), True)


def test_any_statement_of_the_book_can_be_corrected() -> None:
    """Each is written as the edit needs it, so that no correction is left to a person."""
    signed = [corrected(ROOT, FEDERAL, NEW)]
    book = Library.open().statements.values()
    all_of_them = [
        SignOff(**{**signed[0].__dict__, "statement": s.id, "text_hash": s.hash, "reviewed_text": s.text}) for s in book
    ]
    edits, skipped = changes(all_of_them, ROOT)
    assert skipped == ()
    assert sum(len(one.statements) for one in edits) == len(book)
