"""Whether a chat model's claim may be said. It may say what whole sentences of one of its sources say, in their order,
with every word that carries meaning, and nothing besides.

Nearness of wording is never enough: a dropped "not", a swapped name or a cut condition reads almost the same. So a
claim is held to the very words, and what does not hold is left to the book's own sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from assistant.claims import Claim
from assistant.memo import Sentence
from assistant.prompt import Source

_SPACE = re.compile(r"\s+")
_LIKE = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "})
_ACTIVE = re.compile(
    r"[<>\[\]`{}|\\]|https?:|www\.|\b\w+@\w|!\(|\]\(|[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_TOKEN = re.compile(r"\$?\d[\d,.]*\d|\d|[a-z]+(?:[-'][a-z]+)*|[^\s\w]", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.?!][\"')]*(?=\s|$)")
# Words that add or take away nothing: a claim may have more or fewer of them than its quote. A preposition, a tense or
# an "and" is none of them: "sold to dealers" is not "sold by dealers".
_SMALL = frozenset({"a", "an", "the", "this", "that", "these", "those", "also"})
# A sentence that opens so takes back or limits the one before it.
_GOES_ON = re.compile(
    r"(?:but|however|except|unless|only|still|yet|even so|provided|this does not|that does not|it does not|"
    r"nor|neither|otherwise|the exception|an exception|one exception|this exception)\b",
    re.IGNORECASE,
)


def stopped(claim: Claim, given: dict[str, Source]) -> str | None:
    """Why a claim may not be said, in the words of a report; None when it may. `given` is by source id."""
    unknown = [i for i in claim.sources if i not in given]
    if unknown:
        return "a source that was not given"
    if _ACTIVE.search(claim.text) or _ACTIVE.search(claim.quote):
        return "markup, an address or a hidden character"
    found = anchored(claim, given)
    if found is None:
        return "a quote that its source does not hold"
    return _cut(claim, found[1]) or _said(claim)


def anchored(claim: Claim, given: dict[str, Source]) -> tuple[Source, str] | None:
    """The source of the claim that holds its quote, and the text in which it stands."""
    quote = _plain(claim.quote)
    held = (given[i] for i in claim.sources if i in given)
    return next(((one, _plain(one.text)) for one in held if quote and quote in _plain(one.text)), None)


def sentence(claim: Claim, given: dict[str, Source]) -> Sentence:
    """The claim as a sentence of an answer, resting on the source that holds its quote. Only for one that passed."""
    found = anchored(claim, given)
    assert found is not None
    text = _SPACE.sub(" ", claim.text).strip()
    return replace(found[0].sentence, text=text if text[-1] in ".?!" else f"{text}.")


def _cut(claim: Claim, text: str) -> str | None:
    """Why the quote is no whole sentence of the text, or leaves out the sentence that limits it."""
    quote = _plain(claim.quote)
    at = text.index(quote)
    ends = [0, *(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]
    starts = {len(text[:end]) + len(text[end:]) - len(text[end:].lstrip()) for end in ends}
    end = at + len(quote)
    if at not in starts or not (end in ends or text[end:].strip() in (".", "")):
        return "a quote that is no whole sentence"
    rest = text[end:].lstrip(" .")
    return "a quote that stops before its condition" if _GOES_ON.match(rest) else None


def _said(claim: Claim) -> str | None:
    """Why the text does not say what the quote says: the words that carry meaning must be the same, in their order."""
    mine, theirs = _words(claim.text), _words(claim.quote)
    if mine == theirs:
        return None
    more, fewer = Counter(mine) - Counter(theirs), Counter(theirs) - Counter(mine)
    if any(word[0].isdigit() or word[0] == "$" for word in (*more, *fewer)):
        return "another figure than its source"
    if more:
        return "words that its source does not hold"
    return "words of its source left out" if fewer else "the words of its source in another order"


def _words(text: str) -> list[str]:
    """Words, figures and marks; a mark at the very end says nothing."""
    return [w for w in (t.lower() for t in _TOKEN.findall(_plain(text).rstrip(".?! "))) if w not in _SMALL]


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.translate(_LIKE)).strip()
