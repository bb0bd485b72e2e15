"""Which words of an official text decide what our own words say: only those that both have, word for word.

Marked are runs of three words and more, and figures with their unit, that stand in both texts, and once only in the
official one; a "not", "at least" or "or older" of the official text that is bound to them is marked with them. Letter
case, dashes and "twenty-five" for 25 make no difference; nothing else is forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

# A run of fewer words, or of fewer that carry meaning, stands in any two texts of law.
SHORTEST, MEANING = 3, 2
Span = tuple[int, int]

_ONES = re.findall(
    r"\S+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS = re.findall(r"\S+", "twenty thirty forty fifty sixty seventy eighty ninety")
_SPELLED = {word: n for n, word in enumerate(_ONES, 1)} | {word: n for n, word in enumerate(_TENS, 2)}
_DASH = "-‐‑‒–—−"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TOKEN = re.compile(
    rf"(?P<date>\b(?:{_MONTHS})\s\d{{1,2}},\s\d{{4}}\b)"
    r"|(?P<figure>\$?\d[\d,]*(?:\.\d+)?(?:\s?%)?)"
    rf"|(?P<spelled>\b(?:{'|'.join(_TENS)})(?:[{_DASH}\s](?:{'|'.join(_ONES[:9])}))?\b|\b(?:{'|'.join(_ONES)})\b)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)",
    re.IGNORECASE,
)
# No run goes on over the end of a clause or over words that are left out.
_STOP = re.compile(r"[.;:?!…](?=\s|$|[”\")])")
# What is no number of a section, whatever follows it.
_AMOUNT = re.compile(r"[$%]|\d,\d{3}")
_UNITS = frozenset(
    re.findall(
        r"\S+",
        "year years month months day days hour hours vehicle vehicles truck trucks engine engines pound pounds lb lbs "
        "mph mile miles percent inch inches foot feet cc cubic kilowatt kilowatts wheel wheels door doors seat seats",
    )
)
# Words that carry no meaning by themselves, or none that tells one provision on vehicles from another.
_EMPTY = frozenset(
    re.findall(
        r"\S+",
        "a an and any are as at be been being by for from has have he her his if in into is it its may of on one "
        "or other out shall she so such than that the their them then there these they this those to under was "
        "were what when where which who whom whose will with would must can each all every same act article cfr "
        "chapter code motor paragraph part parts person persons provision provisions regulation regulations rule "
        "section sections state states subsection title united vehicle vehicles",
    )
)
_TURNS = frozenset(re.findall(r"\S+", "not no never nor neither cannot unless except only"))
# Before and after the words that are located; a turn binds what follows it in its clause, over so many words.
_REACH = 3
_BEFORE = re.compile(
    r"(?:\b(?:not\s)?(?:more|less|fewer|greater|later|earlier|other)\sthan|\bat\s(?:least|most)|\bup\sto|\bon\sor(?:\safter|\sbefore)?"
    r"|\bnot\s(?:to\s)?exceed(?:ing)?|\bexceed(?:s|ing)|\bwithin|\bbefore|\bafter)\s(?:a\s|an\s|the\s)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"^(?:[{_DASH}\s](?:of age|old))?(?:\sor\s(?:older|more|less|fewer|newer|greater|over|under|later|earlier))?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    key: str
    figure: bool
    amount: bool
    clause: int


@lru_cache(maxsize=4096)
def located(ours: str, official: str) -> tuple[Span, ...]:
    """The places in `official` of the words that decide, as (start, end) in its characters, in order and apart; none
    where nothing is found exactly."""
    here, there = _tokens(ours), _tokens(official)
    found = [*_runs(here, there), *_figures(here, there)]
    return _joined(_bound(there, official, first, last) for first, last in found)


def _tokens(text: str) -> list[_Token]:
    stops = [m.start() for m in _STOP.finditer(text)]
    held: list[_Token] = []
    clause = 0
    for match in _TOKEN.finditer(text):
        while stops and stops[0] < match.start():
            stops.pop(0)
            clause += 1
        key = _key(match)
        if held and held[-1].key == key and text[held[-1].end : match.start()] == " (":
            held[-1] = replace(held[-1], end=match.end() + 1)  # "five (5) years"
        else:
            figure = match.lastgroup != "word"
            amount = bool(match["date"] or _AMOUNT.search(match[0]))
            held.append(_Token(match.start(), match.end(), key, figure, amount, clause))
    return held


def _key(match: re.Match[str]) -> str:
    """One way of writing the same: 25 for "twenty-five", 2500 for "2,500"."""
    said = " ".join(match[0].casefold().split())
    if match["figure"]:
        return said.rstrip(",").replace(",", "").replace(" ", "")
    if match["spelled"]:
        first, *rest = re.split(rf"[{_DASH}\s]", said)
        whole = _SPELLED[first] * (10 if first in _TENS else 1)
        return str(whole + sum(_SPELLED[one] for one in rest))
    return said.replace("’", "'")


def _runs(ours: Sequence[_Token], official: Sequence[_Token]) -> Iterator[Span]:
    """The longest common runs as (first, last) tokens of the official text."""
    lengths: dict[tuple[int, int], int] = {}
    places: dict[str, list[int]] = {}
    for j, one in enumerate(official):
        places.setdefault(one.key, []).append(j)
    for i in range(len(ours) - 1, -1, -1):
        for j in places.get(ours[i].key, ()):
            rest = lengths.get((i + 1, j + 1), 0)
            lengths[i, j] = 1 + (rest if rest and _goes_on(ours, i) and _goes_on(official, j) else 0)
    keys = [one.key for one in official]
    for (i, j), length in lengths.items():
        if (i - 1, j - 1) in lengths and _goes_on(ours, i - 1) and _goes_on(official, j - 1):
            continue  # it is the end of a longer one
        first, last = _trimmed(keys, j, j + length)
        told = keys[first:last]
        if len(told) >= SHORTEST and sum(map(_means, told)) >= MEANING and _once(told, keys):
            yield first, last - 1


def _goes_on(tokens: Sequence[_Token], n: int) -> bool:
    """Whether the token after this one stands in the same clause."""
    return tokens[n].clause == tokens[n + 1].clause


def _means(key: str) -> bool:
    """A figure by itself may be the number of a section."""
    return key not in _EMPTY and key not in _TURNS and len(key) > 2 and key[0].isalpha()


def _trimmed(keys: Sequence[str], first: int, last: int) -> Span:
    """Without empty words at either end."""
    while first < last and keys[first] in _EMPTY and keys[first] not in _TURNS:
        first += 1
    while first < last and (keys[last - 1] in _EMPTY or keys[last - 1] in _TURNS):
        last -= 1
    return first, last


def _once(told: Sequence[str], keys: Sequence[str]) -> bool:
    return sum(keys[n : n + len(told)] == list(told) for n in range(len(keys) - len(told) + 1)) == 1


def _figures(ours: Sequence[_Token], official: Sequence[_Token]) -> Iterator[Span]:
    """Amounts, dates and figures with their unit that stand in both, and once in the official text."""
    held = {key for key, _, _ in _measured(ours)}
    there = list(_measured(official))
    for key, first, last in there:
        if key in held and sum(key == other for other, _, _ in there) == 1:
            yield first, last


def _measured(tokens: Sequence[_Token]) -> Iterator[tuple[str, int, int]]:
    for n, one in enumerate(tokens):
        if not one.figure:
            continue
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        unit = after if after and after.key in _UNITS and after.start - one.end == 1 else None
        if one.amount:
            yield one.key, n, n + bool(unit)
        elif unit:
            yield f"{one.key} {unit.key.removesuffix('s')}", n, n + 1


def _bound(tokens: Sequence[_Token], text: str, first: int, last: int) -> Span:
    """The characters from one token to another, with what turns or limits them right before and after."""
    begin = next(
        (
            n
            for n in range(first - 1, max(-1, first - 1 - _REACH), -1)
            if tokens[n].key in _TURNS and tokens[n].clause == tokens[first].clause
        ),
        first,
    )
    start, end = tokens[begin].start, tokens[last].end
    if before := _BEFORE.search(text[:start]):
        start = before.start()
    if after := _AFTER.match(text[end:]):
        end += after.end()
    return start, end


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that touch or overlap as one."""
    held: list[Span] = []
    for start, end in sorted(spans):
        if held and start <= held[-1][1] + 1:
            held[-1] = held[-1][0], max(end, held[-1][1])
        else:
            held.append((start, end))
    return tuple(held)
