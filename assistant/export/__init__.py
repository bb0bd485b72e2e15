"""An answer or a conversation as a file: a memo in Word or PDF, or a bundle that can be checked again later.

from assistant.export import export
export([answer], "pdf", exported=date.today(), library=Library.open())
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.contract import Answer
from assistant.export import bundle
from assistant.export.memo import Memo, TurnLike, memo, place
from corpus.library import Library

Printed = Literal["docx", "pdf"]
Form = Literal["docx", "pdf", "bundle"]
ENDINGS: dict[Form, str] = {"docx": ".docx", "pdf": ".pdf", "bundle": ".kei.zip"}

__all__ = ["ENDINGS", "Form", "Printed", "TurnLike", "bundle", "export", "file_name", "named", "printed"]


def export(turns: Sequence[TurnLike | Answer], form: Form, *, exported: dt.date, library: Library) -> bytes:
    """The file of these turns; the same turns, day and book give the same bytes. Raises ValueError when there are none.

    The library is what a bundle says of its sources; a memo does not need it. Nothing is written or sent.
    """
    if form == "bundle":
        return bundle.written(turns, exported=exported, library=library)
    return printed(memo(turns, exported=exported), form)


def printed(told: Memo, form: Printed) -> bytes:
    """The file of a memo; the same memo gives the same bytes."""
    if form == "pdf":
        from assistant.export.pdf import pdf

        return pdf(told)
    from assistant.export.docx import word

    return word(told)


def file_name(turns: Sequence[TurnLike | Answer], form: Form, *, exported: dt.date) -> str:
    """ "kei-memo-2026-11-25-texas.pdf": the day and the places, never words of a question."""
    answers = (turn if isinstance(turn, Answer) else turn.answer for turn in turns)
    return named("memo", (code for answer in answers for code in answer.places), form, exported=exported)


def named(kind: str, places: Iterable[str], form: Form, *, exported: dt.date) -> str:
    """ "kei-check-2026-11-25-texas.pdf" for a check and US-TX; federal law needs no word beside a state."""
    codes = list(dict.fromkeys(code for code in places if code != "US"))
    where = "-".join(map(place, codes)) if 0 < len(codes) <= 2 else "several-states" if codes else "federal"
    safe = re.sub(r"[^a-z0-9]+", "-", where.lower()).strip("-")[:60] or "federal"
    return f"kei-{kind}-{exported.isoformat()}-{safe}{ENDINGS[form]}"
