"""Nothing leaves that its statements do not say: figures, dates, places, negation, duty and doubt are compared.

A sentence is kept whole or dropped whole. There is no fuzzy match: nearness of wording accepts every dropped "not".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from assistant.memo import Part, Section, Sentence
from assistant.passages import content
from assistant.vocabulary import place_names
from corpus.law import Statement, Status
from corpus.library import Library

_FIGURE = re.compile(r"(?<![\w.])\$?(\d[\d,]*(?:\.\d+)*)")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = re.compile(rf"\b({_MONTHS})\b(?=\s\d|\s*,\s*\d)")
_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "eighteen": "18", "twenty": "20", "twenty-one": "21",
    "twenty-five": "25", "thirty": "30", "thirty-five": "35", "forty": "40", "fifty": "50",
    "sixty": "60", "ninety": "90",
}  # fmt: skip
# Words of amount have no plain figure here; a source must use the same word.
_AMOUNT = re.compile(r"\b(hundred|thousand|million|billion|dozen|half|twice|double)s?\b", re.I)
# A number inside a citation ("section 30115", "49 CFR 578.6", "H.B. 308") is an address and no figure.
_ADDRESS = re.compile(
    r"(?:\b\d+\s)?(?:§+|\b(?:sections?|secs?\.|parts?|chapters?|titles?|CFR|U\.S\.C\.|FMVSS|Standard No\.|RTB|"
    r"Box(?:es)?|Form|[SHA]\. ?[BR]\.|[SH]B|L\.D\.|Pub\. L\.|P\.L\.))\s*(?:§\s*)?"
    r"(?:[\dA-Z][\w.:-]*(?:\([\w.-]+\))*(?:,\s|\sand\s|\sor\s|\sto\s)?)+"
)
# A number in words is a figure only before a unit ("two years", not "the two classes").
_UNIT = r"(?=[ -](?:years?|months?|days?|miles?|vehicles?|percent|inches|feet|wheel\w*|door\w*|times)\b)"
_WORDED = re.compile(rf"\b({'|'.join(_WORDS)})\b{_UNIT}", re.I)

# What a sentence may only say when a source says something of the kind.
_NEGATION = r"not|no|never|nor|neither|cannot|\w+n't|prohibit\w*|ban(?:s|ned)|forbid\w*|unlawful|illegal|refus\w+"
_NEGATIVE = (
    _NEGATION
    + r"|none|without|nothing|bar(?:s|red)?|ban|den(?:y|ies|ied)|revok\w+|outside|exempt\w*|veto\w*|withdr\w+|"
    r"unless|except|fail\w*|lack\w*|stop(?:s|ped)?|ended|repeal\w*|exclud\w*|non\w+|free of|only|drop\w*|"
    r"remov\w+|limit(?:s|ed)"
)
_DUTY, _LEAVE = r"must|shall|has to|have to|mandatory", r"may|can|allow\w*|permit\w*|optional"
_DUTIFUL = _DUTY + r"|requir\w+|needs?|necessary|subject to|at least|owes?|not|no|only|or more|more than|or less"
_LIMIT = r"only|unless|except"
_LIMITING = (
    r"only|unless|except\w*|limited|solely|just|than|at most|or less|within|until|before|provided|if|confin\w+|"
    r"restrict\w+|but|sole|alone|barred|bars?|not|up to|exclusively|no"
)
# Words that turn a sentence round; a copy without them says the opposite of its source.
_TURNS = r"not|no|never|nor|cannot|\w+n't"
# "No: ..." answers the question; it negates nothing in the sentence that follows.
_LEAD_IN = re.compile(
    r"^\s*(?:(?:Registration in general|New registrations|When it was checked): )?(?:No|Not yet)\b[^:]{0,30}[:,]", re.I
)
# Words that go on after a rule; an extract that stops before them hides a condition.
_GOES_ON = r"unless|except|only"
# Of a source that negates, a copy must keep some word of it; "ban" alone says only what the rule is called.
_NEGATION_KEPT = _NEGATIVE.replace("|ban|", "|")
# What we say of our own reading is no negation of the law.
_OUR_READING = re.compile(
    r"(?:was|were|been|is|are|could) not (?:be )?(?:seen|read|confirmed|found|verified|settled)", re.I
)
_DOUBT = re.compile(
    r"not (?:been )?(?:confirmed|verified|found|settled|certain)|unconfirmed|unclear|report\w*|could not|uncertain|"
    r"according to|unsettled|no statute|\bsays?\b|did not find|found no|appear\w*|disput\w+|suggest\w*|guides?|"
    r"dealers?|press|ranking|advoca\w+|web (?:page|site)",
    re.I,
)
_OF_US = re.compile(r"\?|\bbook\b|\bI (?:can|will|only|cannot|have)\b|confirm|not (?:read|seen|found|known)")
_NOT_LAW = re.compile(
    r"\bbills?\b|[SHA]\.? ?B\.? ?\d|veto\w*|propos\w+|pending|would|not (?:been )?enacted|draft|withdr\w+|repeal\w*|"
    r"former\w*|no longer|supersed\w*|replaced|introduced|not law|died|until|earlier|was|were|had|revers\w+|did",
    re.I,
)
# From this share of common words on, a sentence is a copy of its source, or of most of it.
COPIED, MOSTLY = 0.85, 0.6
_LAW = re.compile(
    r"\b(?:must|shall|may not|prohibit\w*|require\w*|illegal|legal|allowed|exempt\w*|penalt\w+|eligible)\b", re.I
)


@dataclass(frozen=True)
class Dropped:
    """A sentence that did not pass, and the reason, for the team's log (never shown as law)."""

    sentence: Sentence
    reason: str


