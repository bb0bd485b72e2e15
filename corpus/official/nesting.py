"""From the flat sequence of paragraph markers to the way down to each: (h) (1) (i) (ii) (i) (1) to (h)(1)(ii), (i)(1).

Official texts print their paragraphs one after the other and leave the nesting to the reader; "(i)" may be the
letter after (h) or the roman one. Every reading of the whole sequence has a cost (a list that begins late, a number
left out, a kind of marker where another is usual), and the cheapest reading wins. The open levels of a reading are
all that later costs depend on, so the search keeps one best way to each stack of open levels (Viterbi with a beam).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True)
class Marker:
    """One printed marker without its brackets. `style` is "()", "." ("1.") or "italic" ("(<I>1</I>)").

    `beside` says that it stands in the paragraph of the marker before it and opens a level below that one, `fresh`
    that text without a marker stands just before it, so that a list may begin anew, `headed` that a heading in italics
    follows it, which those below a paragraph without one seldom have.
    """

    symbol: str
    style: str = "()"
    beside: bool = False
    fresh: bool = False
    headed: bool = False


@dataclass(frozen=True)
class Nested:
    """The labels from the section down. `ambiguous` when another reading costs the same, or the labels come twice."""

    labels: tuple[str, ...]
    ambiguous: bool


class Level(NamedTuple):
    """One level of an order: letter, LETTER, number, roman, ROMAN, double (aa, bb) or DOUBLE, and how it is printed."""

    kind: str
    style: str = "()"


CFR = (*map(Level, ("letter", "number", "roman", "LETTER")), Level("number", "italic"), Level("roman", "italic"))
USC = tuple(map(Level, ("letter", "number", "LETTER", "roman", "ROMAN", "double", "DOUBLE")))
IOWA = (Level("number", "."), Level("letter", "."), Level("number"), Level("letter"), Level("roman"))
WYOMING = tuple(map(Level, ("letter", "roman", "LETTER", "ROMAN")))
# No order is expected, as for a state code of which nothing is known: going on is better than opening a level.
ANY: tuple[Level, ...] = ()

# What a reading costs. A list that begins anew without text before it is worse than a level of an unusual kind.
SKIPPED, FAR = 2, 4  # (c) to (f), and to a symbol further off than a reserved range
ANEW, ANEW_AFTER_TEXT = 7, 2
LATE = 5  # a list that does not begin at its first symbol
UNUSUAL, OPEN_ALREADY, IN_ITSELF = 3, 2, 9  # the kind of a new level, against the order and the levels that are open
OTHER_STYLE = 2  # italics are lost, or set by mistake, now and then
UNORDERED = 1
HEADED_BELOW = 1
WIDTH, SLACK = 16, 8  # readings kept at each marker, and how far above the best of them

_SUFFIX = r"(?P<suffix>-?\d{1,2}|\.\d{1,2}|-?[A-Za-z]{1,2})?"
_KINDS = {
    "number": re.compile(rf"(?P<base>\d{{1,4}}){_SUFFIX}"),
    "letter": re.compile(r"(?P<base>[a-z]{1,2}|([a-z])\2\2)(?P<suffix>-?\d{1,2}|\.\d{1,2})?"),
    "roman": re.compile(r"(?=.)(?P<base>c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3}))(?P<suffix>-\w)?"),
    "double": re.compile(r"(?P<base>([a-z])\2)(?P<suffix>)"),
}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

Place = tuple[int, str]


class _Open(NamedTuple):
    """A level that is open, at the symbol it has come to."""

    level: Level
    place: Place
    symbol: str
    headed: bool


_Stack = tuple[_Open, ...]


class _Way(NamedTuple):
    """The cheapest cost to a stack, and every stack before it from which it costs that."""

    cost: int
    before: list[_Stack]


def nest(markers: Sequence[Marker], order: tuple[Level, ...] = CFR) -> tuple[Nested, ...]:
    """The labels of each marker, in order, by the cheapest reading of them all. Time grows with their number."""
    layers: list[dict[_Stack, _Way]] = [{(): _Way(0, [])}]
    for marker in markers:
        layer: dict[_Stack, _Way] = {}
        for before, way in layers[-1].items():
            for stack, cost in _next(before, marker, order):
                total, held = way.cost + cost, layer.get(stack)
                if held is None or total < held.cost:
                    layer[stack] = _Way(total, [before])
                elif total == held.cost:
                    held.before.append(before)
        layers.append(_cheapest(layer))
    return tuple(_read(layers))


def _cheapest(layer: dict[_Stack, _Way]) -> dict[_Stack, _Way]:
    most = min(way.cost for way in layer.values()) + SLACK
    kept = [one for one in layer.items() if one[1].cost <= most]
    return dict(sorted(kept, key=lambda one: one[1].cost)[:WIDTH])


def _read(layers: list[dict[_Stack, _Way]]) -> list[Nested]:
    """The best reading from its end: the deeper one of two that cost the same, for "(h)(1)(i)" is rather roman."""
    least = min(way.cost for way in layers[-1].values())
    best = {stack for stack, way in layers[-1].items() if way.cost == least}
    chosen = max(best, key=len)
    read: list[tuple[tuple[str, ...], bool]] = []
    for layer in layers[:0:-1]:
        labels = tuple(one.symbol for one in chosen)
        read.append((labels, any(tuple(one.symbol for one in other) != labels for other in best)))
        chosen = max(layer[chosen].before, key=len)
        best = {before for stack in best for before in layer[stack].before}
    times = Counter(labels for labels, _ in read)
    return [Nested(labels, either or times[labels] > 1) for labels, either in reversed(read)]


def _next(stack: _Stack, marker: Marker, order: tuple[Level, ...]) -> Iterator[tuple[_Stack, int]]:
    """Every stack that the marker can lead to, with its cost: going on with an open level, or opening one below."""
    for kind, place in _places(marker.symbol):
        level = Level(kind, marker.style)
        new = _Open(level, place, marker.symbol, marker.headed)
        for depth, one in enumerate(() if marker.beside else stack):
            if one.level.kind == kind and _alike(one.level.style, marker.style):
                cost = _step(one.place, place, marker.fresh) + OTHER_STYLE * (one.level.style != marker.style)
                # The level keeps its own style, so that one slip does not cost twice.
                yield (*stack[:depth], new._replace(level=one.level)), cost
        cost = _opening(order, stack[-1].level if stack else None, level)
        cost += OPEN_ALREADY * any(one.level == level for one in stack) + LATE * (place[0] > 1)
        cost += HEADED_BELOW * (marker.headed and bool(stack) and not stack[-1].headed)
        yield (*stack, new), cost


def _step(old: Place, new: Place, fresh: bool) -> int:
    """What it costs to go on: nothing to the next number, or from b to b-1."""
    step = new[0] - old[0]
    if step == 1 or (step == 0 and new[1] > old[1]):
        return 0
    if step > 1:
        return SKIPPED if step <= 6 else FAR
    return ANEW_AFTER_TEXT if fresh and new[0] == 1 else ANEW


def _alike(one: str, other: str) -> bool:
    """Whether the styles can be of the same level: italics come and go, but "1." is never "(1)"."""
    return one == other or "." not in (one, other)


@lru_cache(maxsize=4096)
def _opening(order: tuple[Level, ...], above: Level | None, level: Level) -> int:
    """What the kind of a new level costs: nothing when it comes next in the order, 1 for each level passed over."""
    if above == level:
        return IN_ITSELF
    if not order:
        return UNORDERED
    at = -1 if above is None else next((i for i, one in enumerate(order) if one == above), None)
    if at is None:
        return UNUSUAL
    below = [
        (i - at - 1) + OTHER_STYLE * (one.style != level.style)
        for i, one in enumerate(order)
        if i > at and one.kind == level.kind and _alike(one.style, level.style)
    ]
    return min([*below, UNUSUAL])


@lru_cache(maxsize=4096)
def _places(symbol: str) -> tuple[tuple[str, Place], ...]:
    """The kinds a symbol can be of, each with its place in the sequence: "i" is letter 9 and roman 1."""
    upper = symbol.isupper()
    found = []
    for kind, pattern in _KINDS.items():
        if match := pattern.fullmatch(symbol if kind == "number" else symbol.lower() if upper else symbol):
            place = _count(kind, match["base"]), (match["suffix"] or "").strip("-.").rjust(3)
            found.append((kind.upper() if upper and kind != "number" else kind, place))
    return tuple(found) or (("other", (1, symbol)),)


def _count(kind: str, base: str) -> int:
    """The place of a symbol in its sequence; after z come aa, bb or aa, ab."""
    if kind == "number":
        return int(base)
    if kind == "roman":
        values = [_ROMAN[sign] for sign in base]
        return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    first = ord(base[0]) - 96
    if kind == "double" or len(base) == 1:
        return first
    if len(set(base)) == 1:
        return 26 * (len(base) - 1) + first
    return 26 * first + ord(base[1]) - 96
