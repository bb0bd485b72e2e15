"""Read a question: places, dates, the vehicle, what is wanted, and whether it is ours to answer.

Rules and word lists only (`places.toml`, `vocabulary.toml`): the same question is always read the same way.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from assistant import dates
from assistant.contract import Ask, QuestionError
from assistant.dates import Built
from assistant.figures import figures
from assistant.scope import clean, judge
from assistant.vocabulary import any_of, place_names, vocabulary, whole, word
from corpus import citations

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
# Model names that are also words; they count only beside a maker, a year or an article.
_COMMON_MODELS = frozenset(
    {"Every", "Beat", "Life", "Street", "Move", "Alto", "Bravo", "Carry", "Midget", "Clipper", "Scrum"}
)


@dataclass(frozen=True)
class Understood:
    """A question as the assistant read it. `words` is the text that retrieval sees."""

    ask: Ask
    words: str
    as_of: dt.date
    places: tuple[str, ...]
    built: Built | None
    also_built: tuple[Built, ...]
    model: str | None
    cited: tuple[citations.Citation, ...]
    wants: frozenset[str]
    kinds: tuple[str, ...]
    scope: str
    bare_citation: bool = False
    about_citation: bool = False
    topic_words: bool = False
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def young(self) -> bool:
        """Whether a vehicle may still be under the 25 years of the import rule on the day of the question."""
        built = (self.built, *self.also_built) if self.built else ()
        return any(self.as_of.year - b.year <= 25 for b in built) or self.figures.get("age", 25) < 25


def state_code(text: str) -> str:
    """ "TX", "us-tx" or "Texas" as "US-TX"; raises QuestionError for anything else."""
    bare = text.strip().upper().removeprefix("US-")
    if bare in place_names():
        return f"US-{bare}"
    for code, names in place_names().items():
        if any(bare == name.upper() for name in names["names"]):
            return f"US-{code}"
    raise QuestionError(f"{text[:40]!r} is not a state I know; use a two-letter postal code such as TX, or DC")


def understand(ask: Ask, named: Mapping[str, citations.Citation] | None = None) -> Understood:
    """Read one question. Raises QuestionError when there is nothing readable in it.

    `named` are the short names by which documents of the book go ("RTB 001-24"), in lower case.
    """
    picked = state_code(ask.state) if ask.state else None
    words = clean(ask.question)
    found = citations.find(words)
    by_name = (c for name, c in (named or {}).items() if whole(name).search(words))
    cited = tuple(dict.fromkeys((*(f.citation for f in found), *by_name)))
    free = words
    for one in reversed(found):
        free = f"{free[: one.start]} {' ' * (one.end - one.start)}{free[one.end :]}"
    places = tuple(dict.fromkeys((*_places(words), *(c.place for c in cited if c.place != "US"))))
    if picked and not places:
        places = (picked,)
    if len(places) == 1:
        cited = tuple(dict.fromkeys((*cited, *_bare_sections(free, places[0]))))
    said = dates.read(free, ask.as_of)
    built = said.built
    model = _model(words)
    carried, own = ask.context, words
    alone = judge(words, place=bool(places), built=bool(built), model=model is not None, cited=cited)
    if carried and (_leans_back(words) or (alone == "unsure" and _CUES.search(words)) or _wants_place(words)):
        places = places or carried.places
        model = model or carried.model
        built = built or ((Built(*carried.built),) if carried.built else ())
        if carried.as_of and said.as_of == ask.as_of:
            said = dates.Dates(carried.as_of, said.built)
        if carried.question and (alone == "unsure" or not _asks_something(words)):
            words = f"{words} ({carried.question})"
            free = f"{free} ({carried.question})"
    scope = judge(words, place=bool(places), built=bool(built), model=model is not None, cited=cited)
    if scope == "unsure" and words != own:  # its question was ours, so this one is
        scope = "in"
    return Understood(
        ask=ask,
        words=words,
        as_of=said.as_of,
        places=places,
        built=built[0] if built else None,
        also_built=built[1:],
        model=model,
        cited=cited,
        wants=frozenset(name for name in vocabulary()["intent"] if any_of("intent", name).search(words)),
        kinds=tuple(name for name in vocabulary()["kinds"] if any_of("kinds", name).search(free)),
        scope=scope,
        bare_citation=bool(found) and len(free.split()) <= 3,
        about_citation=bool(found)
        and bool(re.match(r"\s*(?:is|does|do|did|what is|where is)\s", words, re.I))
        and found[0].start < 12,
        topic_words=bool(any_of("domain", "federal").search(free)),
        figures=figures(words),
    )


def phrase_in(pattern: str, words: str) -> bool:
    """Whether a pattern of a brief's premise is in the question."""
    return bool(word(pattern).search(words))


def _bare_sections(text: str, place: str) -> Iterator[citations.Citation]:
    """ "section 321.234A" in a question about one state: that state's section, if its form fits."""
    for match in re.finditer(r"(?:\bsections?|\bsec\.|§+)\s*(\d[\w.:-]*\w(?:\([\w.-]+\))*)", text, re.IGNORECASE):
        with suppress(citations.UnknownCitation):
            yield citations.parse(f"§ {match[1]}", place=place)


