"""What the heading of a section in a state code says beside its words: the numbers it stands for, and its standing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus import citations
from corpus.official.section import Note, Section, Standing

WIDEST_RANGE = 200
# "83Reserved" is 83.
_PART = r"\d+(?:[A-Z]{1,2}|[a-z])?(?![a-z])"
_NUMBER = rf"{_PART}(?:[.:-]{_PART})*"
_NUMBERS = re.compile(rf"\s*(?:§+|Secs?\.|Sections?)?\s*({_NUMBER})(?:\s*(,|and|through|to)\s+(?=\d))?")
_LAST = re.compile(r"(.*?)(\d+)")
_STANDINGS = {
    "repealed": Standing.REPEALED,
    "reserved": Standing.RESERVED,
    "omitted": Standing.OMITTED,
    "renumbered": Standing.TRANSFERRED,
    "transferred": Standing.TRANSFERRED,
}
_WORD = "|".join(_STANDINGS)
# Not "Reserved moorings", nor "[Repealed effective July 1, 2030]", which is law until then.
_ENDED = re.compile(rf"(?:^|\[|\.\s*)({_WORD})(?:\s+and\s+(?:{_WORD}))?(?=[.\]]|\s*$|\s+(?:by|as|to|KRS|§|\d))", re.I)
_EFFECT = re.compile(r"[\[(]((?:Effective|Repealed effective|Contingent e\w+ date)\b[^\])]*)[\])]")
_DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"
_PERIOD = re.compile(
    rf"Effective(?: (?:on |from )?(?P<on>{_DATE})| after (?P<after>{_DATE}))?"
    rf"(?:,?(?: and)? (?P<ends>until|through) (?P<end>{_DATE}))?\.?"
)
_REPEAL = re.compile(rf"Repealed effective (?P<end>{_DATE})\.?")
_ENDING = re.compile(r"Effective (?:until|through|before)\b|Repealed\b|Contingent expiration\b")


@dataclass(frozen=True)
class Effect:
    """When a text is law by its own heading: from `begins` on and up to, not on, `ends`; None where it does not say.

    `undated` says that it begins on a day that cannot be read ("Effective upon certification").
    """

    begins: dt.date | None = None
    ends: dt.date | None = None
    undated: bool = False


def numbers(heading: str) -> tuple[tuple[str, ...], str]:
    """The section numbers at the start of a heading, and its words after them.

    "189.517. Mini-truck." is of one; "321.75 through 321.77 Reserved." stands for 321.75, 321.76 and 321.77. A range
    whose ends differ in more than their last number, or wider than 200, gives only its ends. () when it has none.
    """
    found: list[str] = []
    here, through = 0, False
    while match := _NUMBERS.match(heading, here):
        found += _between(found[-1], match[1]) if through else [match[1]]
        here, through = match.end(), (match[2] or "") in ("through", "to")
        if not match[2]:
            break
    return tuple(found), heading[here:].removeprefix(".").strip()


def standing(words: str) -> Standing:
    """What the words of a heading say: "Oars. Repealed by …", "[Renumbered.]", "Reserved."; operative when nothing."""
    match = _ENDED.search(words)
    return _STANDINGS[match[1].lower()] if match else Standing.OPERATIVE


def coordinates(found: Iterable[str], place: str, faults: list[str]) -> Iterator[str]:
    """ "189.517" in "US-KY" as us-ky/code/189.517; a number that corpus/forms.toml has no form for becomes a fault."""
    for number in found:
        key = f"{place.lower()}/code/{number}"
        try:
            citations.canonical(key)
        except citations.UnknownCitation:
            faults.append(f"section {number} was left out: forms.toml has no form in {place} for its number")
        else:
            yield key


def told_twice(sections: Iterable[Section]) -> Iterator[str]:
    """A fault for each coordinate that stands more than once (a text in force, and the one that will follow it)."""
    seen: dict[str, list[str]] = {}
    for section in sections:
        seen.setdefault(section.coordinate, []).append(section.heading)
    for key, all_headings in seen.items():
        if len(all_headings) > 1:
            tails = "; ".join(heading[-60:] for heading in all_headings)
            yield f"{key} stands {len(all_headings)} times in the file: {tails}"


def effect(words: str) -> tuple[Note, ...]:
    """When a text is in force, if its heading says so: "[Effective until January 1, 2024]"."""
    return tuple(Note("effect", text) for text in _EFFECT.findall(words))


def period(notes: Iterable[Note]) -> Effect:
    """The same in days, from the notes of a section: "Effective through June 30, 2024" ends on July 1.

    An end that cannot be read is none: until then the text is law. A beginning that cannot be read is `undated`.
    """
    found = Effect()
    for note in notes:
        if note.kind == "effect":
            one = _read(note.text)
            found = Effect(one.begins or found.begins, one.ends or found.ends, one.undated or found.undated)
    return found


def _read(text: str) -> Effect:
    match = _PERIOD.fullmatch(text) or _REPEAL.fullmatch(text)
    if not match:
        return Effect(undated=not _ENDING.match(text))
    told = match.groupdict()
    try:
        on, after, end = (_day(told.get(name)) for name in ("on", "after", "end"))
    except ValueError:
        return Effect(undated=not _ENDING.match(text))
    next_day = dt.timedelta(days=1)
    return Effect(after + next_day if after else on, end + next_day if end and told.get("ends") == "through" else end)


def _day(text: str | None) -> dt.date | None:
    return dt.datetime.strptime(text, "%B %d, %Y").date() if text else None


def _between(first: str, last: str) -> list[str]:
    """The numbers after `first` up to `last`."""
    one, other = _LAST.fullmatch(first), _LAST.fullmatch(last)
    if one and other and one[1] == other[1] and 0 < int(other[2]) - int(one[2]) <= WIDEST_RANGE:
        width = len(one[2]) * one[2].startswith("0")
        return [f"{one[1]}{n:0{width}d}" for n in range(int(one[2]) + 1, int(other[2]) + 1)]
    return [last]
