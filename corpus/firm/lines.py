"""From the printed lines of a document's pages to its paragraphs: running heads cut, words joined again."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from statistics import median

from corpus.firm.assemble import Piece

# The topmost and bottommost lines among which running heads are looked for.
EDGE = 3
LONGEST_HEADING = 160
_NUMBER = re.compile(r"\d+")
_PAGED = re.compile(r"\bpage (?:no\.? )?#(?: of #)?$")
_HYPHEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
# A line that begins with one of these is a paragraph of its own: list items, and the head of a memo.
_BEGINS = re.compile(
    r"(?:[•●○■▪◦‣*–—] ?|-\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,5}|[A-Z])[.)]\s|\([a-z0-9]{1,4}\)\s"
    r"|(?:TO|FROM|DATE|RE|CC|SUBJECT|To|From|Date|Re|Cc|Subject)\s?:)"
)
ENDS = re.compile(r"[.:;?!]['\"”’)\]]{0,2}\d{0,2}$")
# First parts of words that keep their hyphen ("third-party"), when the document does not show the word itself.
# fmt: off
_KEEP = frozenset({
    "all", "cross", "ex", "first", "full", "half", "high", "left", "like", "long", "low", "mid", "off", "on",
    "part", "post", "pre", "right", "second", "self", "short", "so", "state", "third", "well", "one", "two",
    "three", "four", "five", "six", "seven", "eight", "nine", "twenty", "thirty", "forty", "fifty", "sixty",
    "seventy", "eighty", "ninety",
})
# fmt: on


@dataclass(frozen=True)
class Line:
    """One printed line. `x`, `y` are its start in points from the lower left corner."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False


Page = Sequence[Line]


def running(pages: Sequence[Page]) -> frozenset[tuple[int, int]]:
    """(page, line) of the heads and feet that repeat on most pages, and of page numbers; both counted from 0.

    The first page, or every second one, may lack them. Numbers count as the same when they run with the pages.
    """
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for at, page in enumerate(pages):
        order = sorted(range(len(page)), key=lambda n: -page[n].y)
        for n in dict.fromkeys((*order[:EDGE], *order[-EDGE:])):
            found[_NUMBER.sub("#", page[n].text.casefold())].append((at, n))
    cut: set[tuple[int, int]] = set()
    for form, places in found.items():
        only_number = form.strip(" -–—|") in ("#", "page #", "page no. #", "page # of #")
        # Two pages may begin with "Rule 7" and "Rule 8" by chance.
        least = 1 if only_number and len(pages) == 1 else 3 if "#" in form and not _PAGED.search(form) else 2
        for same in _alike([(at, n, pages[at][n].text) for at, n in places]):
            on = len({at for at, _ in same})
            if on >= least and (only_number or on * 2 >= len(pages) - 1):
                cut.update(same)
    return frozenset(cut)


def _alike(lines: Sequence[tuple[int, int, str]]) -> Iterator[list[tuple[int, int]]]:
    """The places whose numbers are the same, each number taken as it stands or as running with the pages."""
    rows = [(at, n, [int(one[:9]) for one in _NUMBER.findall(text)[:4]]) for at, n, text in lines]
    for ways in product((0, 1), repeat=len(rows[0][2])):
        alike: dict[tuple[int, ...], list[tuple[int, int]]] = defaultdict(list)
        for at, n, numbers in rows:
            alike[tuple(one - way * at for one, way in zip(numbers, ways, strict=True))].append((at, n))
        yield from alike.values()


def pieces(pages: Sequence[Page], cut: frozenset[tuple[int, int]] = frozenset()) -> tuple[Piece, ...]:
    """Headings and paragraphs in the order of the text. A paragraph that runs over two pages is one, of the first."""
    kept = [[line for n, line in enumerate(page) if (at, n) not in cut] for at, page in enumerate(pages)]
    every = [line for page in kept for line in page]
    if not every:
        return ()
    body = _body(every)
    levels = _levels(every, body)
    words = hyphenated(every)
    made: list[tuple[Piece, float]] = []
    step = _step(kept, body)
    for number, page in enumerate(kept, 1):
        for group in _groups(page, step):
            text, size = _joined(group, words), group[0].size
            level = _level(group, text, levels)
            before = _broken(made, number, size) if text[:1].islower() and not level else None
            if before is None:
                made.append((Piece(text, level, number), size))
            else:
                whole, _ = made[before]
                made[before] = (Piece(join(whole.text, text, words), whole.level, whole.page), size)
    return tuple(piece for piece, _ in made)


