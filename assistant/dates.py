"""The dates in a question: the day for which the law is asked, the day of entry, and when vehicles were built.

Every date is found first, in whatever form, and then told apart by the words around it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.contract import QuestionError

_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {m: i for i, m in enumerate(_SHORT, 1)}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
# Japanese era years, as an export certificate writes them: Heisei 13 is 2001.
_ERAS = {"s": (1925, 64), "h": (1988, 31), "r": (2018, 30)}
_FORMS = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<name>{_MONTH})\s+"
    rf"(?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?(?P<y1>{_YEAR})\b"
    rf"|\b(?P<y2>{_YEAR})-(?P<m2>\d\d)(?:-(?P<d3>\d\d))?\b"
    rf"|\b(?P<m3>\d{{1,2}})/(?:(?P<d4>\d{{1,2}})/)?(?P<y3>{_YEAR})\b"
    r"|\b(?P<era>showa|heisei|reiwa)\s*(?P<y4>\d{1,2})(?:\s*nen)?(?:[,\s]+(?P<m4>\d{1,2})(?:st|nd|rd|th)?\s*(?:gatsu|month))?"
    rf"|(?<![\w.$§/-])(?P<y5>{_YEAR})(?![\w%/-]|\.\d|\s?(?:cc|lb|mph|kg|vehicles|miles|units))"
    r"|(?<!\w)'(?P<y6>\d\d)\b"
    r"|\b(?:a|an|my|the|old)\s+(?P<y7>\d\d)\s+(?=[a-z]{3,}\b)(?!years?|yrs?|mph|cc|percent|inch|mile|day|state|acre|cent)",
    re.IGNORECASE,
)
# Days and months that are counted in words: "the second of December", "the third month of 2002".
_ORDINALS = tuple(
    re.findall(
        r"\S+",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
        "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first",
    )
)
_ORDINAL = re.compile(
    rf"\b({'|'.join(reversed(_ORDINALS))})(?=\s+(?:of\s+{_MONTH}|month\s+of\s+{_YEAR}))", re.IGNORECASE
)
_NTH_MONTH = re.compile(rf"\b(\d{{1,2}})\s+month\s+of\s+({_YEAR})", re.IGNORECASE)
# What follows a year that names a bill, a rate or a speech, and no vehicle or day of the law.
_NAMED_AFTER = re.compile(
    r"\s+(?:[\w-]+\s){0,2}(?:bills?|laws?|rules?|figures?|rates?|acts?|sessions?|deal|fees?|tariffs?|penalt\w+|code|"
    r"inflation|bump|adjustments?|ruling|decision|policy|legislature|congress|assembly|changes?|cutoff|versions?|budget|deadline|remarks?|announcement|edition)\b",
    re.IGNORECASE,
)
_LEADS = {
    "as_of": r"\b(?:as of|as at|effective|law of|rules? of)\s*$",
    "built": r"\b(?:built|put together|rolled off|came off|left the factory|made|manufactured|produced|production|"
    r"assembled|mfd|stamped|stamp|build date|first reg\w*|reads?|dated|from)\b[\w\s:,]{0,25}?\s*$",
    "entry": r"\b(?:arriv\w*|dock\w*|land(?:s|ed|ing)?|ent(?:er|ers|ry|ering|ered)|eta|unload\w*|clear\w* customs|"
    r"customs|import(?:ed|ing)?|ship(?:s|ped|ping)?|bring(?:ing)?|gets? here)\b[^.?!;:]{0,25}?\s*$",
    "when": r"\b(?:in|on|by|during|until|till|before|after|come|since)\s*$",
    "act": r"\b(?:act of|code|act|bill|hb ?\d*|sb ?\d*|proclamation|order|no\.)\s*$",
}
_LEAD = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _LEADS.items()}
# "vehicles built since 1968" are a class and not the vehicle that is asked about.
_CLASS = re.compile(r"\b(?:built|made|manufactured|registered)\s+(?:since|after|before)\s*$", re.IGNORECASE)
_EVENT = re.compile(
    r"\b(?:sa(?:y|id)|remarks?|announc\w*|post(?:ed)?|bills?|acts?|vetoe?d?|passed|signed|legali[sz]ed|change[ds]?)\b",
    re.I,
)
_PAST = re.compile(r"\b(?:was|were|did|could|used to)\b", re.I)
_PRESENT = re.compile(r"\b(?:is|are|am|can|do|does|has|have|now|today|still|currently)\b", re.I)
_VEHICLE = re.compile(
    r"^\W*(?:\w+\W+){0,3}(?:kei|truck|van|car|model|carry|hijet|acty|sambar|minicab|every|jimny)", re.I
)
_LAW = re.compile(r"\b(?:law|legal|rules?|allowed)\b", re.I)
_NOW = re.compile(r"\b(?:now|today|currently)\b", re.I)
# More build dates than this are a list to be asked in parts.
MOST_BUILT = 6


@dataclass(frozen=True)
class Built:
    """When a vehicle was made; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        """ "May 1998", as a question would say it."""
        named = f"{dt.date(2000, self.month, 1):%B} " if self.month else ""
        return f"{named}{f'{self.day}, ' if self.day else ''}{self.year}"


