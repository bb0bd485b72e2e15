"""Answers and provisions as plain text and JSON for the terminal."""

from __future__ import annotations

import re
from typing import Any

from assistant.compose import UNCONFIRMED
from assistant.contract import Answer, Cited
from assistant.official import Quoted
from corpus.law import Statement
from corpus.library import Lookup


def plain(answer: Answer) -> str:
    """The answer, its sources and follow-ups as text without Markdown signs."""
    parts = [re.sub(r"\*\*?([^*\n]+)\*\*?", r"\1", re.sub(r"^> ?", "  | ", answer.answer, flags=re.M))]
    if answer.understood:
        parts.insert(0, f"Understood as: {answer.understood}")
    if answer.citations:
        parts.append("Sources\n" + "\n".join(_source(c) for c in answer.citations))
    if answer.follow_ups:
        parts.append("You could also ask\n" + "\n".join(f"  - {one}" for one in answer.follow_ups))
    return "\n\n".join(parts)


def _source(one: Cited) -> str:
    standing = f"{one.authority}, {one.place}, confidence {one.confidence}, text checked {one.checked or 'undated'}"
    official = f"\n    Official text: “{one.official_text}”\n    ({one.official_source})" if one.official_text else ""
    return f"[{one.n}] {one.citation} ({standing})\n    {one.statement}{official}\n    {one.url}"


def lookup_plain(found: Lookup, quoted: Quoted | None = None) -> str:
    """The provision in our own words beside the official ones, or plainly that it is not in the book."""
    official = f"\nOfficial text: “{quoted.text}”\n  ({quoted.source})" if quoted else ""
    return _lookup_plain(found) + official


def _lookup_plain(found: Lookup) -> str:
    if found.found:
        lines = [f"{found.citation.text} on {found.as_of.isoformat()}"]
        lines += [_statement(s) for s in found.statements]
        if found.other_dates:
            lines.append("Not in force on that day, or not law:")
            lines += [_statement(s) for s in found.other_dates]
        return "\n".join(lines)
    text = f"{found.citation.text} is not in the book."
    if found.above:
        text += "\nThe provision above it says:\n" + "\n".join(_statement(s) for s in found.above)
    return text


def _statement(s: Statement) -> str:
    doubt = "" if s.confidence.decides else f" {UNCONFIRMED}"
    standing = f"{s.authority.value}, {s.status.value}, text checked {s.checked or 'undated'}"
    return f"  {s.citation}: {s.text}{doubt}\n    ({standing}) {s.url}"


def lookup_json(found: Lookup, quoted: Quoted | None = None) -> dict[str, Any]:
    """The same as JSON; `found` is false when the book does not hold the citation."""
    return {
        "citation": found.citation.text,
        "coordinate": found.citation.coordinate,
        "place": found.citation.place,
        "as_of": found.as_of.isoformat(),
        "found": found.found,
        "statements": [_json(s) for s in found.statements],
        "other_dates": [_json(s) for s in found.other_dates],
        "above": [_json(s) for s in found.above],
        "official_text": quoted.text if quoted else None,
        "official_source": quoted.source if quoted else None,
    }


def _json(s: Statement) -> dict[str, Any]:
    kept = {"id", "citation", "coordinate", "place", "authority", "status", "title", "url", "text", "confidence"}
    shown = s.model_dump(mode="json", include=kept | {"checked"})
    shown["effective"] = {
        "from": s.effective.from_.isoformat() if s.effective.from_ else None,
        "until": s.effective.until.isoformat() if s.effective.until else None,
    }
    return shown
