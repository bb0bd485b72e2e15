"""Where a question names a place: states by name, nickname, city or postal code, misspelled or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from assistant.vocabulary import place_names, whole

# Postal codes that are also words; they count only in capitals and after a word such as "in".
_WORDLIKE = frozenset({"IN", "OR", "ME", "HI", "OK", "ID", "LA", "DE", "OH", "PA", "MA", "AL", "CO", "MO", "MS", "AK"})
# Names that hold the name of another place.
_NOT_THAT_PLACE = re.compile(
    r"Washington Post|Washington(?:'s)? (?:rules?|standards?|vehicle standards|lawmakers|politicians|bureaucrats)|"
    r"(?:port|ports|docks?|terminal|vessel|ship\w*|boat|gets|getting|arriv\w+|lands?|landing|unload\w*|due)\s+"
    r"(?:of|in|at|through|via|to|into)\s+(?:Tacoma|Long Beach|Los Angeles|Oakland|Seattle|Baltimore|Savannah|"
    r"Charleston|Houston|Galveston|Jacksonville|Newark|Norfolk|Honolulu|Portland|San Diego|Brunswick)|"
    r"(?:port|ports|docks?|terminal|vessel|ship\w*)\s+(?:of|in|at|through|via|to|into)\s+[A-Z]\w+",
    re.IGNORECASE,
)
# Short forms that are words when written small.
_CAPITAL = frozenset(
    {"Mass.", "Mass", "Miss.", "Wash.", "Ore.", "Ill.", "Ind.", "Cal.", "Del.", "Ark.", "Ala.", "Hoosier"}
)
# Words that only look like a misspelled state.
_NO_MISSPELLING = frozenset({"virgin", "indian", "indians", "washing", "mexican", "islands"})


@dataclass(frozen=True)
class Mention:
    """A place in a text: its code ("US-TX") and the characters that name it."""

    start: int
    end: int
    place: str


def mentions(text: str) -> tuple[Mention, ...]:
    """Every mention of a place in a text whose names are spelled right (`spelled`), in the order of the text."""
    found: dict[int, Mention] = {}
    free = _NOT_THAT_PLACE.sub(lambda m: " " * len(m[0]), text)
    for name, code in _spellings():
        for match in whole(name).finditer(free):
            if name in _CAPITAL and not match[0][0].isupper():  # "mass production"
                continue
            found.setdefault(match.start(), Mention(match.start(), match.end(), f"US-{code}"))
            free = free[: match.start()] + " " * len(match[0]) + free[match.end() :]
    for match in re.finditer(r"(?<![\w.-])([A-Za-z]{2})(?![\w'-])", free):
        code = match[1].upper()
        if code in place_names() and _is_code(free, match, code):
            found[match.start()] = Mention(match.start(), match.end(), f"US-{code}")
    held = tuple(found[at] for at in sorted(found))
    if any(m.place == "US-DC" for m in held) and not re.search(r"Washington State|\bWA\b", text):
        return tuple(m for m in held if m.place != "US-WA")  # the District's own city
    return held


def place_name(place: str) -> str:
    """ "Texas" for "US-TX"."""
    return place_names()[place.removeprefix("US-")]["names"][0]


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """Every way to write a place with its code, longest first."""
    pairs = [(name, code) for code, names in place_names().items() for group in names.values() for name in group]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _words_of_names() -> tuple[str, ...]:
    """The long words of the states' names, against which a misspelling is held."""
    words = {w.lower() for names in place_names().values() for w in names["names"][0].split() if len(w) >= 6}
    return tuple(sorted(words))


def spelled(text: str) -> str:
    """The text with misspelled state names put right ("tennesee"), and "the Carolinas" as both."""
    text = re.sub(r"\bKansas City\b(?!,? (?:MO|KS|Missouri|Kansas))", "Kansas and Missouri", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(the\s+)?(Carolina|Dakota)s\b", r"North \2 and South \2", text, flags=re.IGNORECASE)

    def right(match: re.Match[str]) -> str:
        if match[0].lower() in _NO_MISSPELLING:
            return match[0]
        near = get_close_matches(match[0].lower(), _words_of_names(), n=1, cutoff=0.85)
        return near[0].capitalize() if near and near[0] != match[0].lower() else match[0]

    return re.sub(r"[A-Za-z]{6,15}", right, text)


def _is_code(text: str, match: re.Match[str], code: str) -> bool:
    """Whether two letters are a postal code here and not a word such as "in" or "me"."""
    before = text[: match.start()]
    said = match[1].islower() and re.search(r"\b(?:give|get|sell|send|tell|cost|let|issue|deny|refuse)s?\s*$", before)
    if said and code in _WORDLIKE:  # "give me plates"
        return False
    if re.match(r"\s+(?:DMV|MVA|MVD|BMV|RMV|MVC|DOR|DOT|DPS|SOS|DOL|BMC|tags?|plates?)\b", text[match.end() :], re.I):
        return True
    if re.search(r"\b(?:an?|the|registered|my|your)\s*$", before, re.IGNORECASE):
        return False  # "an RI" is a registered importer
    if code == "RI" and re.search(r"\b(?:as|use|using|through|via|become)\s*$", before, re.IGNORECASE):
        return False
    leads = re.search(r"(?:\b(?:in|to|for|from|of|and|or|vs|versus|about|my|between)|[,/&])\s*$", before, re.IGNORECASE)
    if code not in _WORDLIKE:
        return bool(match[1].isupper() or leads or code in {"TX", "NC", "NJ", "NY", "FL"})
    listed = re.match(r",\s*[A-Z]{2}\b", text[match.end() :])  # "does it fit IN, MN, WY"
    opens = not before.strip() and re.match(r"\s*[:,;-]", text[match.end() :])  # "MS: tag in Jackson"
    return bool(match[1].isupper() and not text.isupper() and (leads or opens or listed))
