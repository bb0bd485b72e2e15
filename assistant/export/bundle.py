"""A bundle: the answers as JSON, and a manifest by which anybody can check later that nothing in it was changed.

`memo.json` holds the turns; `manifest.json` its sha256, the book's fingerprint, and for each cited source what it said:
the sha256 of our words, of the official ones, and of the statements of the book behind them. `check` is in
`bundle_check`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from assistant.contract import Answer, Cited
from assistant.export.archive import LARGEST, packed
from assistant.export.bundle_check import FORMAT, MANIFEST, MEMO, VERSION, Finding, check, manifest_hash
from assistant.export.memo import TurnLike
from corpus.law import Statement
from corpus.library import Library

__all__ = ["Finding", "check", "manifest_hash", "written"]


def written(turns: Sequence[TurnLike | Answer], *, exported: dt.date, library: Library) -> bytes:
    """The bundle's bytes; the same turns, day and book give the same ones. Raises ValueError for no or too many turns.

    A caller with a ledger records `manifest_hash(...)` of what this returns: only that proves later that the whole was
    not written anew.
    """
    if not turns:
        raise ValueError("there is nothing to export: ask a question first")
    memo = _json({"turns": [_turn(turn) for turn in turns]})
    if len(memo) > LARGEST // 2:
        raise ValueError(f"these turns make {len(memo):,} bytes, more than a bundle holds; export fewer of them")
    sources = [
        _source(n, one, library)
        for n, turn in enumerate(turns, 1)
        for one in (turn if isinstance(turn, Answer) else turn.answer).citations
    ]
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "exported": exported.isoformat(),
        "book": library.fingerprint,
        "parts": {MEMO: hashlib.sha256(memo).hexdigest()},
        "sources": sources,
    }
    return packed({MANIFEST: _json(manifest), MEMO: memo})


def _json(value: Any) -> bytes:
    """ASCII, so that any text can be held, half a surrogate pair too."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def _turn(turn: TurnLike | Answer) -> dict[str, Any]:
    """Question, time and Answer JSON; how long the machine took says nothing of the answer."""
    if isinstance(turn, Answer):
        answer, asked = turn, None
    else:
        answer, asked = turn.answer, turn.asked.astimezone(dt.UTC).isoformat()
    return {"question": turn.question, "asked": asked, "answer": answer.model_dump(mode="json", exclude={"timings_ms"})}


def _source(turn: int, one: Cited, library: Library) -> dict[str, Any]:
    return {
        "turn": turn,
        "n": one.n,
        "citation": one.citation,
        "coordinate": one.coordinate,
        "words": _sha(one.statement),
        "official": _sha(one.official_text) if one.official_text else None,
        "statements": [{"id": s.id, "hash": s.hash, "words": _sha(s.text)} for s in _behind(one, library)],
    }


def _behind(one: Cited, library: Library) -> list[Statement]:
    """The statements of the book whose words a source gives; none for an official text or a paper of the firm, or where
    the book has changed since the answer."""
    return [
        s
        for s in library.at(one.coordinate)
        if s.citation == one.citation and s.authority == one.authority and s.text in one.statement
    ]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
