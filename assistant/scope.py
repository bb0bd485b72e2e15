"""Is a question ours to answer? Which words in it are an instruction to a machine, and so no question at all?"""

from __future__ import annotations

import re
from typing import Any

from assistant.contract import MAX_QUESTION, QuestionError
from assistant.vocabulary import any_of, vocabulary

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\U000e0000-\U000e0fff]"
)
_MARKUP = re.compile(r"<[^>]{0,200}>|!?\[[^\]]{0,300}\]\([^)]{0,300}\)|https?://\S+")
_TYPOGRAPHY = str.maketrans("’‘“”–—\u00a0", "''\"\"-- ")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|a|an|can|i|my|to|of|in|do|does|what|whats|how|when|which|it|for|if|and|legal|import|need|me|"
    r"was|were|why|who|about|or|not|will|on|any|has|have|had|been|did|get|this|that|you|we|be|at|as|by|from|with)\b",
    re.IGNORECASE,
)


def clean(question: str) -> str:
    """The question as plain words: no markup, no invisible characters, no sentence that talks to a machine.

    Empty when nothing but such sentences was there. Raises QuestionError for what cannot be a question.
    """
    if len(question) > MAX_QUESTION:
        raise QuestionError(f"the question has {len(question):,} characters; please keep it under {MAX_QUESTION:,}")
    text = _INVISIBLE.sub("", question)
    if any((ord(c) < 32 and c not in "\n\r\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise QuestionError("the question holds control characters; please send plain text")
    text = _MARKUP.sub(" ", text).translate(_TYPOGRAPHY)
    sentences = re.split(r"(?<=[.!?\n;])\s+", text)
    kept = [s for s in sentences if not any_of("scope", "injection").search(s)]
    words = " ".join(" ".join(kept).split())
    if words and not re.search(r"[A-Za-z]{2}|\d{3}", words) and not _foreign_letters(words):
        words = ""
    if words or (kept != sentences):
        return words
    raise QuestionError("please ask a question in words, for example: Can I import a 1999 Suzuki Carry?")


def silent(text: str) -> tuple[str, ...]:
    """The matters that a text asks about and the book holds nothing on, by the names under which an answer says so."""
    return tuple(name for name in vocabulary()["silent"] if any_of("silent", name).search(text))


def _foreign_letters(text: str) -> bool:
    return sum(c.isalpha() and ord(c) > 127 for c in text) >= 2


def judge(text: str, *, place: bool, built: bool, model: bool, cited: tuple[Any, ...]) -> str:
    """`in`, or the reason why not: `empty`, `evasion`, `territory`, `foreign`, `language`, `elsewhere`.

    `unsure` has no word of ours and none of another field: what the book holds near it decides.
    """
    if not text:
        return "empty"
    if any_of("scope", "evasion").search(text) and not any_of("scope", "consequence").search(text):
        return "evasion"
    if not place and any_of("scope", "territory").search(text):
        return "territory"
    if not place and _abroad(text):
        return "foreign"
    if any_of("scope", "visitor").search(text):
        return "in"
    if _foreign_letters(text) and not _ENGLISH.search(text):
        return "language"
    if len(text.split()) >= 4 and not _ENGLISH.search(text) and not (place or built or model or cited):
        return "language"
    if any_of("scope", "elsewhere").search(text) and not cited:
        return "elsewhere"
    weak = len({m[0].lower() for m in any_of("domain", "weak").finditer(text)})
    if place and any_of("intent", "compare").search(text):
        return "in"
    if any_of("intent", "survey").search(text) and any_of("kinds", "size").search(text):
        return "in"
    if model or cited or any_of("domain", "strong").search(text):
        return "in"
    return "in" if weak >= 2 or (weak and (place or built)) else "unsure"


def _abroad(text: str) -> bool:
    """Whether the destination is another country ("into the UK"), not merely the origin ("from Canada")."""
    found = any_of("scope", "foreign").search(text)
    if not found:
        return False
    if re.search(r"\b(?:US|U\.S\.|USA|United States|America|American|states|stateside)\b", text):
        return False
    return not any_of("scope", "foreign_origin").search(text[max(0, found.start() - 25) : found.start()])