def _body(lines: Iterable[Line]) -> float:
    """The size in which most of the text is set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _levels(lines: Iterable[Line], body: float) -> dict[float, int]:
    """The heading level of each size that is larger than the body; bold lines of the body's size come below all."""
    larger = sorted({round(one.size, 1) for one in lines if one.size > 1.12 * body}, reverse=True)
    return {size: level for level, size in enumerate(larger, 1)} | {0.0: len(larger) + 1}


def _level(group: Sequence[Line], text: str, levels: dict[float, int]) -> int:
    if len(text) > LONGEST_HEADING or not re.search(r"[^\W\d_]", text):
        return 0
    if level := levels.get(round(group[0].size, 1)):
        return level
    bold = all(line.bold for line in group) and len(group) <= 2 and not text.endswith((".", ":", ";", ","))
    return levels[0.0] if bold else 0


def _step(pages: Iterable[Page], body: float) -> float:
    """From one line to the next within a paragraph; legal papers may be double-spaced, which few lines do not show."""
    steps = [down for page in pages for a, b in pairwise(page) if 0 < (down := a.y - b.y) < 3 * body]
    return median(steps) if len(steps) > 6 else min([*steps, 1.5 * body])


def hyphenated(lines: Iterable[Line]) -> frozenset[str]:
    """The words that the lines print with a hyphen, in small letters."""
    return frozenset(re.findall(r"[^\W\d_]+-[^\W\d_]+", " ".join(line.text for line in lines).casefold()))


def _groups(page: Page, step: float) -> Iterator[list[Line]]:
    """The lines of each paragraph of a page."""
    if not page:
        return
    margin = Counter(round(line.x) for line in page).most_common(1)[0][0]
    full = max(len(line.text) for line in page)
    group = [page[0]]
    for before, line in pairwise(page):
        down = before.y - line.y
        ended = bool(ENDS.search(before.text))
        new = (
            abs(line.size - before.size) > 0.6
            or line.bold > before.bold
            or (before.bold > line.bold and all(one.bold for one in group))
            or down > 1.3 * step
            or bool(_BEGINS.match(line.text))
            or (line.x - margin > 8 and abs(line.x - before.x) > 8 and ended)
            or (ended and len(before.text) < 0.7 * full and not line.text[:1].islower())
            or (down < -step and not line.text[:1].islower())
        )
        if new:
            yield group
            group = []
        group.append(line)
    yield group


def _broken(made: Sequence[tuple[Piece, float]], page: int, size: float) -> int | None:
    """Which paragraph of the page before was broken off and goes on here; notes of other sizes are passed."""
    for at in range(len(made) - 1, -1, -1):
        piece, its = made[at]
        if piece.page != page - 1 or piece.level:
            return None
        if abs(its - size) <= 0.6:
            return None if ENDS.search(piece.text) else at
    return None


def _joined(group: Sequence[Line], words: frozenset[str]) -> str:
    text = group[0].text
    for line in group[1:]:
        text = join(text, line.text, words)
    return text


def join(text: str, line: str, words: frozenset[str]) -> str:
    """Two lines as one. A hyphen at the end goes when the word goes on in lower case, but not one of a compound: of
    the `words` that stand with their hyphen elsewhere (`hyphenated`), or one that begins as such words do."""
    hyphen = _HYPHEN.search(text)
    if not hyphen or not line[:1].islower():
        return f"{text} {line}"
    first = hyphen[1].casefold()
    rest = re.match(r"[^\W\d_]+", line)
    compound = f"{first}-{rest[0].casefold() if rest else ''}" in words or first in _KEEP
    return f"{text}{line}" if compound and text[-1] != "\u00ad" else f"{text[:-1]}{line}"
