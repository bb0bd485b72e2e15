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
# What follows a year that names a bill, a rate or a speech, and no vehicle or day of the law.
_NAMED_AFTER = (
    r"(?!\s+(?:[\w-]+\s){0,2}(?:bills?|laws?|rules?|figures?|rates?|acts?|sessions?|deal|fees?|tariffs?|penalt\w+|code|"
    r"policy|changes?|cutoff|versions?|budget|deadline|remarks?|announcement|edition)\b)"
)
_AS_OF = re.compile(
    rf"\b(?:as of|as at|effective|law (?:of|in|on)|rules? (?:of|in|on))\s+{_DAY}({_YEAR})(?:-(\d\d))?(?:-(\d\d))?", re.I
)
_IN_YEAR = re.compile(
    rf"\b(?:in|on|by|during|until|before|after|come|since)\s+{_DAY}({_YEAR})(?:-(\d\d))?(?:-(\d\d))?{_NAMED_AFTER}",
    re.I,
)
_BUILT_BEFORE = re.compile(r"(?:built|made|manufactured|produced|assembled|from)\s*$", re.I)
_EVENT = re.compile(
    r"\b(?:sa(?:y|id)|remarks?|announc\w*|post(?:ed)?|bills?|acts?|vetoe?d?|passed|signed|legali[sz]ed|change[ds]?)\b",
    re.I,
)
_PAST = re.compile(r"\b(?:was|were|did|could|used to)\b", re.I)
_PRESENT = re.compile(r"\b(?:is|are|am|can|do|does|has|have|now|today|still|currently)\b", re.I)
_NO_BUILD = re.compile(
    r"(?:since|act of|code|rule of|law of|(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december)(?: \d{1,2},?)?|act|bill|in|hb ?\d*|sb ?\d*|proclamation|order|no\.)\s*$"
)
# Japanese era years, as an export certificate writes them: Heisei 13 is 2001.
_ERAS = {"showa": 1925, "heisei": 1988, "reiwa": 2018}


@dataclass(frozen=True)
class Built:
    """When a vehicle was made; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None


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
    asked = _AS_OF.search(text) or _in_year(text, today)
    if asked is None:
        return today, _built(text, today)
    rest = text[: asked.start()] + " " * len(asked[0]) + text[asked.end() :]
    return _day(asked, today), _built(rest, today)


def _in_year(text: str, today: dt.date) -> re.Match[str] | None:
    """ "in 2028", "in 2012": the day of the law when it is still to come, or when the question is about the past."""
    found = _IN_YEAR.search(text)
    if not found or _BUILT_BEFORE.search(text[: found.start()]) or _EVENT.search(text):
        return None
    if int(found[3]) > today.year:
        return None if re.search(r"\b(?:now|today|currently)\b", text, re.I) else found
    past = _PAST.search(text) and not _PRESENT.search(text)
    return found if past and int(found[3]) < today.year else None


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
    return _dated(text) or _era(text) or _bare_year(text, today)


def _dated(text: str) -> Built | None:
    """A month beside the year, with the day where there is one."""
    named = re.search(
        rf"\b(?:(\d{{1,2}})\s+)?({_MONTH})\s+(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?({_YEAR})\b", text, re.I
    )
    if named and not _is_event(text, named):
        return _checked(int(named[4]), _MONTHS[named[2][:3].lower()], named[3] or named[1])
    iso = re.search(rf"\b({_YEAR})-(\d\d)(?:-(\d\d))?\b", text)
    if iso and 1 <= int(iso[2]) <= 12:
        return _checked(int(iso[1]), int(iso[2]), iso[3])
    american = re.search(rf"\b(\d{{1,2}})/(?:(\d{{1,2}})/)?({_YEAR})\b", text)
    if american and 1 <= int(american[1]) <= 12:
        return _checked(int(american[3]), int(american[1]), american[2])
    return None


def _is_event(text: str, date: re.Match[str]) -> bool:
    """Whether a date is that of a speech, a bill or the law ("in January 2024"), not of a vehicle ("built in ...")."""
    before, after = text[: date.start()], text[date.end() : date.end() + 20]
    lead = re.search(r"\b(?:in|on|by|during|since|until|before|after)\s*$", before, re.I)
    if lead and not _BUILT_BEFORE.search(before[: lead.start()]):
        return True
    return bool(_EVENT.search(before) or _EVENT.search(after))


def _checked(year: int, month: int, day: str | None) -> Built:
    """A build date whose day is kept only when it exists."""
    try:
        return Built(year, month, dt.date(year, month, int(day)).day if day else None)
    except ValueError:
        return Built(year, month)


def _era(text: str) -> Built | None:
    found = re.search(r"\b(showa|heisei|reiwa)\s*(\d{1,2})\b", text, re.I)
    return Built(_ERAS[found[1].lower()] + int(found[2])) if found else None


def _bare_year(text: str, today: dt.date) -> Built | None:
    years = (
        rf"(?<![\w.$§/-])({_YEAR})(?![\w%/-]|\.\d|\s?(?:cc|lb|mph|kg|vehicles|miles|units)){_NAMED_AFTER}"
        r"|(?<!\w)'(\d\d)\b|\b(?:a|an|my|the|old)\s+(\d\d)\s+(?=[a-z]{3,}\b)(?!years?|mph|cc|percent|inch|mile|day|state|acre|cent)"
    )
    for match in re.finditer(years, text, re.I):
        short = match[2] or match[3]
        year = int(match[1]) if match[1] else (1900 if int(short) > 40 else 2000) + int(short)
        before = text[: match.start()].lower()
        elsewhere = _NO_BUILD.search(before) and not _BUILT_BEFORE.search(before.removesuffix("in ").rstrip())
        if not elsewhere and year <= today.year + 1:
            return Built(year)
    return None
