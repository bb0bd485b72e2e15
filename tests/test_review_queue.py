"""The queue of the review desk by table, and what changed word by word."""

from __future__ import annotations

import itertools

import pytest

from assistant.review_queue import Risk, Row, review_queue
from assistant.standing import Standing
from assistant.word_diff import Piece, word_diff
from corpus.law import Authority, Confidence, Statement
from corpus.library import Library

SOUND, WEAK, DOUBTFUL = Confidence.HIGH, Confidence.LOW, Confidence.UNCONFIRMED
VERIFIED = Standing("verified", "Verified by A. Smith on 2026-11-20")
DISPUTED = Standing("disputed", "Disputed on 2026-11-20: under review by the firm's attorneys")
STALE = Standing("stale", "Stale: our words changed since A. Smith verified it on 2026-11-20")
COMPLAINED, NEVER = "clients say that something is wrong with {} citing it", "not reviewed yet"
# Statement, confidence, standing, uses, complaints, risk, why; in the order in which the queue must have them.
ROWS = [
    ("k", SOUND, DISPUTED, 0, 0, Risk.DISPUTED, (DISPUTED.told,)),
    ("a", WEAK, STALE, 2, 0, Risk.STALE, (STALE.told, "of low confidence", "cited by 2 stored answers")),
    ("b", SOUND, STALE, 1, 0, Risk.STALE, (STALE.told, "cited by 1 stored answer")),
    ("m", SOUND, None, 3, 2, Risk.COMPLAINT,
     (COMPLAINED.format("2 stored answers"), "cited by 3 stored answers", NEVER)),
    ("c", SOUND, VERIFIED, 9, 1, Risk.COMPLAINT, (COMPLAINED.format("1 stored answer"), VERIFIED.told)),
    ("d", DOUBTFUL, None, 0, 0, Risk.UNCONFIRMED, ("not confirmed against any source", NEVER)),
    ("e", DOUBTFUL, None, 0, 0, Risk.UNCONFIRMED, ("not confirmed against any source", NEVER)),
    ("l", WEAK, None, 0, 0, Risk.LOW, ("of low confidence", NEVER)),
    ("f", SOUND, None, 7, 0, Risk.USED, ("cited by 7 stored answers", NEVER)),
    ("n", SOUND, None, 2, 0, Risk.USED, ("cited by 2 stored answers", NEVER)),
    ("g", SOUND, None, 0, 0, Risk.UNREVIEWED, (NEVER,)),
    ("h", DOUBTFUL, VERIFIED, 8, 0, Risk.VERIFIED, (VERIFIED.told,)),
]  # fmt: skip


@pytest.fixture
def statements(library: Library) -> tuple[Statement, ...]:
    """The rows' statements in another order, as they would stand in a book."""
    one = library.statement("cfr-591-5.d3")
    held = [
        one.model_copy(update={"id": id, "confidence": confidence, "place": "US-TX" if id in "ae" else "US"})
        for id, confidence, *_ in ROWS
    ]
    return tuple(sorted(held, key=lambda s: s.id))


STANDINGS = {id: standing for id, _, standing, *_ in ROWS if standing}
USES, COMPLAINTS = {id: uses for id, _, _, uses, *_ in ROWS if uses}, {"m": 2, "c": 1, "gone": 1}


def test_the_riskiest_is_first_and_says_why(statements: tuple[Statement, ...]) -> None:
    rows = review_queue(statements, STANDINGS, USES, COMPLAINTS)
    told = [(r.statement.id, r.uses, r.complaints, r.risk, r.why) for r in rows]
    assert told == [(id, uses, complaints, risk, why) for id, _, _, uses, complaints, risk, why in ROWS]


FILTERS = [
    ({"place": "US-TX"}, "ae"),
    ({"review": "unreviewed"}, "mdelfng"),
    ({"review": "verified", "place": "US"}, "ch"),
    ({"authority": Authority.STATUTE}, ""),
    ({"authority": Authority.REGULATION, "review": "disputed"}, "k"),
]


@pytest.mark.parametrize(("chosen", "ids"), FILTERS)
def test_it_is_filtered(statements: tuple[Statement, ...], chosen: dict[str, str], ids: str) -> None:
    rows = review_queue(statements, STANDINGS, USES, COMPLAINTS, **chosen)  # type: ignore[arg-type]
    assert "".join(row.statement.id for row in rows) == ids


def test_the_whole_book_is_queued_once(library: Library) -> None:
    rows: tuple[Row, ...] = review_queue(library.statements.values(), {}, {}, {})
    assert sorted(row.statement.id for row in rows) == sorted(library.statements)
    assert [row.risk for row in rows] == sorted(row.risk for row in rows)
    assert {row.risk for row in rows} == {Risk.UNCONFIRMED, Risk.LOW, Risk.UNREVIEWED}


DIFFS = [
    ("", "", ()),
    ("must export it", " must\nexport  it ", (Piece("same", "must export it"),)),
    ("", "a b", (Piece("new", "a b"),)),
    ("a b", "", (Piece("gone", "a b"),)),
    ("It may not be sold.", "It may be sold.",
     (Piece("same", "It may"), Piece("gone", "not"), Piece("same", "be sold."))),
    ("within one year", "within two years",
     (Piece("same", "within"), Piece("gone", "one year"), Piece("new", "two years"))),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "pieces"), DIFFS)
def test_what_changed_is_told_by_words(old: str, new: str, pieces: tuple[Piece, ...]) -> None:
    assert word_diff(old, new) == pieces


def test_both_texts_can_be_put_together_from_what_changed(library: Library) -> None:
    texts = [statement.text for statement in library.statements.values()][:60]
    for old, new in itertools.pairwise(texts):
        pieces = word_diff(old, new)
        for text, other in ((old, "new"), (new, "gone")):
            assert " ".join(piece.words for piece in pieces if piece.kind != other) == text