@dataclass(frozen=True)
class Dates:
    """The day the answer must hold for, and the build dates in the order in which they are said."""

    as_of: dt.date
    built: tuple[Built, ...] = ()


def read(text: str, today: dt.date) -> Dates:
    """The dates of a question. Raises QuestionError for 2026-13-45: better asked again than read as something near."""
    for year, month, day in re.findall(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        _exists(int(year), int(month), int(day), f"{year}-{month}-{day}")
    text = _ORDINAL.sub(lambda m: str(_ORDINALS.index(m[1].lower()) + 1), text)
    text = _NTH_MONTH.sub(lambda m: f"{_SHORT[int(m[1]) - 1]} {m[2]}" if 1 <= int(m[1]) <= 12 else m[0], text)
    kinds: dict[str, list[Built]] = {}
    for match, date in _found(text):
        kinds.setdefault(_kind(text, match, date, today), []).append(date)
    built = tuple(dict.fromkeys(kinds.get("built", ())))[:MOST_BUILT]
    if len(built) > 1 and any(b.month for b in built):  # a build month decides over a bare "2002 model"
        built = tuple(b for b in built if b.month)
    day = next(iter((*kinds.get("as_of", ()), *kinds.get("entry", ()))), None)
    return Dates(_day(day, today) if day else today, built)


def build_dates(text: str, today: dt.date) -> tuple[tuple[int, int, Built], ...]:
    """Where a text says when a vehicle was made: start, end and date of each mention."""
    found = ((match, date) for match, date in _found(text) if _kind(text, match, date, today) == "built")
    return tuple((match.start(), match.end(), date) for match, date in found)


def bare_month(text: str) -> int | None:
    """The month when the text says nothing else ("May", "in june I think"): the answer to a question back."""
    small = r"(?:(?:in|it was|maybe|probably|i think|around)\s+)*"
    match = re.fullmatch(rf"\W*{small}({_MONTH})(?:\s+i think)?\W*", text, re.I)
    return _MONTHS[match[1][:3].lower()] if match else None


def _found(text: str) -> Iterator[tuple[re.Match[str], Built]]:
    for match in _FORMS.finditer(text):
        got = {name: value for name, value in match.groupdict().items() if value}
        year = next(v for n, v in got.items() if n.startswith("y"))
        month = next((v for n, v in got.items() if n.startswith("m")), None)
        day = next((v for n, v in got.items() if n.startswith("d")), None)
        if "era" in got:
            before, last = _ERAS[got["era"][0].lower()]
            if not 1 <= int(year) <= last:
                raise QuestionError(f"{match[0].strip()} is no year of that era; please write the western year")
            number = before + int(year)
        else:
            number = int(year) if len(year) == 4 else (1900 if int(year) > 40 else 2000) + int(year)
        named = _MONTHS[got["name"][:3].lower()] if "name" in got else int(month) if month else None
        if named is not None and not 1 <= named <= 12:
            continue
        if named and day:
            _exists(number, named, int(day), match[0].strip())
        yield match, Built(number, named, int(day) if day else None)


def _kind(text: str, match: re.Match[str], date: Built, today: dt.date) -> str:
    """What a date is: `as_of`, `entry`, `built`, or `other` (a speech, a bill, a past event)."""
    before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 40]
    if _LEAD["as_of"].search(before):
        return "as_of"
    if _LEAD["act"].search(before) or _NAMED_AFTER.match(after) or _CLASS.search(before):
        return "other"
    built, entry = _LEAD["built"].search(before), _LEAD["entry"].search(before)
    if entry and not (built and built.start() > entry.start()) and (date.month or date.year >= today.year):
        return "entry"
    if built or match["era"]:
        return "built"
    if _LEAD["when"].search(before):
        return _when(text, date, today)
    if date.month and (_EVENT.search(before) or _EVENT.search(after[:20])):
        return "other"
    if date.month is None and date.year >= today.year - 1 and not _VEHICLE.search(after):
        return "other"  # "2025 or 2026": a year of nearly now is a build year only beside a vehicle
    return "built" if date.year <= today.year + 1 else "other"


def _when(text: str, date: Built, today: dt.date) -> str:
    """ "in 2028", "in 2012": the day of the law when it is still to come, or when the question is about the past."""
    if _EVENT.search(text):
        return "other"
    if date.year > today.year:
        return "other" if _NOW.search(text) else "as_of"
    past = _PAST.search(text) and not _PRESENT.search(text)
    if date.month:  # "the law in Colorado in January 2026"
        earlier = (date.year, date.month) < (today.year, today.month)
        return "as_of" if earlier and (past or (_LAW.search(text) and not _PRESENT.search(text))) else "other"
    return "as_of" if past and date.year < today.year else "other"


def _day(date: Built, today: dt.date) -> dt.date:
    """A date as a day: a month's first; a bare year's day is today's, so that "in 2026" said in 2026 means now."""
    if date.month is None:
        return today.replace(year=date.year, day=min(today.day, 28))
    return _exists(date.year, date.month, date.day or 1, f"{date.year}-{date.month}-{date.day}")


def _exists(year: int, month: int, day: int, said: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise QuestionError(f"{said} is not a date; please write YYYY-MM-DD") from error
