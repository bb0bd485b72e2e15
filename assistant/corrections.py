"""An attorney's new words for a statement, checked when they are proposed: the book must be able to hold them."""

from __future__ import annotations

import difflib
import re

from pydantic import ValidationError

from assistant.standing import OfficialWords
from corpus.law import Statement

# As docs/digests.md has it and the tests of the book enforce it.
FEWEST_WORDS, MOST_WORDS = 5, 70
# Terms of art are shared words in a row; a longer run is a copy.
LONGEST_SHARED = 12
_END = re.compile(r"[.]”?$")


class CorrectionError(ValueError):
    """New words that the book could not hold; the message says why."""


def correction(statement: Statement, proposed: str, official: OfficialWords | None) -> str:
    """The new words of a statement as the book would hold them. Raises CorrectionError."""
    text = " ".join(proposed.split())
    if not text.isprintable():
        raise CorrectionError("the new words hold a character that cannot be seen; type them anew")
    if text == statement.text:
        raise CorrectionError("the new words are those of the book; change them, or verify the statement")
    if not FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
        raise CorrectionError(f"a statement has {FEWEST_WORDS} to {MOST_WORDS} words; this has {len(text.split())}")
    if not _END.search(text):
        raise CorrectionError("a statement ends with a full stop")
    try:
        Statement.model_validate({**statement.model_dump(by_alias=True), "text": text})
    except ValidationError as error:
        raise CorrectionError(f"the book cannot hold these words: {error.errors()[0]['msg']}") from None
    if official and (run := shared_run(text, official.text)) > LONGEST_SHARED:
        told = f"{run} words in a row are those of the official text; a statement is in our own words"
        raise CorrectionError(f"{told} (at most {LONGEST_SHARED} in a row)")
    return text


def shared_run(ours: str, theirs: str) -> int:
    """The length, in words, of the longest run that both texts have; case and punctuation do not count."""
    mine, other = (re.findall(r"\w+", text.casefold()) for text in (ours, theirs))
    return difflib.SequenceMatcher(None, mine, other, autojunk=False).find_longest_match().size