def verify(part: Part, library: Library) -> tuple[Part, tuple[Dropped, ...]]:
    """The part with every sentence that its statements do not bear left out, and what was left out."""
    dropped: list[Dropped] = []

    def keep(sentence: Sentence, *, decides: bool = False) -> bool:
        reason = fault(sentence, library, decides=decides)
        if reason:
            dropped.append(Dropped(sentence, reason))
        return reason is None

    def sections(held: tuple[Section, ...], *, decides: bool = False) -> tuple[Section, ...]:
        passed = ((one.heading, tuple(s for s in one.sentences if keep(s, decides=decides))) for one in held)
        return tuple(Section(heading, sentences) for heading, sentences in passed if sentences)

    kept = replace(
        part,
        short=sections(part.short, decides=True),
        rules=sections(part.rules),
        callouts=tuple(c for c in part.callouts if keep(c.sentence)),
    )
    return kept, tuple(dropped)


def fault(sentence: Sentence, library: Library, *, decides: bool = False) -> str | None:
    """Why a sentence may not be said, or None. `decides` for the short answer, which no doubtful statement carries."""
    missing = [i for i in sentence.rests_on if i not in library.statements and i not in library.beside]
    if missing:
        return f"names a statement that is not in the book: {missing[0]}"
    statements = [library.statement(i) for i in sentence.rests_on]
    if not statements:
        return "states law without a source" if _LAW.search(sentence.text) and not _asks_or_scopes(sentence) else None
    if decides and not any(s.confidence.decides for s in statements) and not _DOUBT.search(sentence.text):
        return "decides on unconfirmed statements alone"
    if sentence.listed or all(s.text == sentence.text for s in statements):
        return None
    return (
        _figures(sentence, statements)
        or _places(sentence, statements)
        or _modals(sentence, statements)
        or _standing(sentence, statements)
    )


def _asks_or_scopes(sentence: Sentence) -> bool:
    """A question back, a word about the book itself, or a doubt: none of them states law."""
    return bool(_OF_US.search(sentence.text) or _DOUBT.search(sentence.text))


