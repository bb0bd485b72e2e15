"""The dates in a question: the day for which the law is asked, and when a vehicle was built."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from assistant.contract import QuestionError

_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {m: i for i, m in enumerate(_SHORT, 1)}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_DAY = rf"(?:({_MONTH})\s+)?(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?"
# A year is the law's day after "as of" and the like; a bare "in 2027" only when it is no build year.
_AS_OF = re.compile(
    rf"\b(?:as of|as at|effective|law (?:of|in|on)|rules? (?:of|in|on))\s+{_DAY}({_YEAR})(?:-(\d\d))?(?:-(\d\d))?", re.I
)
_IN_YEAR = re.compile(
    rf"\b(?:in|on|by|during|until|before|after|come|since)\s+{_DAY}(20[2-4]\d)(?:-(\d\d))?(?:-(\d\d))?", re.I
)
_BUILT_BEFORE = re.compile(r"(?:built|made|manufactured|produced|from)\s*$", re.I)
_NO_BUILD = re.compile(
    r"(?:since|act of|code|rule of|law of|(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december)(?: \d{1,2},?)?|act|bill|in|hb ?\d*|sb ?\d*|proclamation|order|no\.)\s*$"
)


@dataclass(frozen=True)
class Built:
    """When a vehicle was made; the month may be unknown."""

    year: int
    month: int | None = None


def refuse_impossible(text: str) -> None:
    """Raises QuestionError for 2026-13-45: better asked again than read as something near."""
    for year, month, day in re.findall(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        try:
            dt.date(int(year), int(month), int(day))
        except ValueError as error:
            raise QuestionError(f"{year}-{month}-{day} is not a date; please write YYYY-MM-DD") from error


def read(text: str, today: dt.date) -> tuple[dt.date, Built | None]:
    """The day the answer must hold for (else `today`), and the build date, if the text says so."""
    refuse_impossible(text)
    asked = _AS_OF.search(text)
    if asked is None and (near := _IN_YEAR.search(text)) and not _BUILT_BEFORE.search(text[: near.start()]):
        asked = near
    if asked is None:
        return today, _built(text, today)
    rest = text[: asked.start()] + " " * len(asked[0]) + text[asked.end() :]
    return _day(asked, today), _built(rest, today)


def _day(found: re.Match[str], today: dt.date) -> dt.date:
    """The day of a match; a bare year is today's day in it, so that "in 2026" said in 2026 means now."""
    year = int(found[3])
    month = _MONTHS[found[1][:3].lower()] if found[1] else int(found[4]) if found[4] else None
    if month is None:
        return today.replace(year=year, day=min(today.day, 28))
    try:
        return dt.date(year, month, int(found[2] or found[5] or 1))
    except ValueError as error:
        raise QuestionError(f"{found[0].strip()!r} is not a date; please write YYYY-MM-DD") from error


def _built(text: str, today: dt.date) -> Built | None:
    named = re.search(rf"\b({_MONTH})\s+(?:\d{{1,2}},?\s+)?(?:of\s+)?({_YEAR})\b", text, re.IGNORECASE)
    if named and not re.search(r"\b(?:remarks?|announce\w*|law|bill|rule|news)\b", text[: named.start()], re.I):
        return Built(int(named[2]), _MONTHS[named[1][:3].lower()])
    numbered = re.search(rf"\b(\d{{1,2}})/(?:\d{{1,2}}/)?({_YEAR})\b|\b({_YEAR})-(\d\d)\b", text)
    if numbered:
        year, month = (numbered[2], numbered[1]) if numbered[2] else (numbered[3], numbered[4])
        if 1 <= int(month) <= 12:
            return Built(int(year), int(month))
    years = (
        rf"(?<![\w.$§/-])({_YEAR})(?![\w%/-]|\.\d|\s?(?:cc|lb|mph|kg|vehicles|miles|units|trucks a))|(?<!\w)'(\d\d)\b"
    )
    for match in re.finditer(years, text):
        year = int(match[1]) if match[1] else (1900 if int(match[2]) > 40 else 2000) + int(match[2])
        before = text[: match.start()].lower()
        elsewhere = _NO_BUILD.search(before) and not _BUILT_BEFORE.search(before.removesuffix("in ").rstrip())
        if not elsewhere and year <= today.year + 1:
            return Built(year)
    return None
