"""Read a question: places, dates, the vehicle, what is wanted, and whether it is ours to answer.

Rules and word lists only (`places.toml`, `vocabulary.toml`): the same question is always read the same way.
Text that talks to a machine ("ignore previous instructions") is dropped before anything is read.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from assistant.contract import MAX_QUESTION, Ask, QuestionError
from corpus import citations

HERE = Path(__file__).parent
# Postal codes that are also words; they count only in capitals and after a word such as "in".
_WORDLIKE = frozenset({"IN", "OR", "ME", "HI", "OK", "ID", "LA", "DE", "OH", "PA", "MA", "AL", "CO", "MO", "MS", "AK"})
_MONTHS = {m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


@dataclass(frozen=True)
class Built:
    """When a vehicle was made; the month may be unknown."""

    year: int
    month: int | None = None


@dataclass(frozen=True)
class Understood:
    """A question as the assistant read it. `words` is the text that retrieval sees."""

    ask: Ask
    words: str
    as_of: dt.date
    places: tuple[str, ...]
    built: Built | None
    model: str | None
    cited: tuple[citations.Citation, ...]
    wants: frozenset[str]
    kinds: tuple[str, ...]
    scope: str
    figures: dict[str, int] = field(default_factory=dict)


@cache
def vocabulary() -> dict[str, Any]:
    """The word lists of `vocabulary.toml`."""
    return tomllib.loads((HERE / "vocabulary.toml").read_text("utf-8"))


@cache
def place_names() -> dict[str, dict[str, list[str]]]:
    """Postal code to the ways clients write the place (`places.toml`)."""
    return tomllib.loads((HERE / "places.toml").read_text("utf-8"))


def phrase(text: str) -> str:
    """A word of the vocabulary as a pattern: `~` at the end is an optional plural, inside it is a gap."""
    body = re.sub(r"~(?=$|[|)])", "(?:e?s)?", text)
    return body.replace("~?", r"[\s-]{0,3}").replace("~", r"[\s-]{0,3}")


@cache
def _any(*path: str) -> re.Pattern[str]:
    words: Any = vocabulary()
    for step in path:
        words = words[step]
    return re.compile(r"(?<!\w)(?:" + "|".join(phrase(w) for w in words) + r")(?!\w)", re.IGNORECASE)


def state_code(text: str) -> str:
    """"TX", "us-tx" or "Texas" as "US-TX"; raises QuestionError for anything else."""
    bare = text.strip().upper().removeprefix("US-")
    if bare in place_names():
        return f"US-{bare}"
    for code, names in place_names().items():
        if any(bare == name.upper() for name in names["names"]):
            return f"US-{code}"
    raise QuestionError(f"{text!r} is not a state I know; use a two-letter postal code such as TX, or DC")


def understand(ask: Ask) -> Understood:
    """Read one question. Raises QuestionError when there is nothing readable in it."""
    words = _clean(ask.question)
    cited = tuple(f.citation for f in citations.find(words))
    places = _places(words)
    if ask.state and (picked := state_code(ask.state)) not in places:
        places = (picked, *places) if not places else places
    for one in cited:
        if one.place != "US" and one.place not in places:
            places = (*places, one.place)
    as_of, built = _dates(words, ask.as_of)
    model = _model(words)
    carried = ask.context
    if carried and _leans_back(words):
        places = places or carried.places
        model = model or carried.model
        if built is None and carried.built:
            built = Built(*carried.built)
        words = f"{words} ({carried.question})" if carried.question else words
    wants = frozenset(name for name in vocabulary()["intent"] if _any("intent", name).search(words))
    kinds = tuple(name for name in vocabulary()["kinds"] if _any("kinds", name).search(words))
    scope = _scope(words, bool(places), built, model, cited)
    return Understood(ask, words, as_of, places, built, model, cited, wants, kinds, scope, _figures(words))


def _clean(question: str) -> str:
    if len(question) > MAX_QUESTION:
        raise QuestionError(f"the question has {len(question)} characters; please keep it under {MAX_QUESTION}")
    text = re.sub(r"[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]", "", question)
    if any(ord(c) < 32 and c not in "\n\r\t" for c in text):
        raise QuestionError("the question holds control characters; please send plain text")
    text = re.sub(r"<[^>]{0,200}>|!\[[^\]]*\]\([^)]*\)|https?://\S+", " ", text)
    text = text.translate(str.maketrans("’‘“”–—\u00a0", "''\"\"-- "))
    kept = [s for s in re.split(r"(?<=[.!?\n;])\s+", text) if not _any("scope", "injection").search(s)]
    words = " ".join(" ".join(kept).split())
    if not re.search(r"[A-Za-z]{2}|\d{3}", words):
        if re.search(r"[A-Za-z]{2}", text):
            return ""
        raise QuestionError("please ask a question in English words, for example: Can I import a 1999 Suzuki Carry?")
    return words


def _places(text: str) -> tuple[str, ...]:
    found: dict[int, str] = {}
    free = re.sub(r"Kansas City|Washington Post|State of the Union", lambda m: " " * len(m[0]), text)
    spellings = [
        (name, code) for code, names in place_names().items() for group in names.values() for name in group
    ]
    for name, code in sorted(spellings, key=lambda pair: -len(pair[0])):
        pattern = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)", re.IGNORECASE)
        for match in pattern.finditer(free):
            found.setdefault(match.start(), code)
            free = free[: match.start()] + " " * len(match[0]) + free[match.end() :]
    for match in re.finditer(r"(?<![\w.-])([A-Za-z]{2})(?![\w'-])", free):
        code, before = match[1].upper(), free[: match.start()]
        if code not in place_names():
            continue
        leads = re.search(r"(?:\b(?:in|to|for|from|of|and|or|vs|versus|about|my|between)|[,/&])\s*$", before, re.IGNORECASE)
        plain = code not in _WORDLIKE and (match[1].isupper() or leads or code in {"TX", "NC", "NJ", "NY", "FL"})
        if plain or (match[1].isupper() and not free.isupper() and leads):
            found[match.start()] = code
    return tuple(dict.fromkeys(f"US-{found[at]}" for at in sorted(found)))


_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"


def _dates(text: str, today: dt.date) -> tuple[dt.date, Built | None]:
    """The date the answer must hold for, and when the vehicle was built, if the text says so."""
    for year, month, day in re.findall(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        try:
            dt.date(int(year), int(month), int(day))
        except ValueError as error:
            raise QuestionError(f"{year}-{month}-{day} is not a date; please write YYYY-MM-DD") from error
    as_of = today
    back = re.search(
        rf"\b(?:as of|back in|effective|law (?:of|in|on))\s+(?:({_MONTH})\s+)?(?:(\d{{1,2}}),?\s+)?({_YEAR})(?:-(\d\d))?(?:-(\d\d))?",
        text, re.IGNORECASE,
    )
    if back is None:
        back = re.search(
            rf"\b(?:in|on|by|during|come|until)\s+(?:({_MONTH})\s+)?(?:(\d{{1,2}}),?\s+)?(20[2-4]\d)(?:-(\d\d))?(?:-(\d\d))?",
            text, re.IGNORECASE,
        )
    if back:
        month = _MONTHS[back[1][:3].lower()] if back[1] else int(back[4]) if back[4] else None
        day = int(back[2] or back[5] or 1)
        known = dt.date(int(back[3]), month or 1, min(day, 28) if not (back[2] or back[5]) else day)
        # A bare year is today's day in it, so that "in 2026" said in 2026 means now.
        as_of = known if month else today.replace(year=int(back[3]), day=min(today.day, 28))
        text = text[: back.start()] + " " * len(back[0]) + text[back.end() :]
    return as_of, _built(text, today)


def _built(text: str, today: dt.date) -> Built | None:
    named = re.search(rf"\b({_MONTH})\s+(?:\d{{1,2}},?\s+)?(?:of\s+)?({_YEAR})\b", text, re.IGNORECASE)
    if named:
        return Built(int(named[2]), _MONTHS[named[1][:3].lower()])
    numbered = re.search(rf"\b(\d{{1,2}})/(?:\d{{1,2}}/)?({_YEAR})\b|\b({_YEAR})-(\d\d)\b", text)
    if numbered:
        year, month = (numbered[2], numbered[1]) if numbered[2] else (numbered[3], numbered[4])
        if 1 <= int(month) <= 12:
            return Built(int(year), int(month))
    for match in re.finditer(rf"(?<![\w.$§/-])({_YEAR})(?![\w%/-]|\.\d|\s?(?:cc|lb|mph|kg|vehicles|miles))|(?<!\w)'(\d\d)\b", text):
        year = int(match[1]) if match[1] else (1900 if int(match[2]) > 40 else 2000) + int(match[2])
        before = text[: match.start()].lower()
        if not re.search(r"(?:since|act of|code|rule of|law of|december|act|bill|hb ?\d*|sb ?\d*)\s*$", before) and year <= today.year + 1:
            return Built(year)
    return None


def _model(text: str) -> str | None:
    for maker, names in vocabulary()["models"].items():
        for name in names:
            common = name in {"Every", "Beat", "Life", "Street", "Move", "Alto", "Bravo", "Carry", "Midget", "Clipper"}
            pattern = rf"(?<!\w){re.escape(name)}s?(?!\w)"
            if common:
                pattern = rf"{maker}\s+{pattern}|(?:{_YEAR}|a|an|my|the|super)\s+{re.escape(name)}\b(?!\s+(?:a|an|the|it)\b)"
            if re.search(pattern, text, 0 if common and name in {"Every", "Street", "Life", "Move"} else re.IGNORECASE):
                return f"{maker} {name}"
    return None


def _figures(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, unit in {"cc": r"cc\b", "mph": r"mph\b", "lb": r"(?:lbs?|pounds)\b", "vehicles": r"(?:\w+\s){0,2}(?:vehicles|trucks|units|cars)\b"}.items():
        if match := re.search(rf"\b(\d{{1,3}}(?:,\d{{3}})+|\d+)[\s-]*{unit}", text, re.IGNORECASE):
            found[name] = int(match[1].replace(",", ""))
    return found


_LEANS = re.compile(
    r"^(?:and|what about|how about|what if|but|ok|so|why|no,|i meant|same|then|is (?:it|that|there)|does (?:it|that)|can (?:it|i)|do i|how|show|where|which|when|that one|it )|\b(?:it|that|those|them|there)\b",
    re.IGNORECASE,
)


def _leans_back(text: str) -> bool:
    """Whether a later turn needs the earlier one: short, or opened by a word that points back."""
    return len(text.split()) <= 6 or bool(_LEANS.search(text))


_ENGLISH = re.compile(
    r"\b(?:the|is|are|a|an|can|i|my|to|of|in|do|does|what|how|when|which|it|for|if|and|legal|import|need|me|was|were|why|who|about)\b", re.IGNORECASE
)


def _scope(text: str, place: bool, built: Built | None, model: str | None, cited: tuple[Any, ...]) -> str:
    """`in`, or the reason why not: `empty`, `evasion`, `foreign`, `language`, `elsewhere`."""
    if not text:
        return "empty"
    if _any("scope", "evasion").search(text) and not _any("scope", "consequence").search(text):
        return "evasion"
    abroad = _any("scope", "foreign").search(text)
    if abroad and not place:
        origin = re.search(r"(?:from|via|through|in)\s+(?:the\s+)?$", text[: abroad.start()], re.IGNORECASE)
        home = re.search(r"\b(?:US|U\.S\.|USA|United States|America|states|here)\b", text)
        if not (origin and (home or origin[0].lower().strip().startswith(("from", "via", "through")))) and not home:
            return "foreign"
    strong = bool(model or cited or _any("domain", "strong").search(text))
    if len(text.split()) >= 4 and not _ENGLISH.search(text):
        return "language"
    if _any("scope", "elsewhere").search(text) and not cited:
        return "elsewhere"
    weak = len({m[0].lower() for m in _any("domain", "weak").finditer(text)})
    if strong or weak >= 2 or (weak and (place or built)):
        return "in"
    return "elsewhere"