def figures(text: str) -> frozenset[str]:
    """Numbers (commas and words such as "two years" made plain), words of amount, and months beside a number."""
    numbers = {n.replace(",", "").rstrip(".") for n in _FIGURE.findall(text)}
    words = {_WORDS[w.lower()] for w in _WORDED.findall(text)}
    amounts = {a.lower() for a in _AMOUNT.findall(text)}
    return frozenset(numbers | words | amounts | set(_MONTH.findall(text)))


def _figures(sentence: Sentence, statements: list[Statement]) -> str | None:
    held = {g.replace(",", "") for g in sentence.given}
    addresses: set[str] = set()
    for s in statements:
        held |= figures(f"{s.text} {s.title}")
        addresses |= figures(f"{s.text} {s.citation}")
        for day in (s.effective.from_, s.effective.until):
            held |= {str(day.year), str(day.day), f"{day:%B}"} if day else set()
    cited = " ".join(_ADDRESS.findall(sentence.text))
    plain = _ADDRESS.sub(" ", sentence.text)
    addresses |= {part for number in addresses for part in number.split(".")}
    extra = (figures(plain) - held) | (figures(cited) - held - addresses)
    return f"figures that no source holds: {', '.join(sorted(extra))}" if extra else None


@cache
def _state_names() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Name, code and pattern of every state; "Virginia" is not the end of "West Virginia", "Washington" not of D.C."""
    named = ((names["names"][0], f"US-{code}") for code, names in place_names().items())
    return tuple((name, code, re.compile(rf"(?<!West )\b{re.escape(name)}\b(?! D)")) for name, code in named)


def _places(sentence: Sentence, statements: list[Statement]) -> str | None:
    held = {s.place for s in statements}
    texts = " ".join(f"{s.text} {s.citation} {s.title}" for s in statements)
    for name, code, pattern in _state_names():
        if code not in held and pattern.search(sentence.text) and not pattern.search(texts):
            return f"speaks of {name} without a source of that state"
    return None


@cache
def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.I)


def _modals(sentence: Sentence, statements: list[Statement]) -> str | None:
    text = _OUR_READING.sub(" ", _LEAD_IN.sub(" ", sentence.text) if sentence.computed else sentence.text)
    texts = " ".join(s.text for s in statements)
    text = re.sub(r"\bNo\.(?= ?\d)", " ", text)
    if _any(_NEGATION).search(text) and not _any(_NEGATIVE).search(texts):
        return "a negation that no source holds"
    if _any(_DUTY).search(text) and _any(_LEAVE).search(texts) and not _any(_DUTIFUL).search(texts):
        return "a duty where the source gives leave"
    if _any(_LIMIT).search(text) and not _any(_LIMITING).search(texts):
        return "a limit that no source holds"
    for s in statements:
        shared, whole = _overlap(sentence.text, s.text)
        if shared < COPIED:
            continue
        mine, theirs = (len(_any(_TURNS).findall(t)) for t in (_LEAD_IN.sub("", sentence.text), s.text))
        doubts = len(_OUR_READING.findall(sentence.text))
        if whole >= COPIED and theirs not in (mine, mine - doubts):
            return "a near copy with another number of negations than its source"
        negates = _any(_TURNS).search(_OUR_READING.sub(" ", s.text))
        if negates and not _any(_NEGATION_KEPT).search(sentence.text):
            return "a negation of the source was dropped"
        if whole >= MOSTLY and _any(_GOES_ON).search(s.text) and not _any(_LIMITING).search(sentence.text):
            return "a condition of the source was dropped"
    return None


def _overlap(text: str, source: str) -> tuple[float, float]:
    """The share of the text's words that are the source's, and of the source's words that are in the text."""
    mine, theirs = content(text), content(source)
    shared = len(mine & theirs)
    return shared / max(1, len(mine)), shared / max(1, len(theirs))


def _standing(sentence: Sentence, statements: list[Statement]) -> str | None:
    if any(s.status is Status.IN_FORCE for s in statements) or _NOT_LAW.search(sentence.text):
        return None
    return "tells as law what is not in force"