def _places(text: str) -> tuple[str, ...]:
    found: dict[int, str] = {}
    free = _NOT_THAT_PLACE.sub(lambda m: " " * len(m[0]), _spelled(text))
    for name, code in _spellings():
        for match in whole(name).finditer(free):
            if name in _CAPITAL and not match[0][0].isupper():  # "mass production"
                continue
            found.setdefault(match.start(), code)
            free = free[: match.start()] + " " * len(match[0]) + free[match.end() :]
    for match in re.finditer(r"(?<![\w.-])([A-Za-z]{2})(?![\w'-])", free):
        code = match[1].upper()
        if code in place_names() and _is_code(free, match, code):
            found[match.start()] = code
    places = tuple(dict.fromkeys(f"US-{found[at]}" for at in sorted(found)))
    if "US-DC" in places and not re.search(r"Washington State|\bWA\b", text):
        return tuple(p for p in places if p != "US-WA")  # the District's own city
    return places


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


def _spelled(text: str) -> str:
    """The text with misspelled state names put right ("tennesee"), and "the Carolinas" as both."""
    text = re.sub(r"\bKansas City\b(?!,? (?:MO|KS|Missouri|Kansas))", "Kansas and Missouri", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(the\s+)?(Carolina|Dakota)s\b", r"North \2 and South \2", text, flags=re.IGNORECASE)

    def right(match: re.Match[str]) -> str:
        if match[0].lower() in _NO_MISSPELLING:
            return match[0]
        near = get_close_matches(match[0].lower(), _words_of_names(), n=1, cutoff=0.85)
        return near[0] if near else match[0]

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
    leads = re.search(r"(?:\b(?:in|to|for|from|of|and|or|vs|versus|about|my|between)|[,/&])\s*$", before, re.IGNORECASE)
    if code not in _WORDLIKE:
        return bool(match[1].isupper() or leads or code in {"TX", "NC", "NJ", "NY", "FL"})
    listed = re.match(r",\s*[A-Z]{2}\b", text[match.end() :])  # "does it fit IN, MN, WY"
    opens = not before.strip() and re.match(r"\s*[:,;-]", text[match.end() :])  # "MS: tag in Jackson"
    return bool(match[1].isupper() and not text.isupper() and (leads or opens or listed))


def _model(text: str) -> str | None:
    for maker, names in vocabulary()["models"].items():
        for name in names:
            pattern = rf"(?<!\w){re.escape(name)}s?(?!\w)"
            if name in _COMMON_MODELS:
                before = rf"{maker}|(?:19|20)\d\d|'\d\d|an?|my|the|super|old"
                pattern = rf"(?<!\w)(?:{before})\s+{re.escape(name)}s?\b(?!\s+(?:a|an|the|it|to)\b)"
            sure = name in {"Every", "Street", "Life", "Move", "Beat", "Bravo"}
            if re.search(pattern, text, 0 if sure else re.IGNORECASE):
                return f"{maker} {name}"
    return None


_LEANS = re.compile(
    r"^(?:and|what about|how about|what if|but|ok|so|why|no,|i meant|same|then|that one|it)\b|"
    r"\b(?:is|was|can|does|did|will|about|with|register|import|drive|title|sell|bring|for) (?:it|that one|them|mine)\b|"
    r"\b(?:it|they) (?:is|was|were|has|have|be)\b",
    re.IGNORECASE,
)


def _leans_back(text: str) -> bool:
    """Whether a later turn needs the earlier one: it points back, or is short and no question of another field."""
    if any_of("scope", "elsewhere").search(text):
        return False
    if _LEANS.search(text):
        return True
    return len(text.split()) <= 6 and not any_of("domain", "federal").search(text) and not _OPENS.search(text)


# Words that end a subject; what was said before no longer counts.
_DROPS = re.compile(
    r"\b(?:never ?mind|forget|different (?:question|topic|subject)|unrelated|other question)\b", re.IGNORECASE
)


def _wants_place(text: str) -> bool:
    """Whether a later turn is about plates or roads and so about the state that was named before."""
    asks = any_of("intent", "registration").search(text)
    return bool(asks) and not (any_of("domain", "federal").search(text) or _DROPS.search(text))


# Words that take up what was said before; with no subject of its own, such a turn is a follow-up.
_CUES = re.compile(r"\b(?:that|those|same|then|they|their|them|he|she|his|her|him|us|anyway)\b", re.IGNORECASE)
# A short turn that opens like a question of its own is one.
_OPENS = re.compile(r"^(?:how do|how can|what is|what are|who|tell me|give me)\b", re.IGNORECASE)


def _asks_something(text: str) -> bool:
    """Whether the turn says what it wants, so that the words of the earlier question would only mislead."""
    lists = [
        ("domain", "federal"),
        *(("intent", n) for n in vocabulary()["intent"]),
        *(("kinds", n) for n in vocabulary()["kinds"]),
    ]
    return any(any_of(*one).search(text) for one in lists)
