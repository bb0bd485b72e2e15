"""Read a question: places, dates, the vehicle, what is wanted, and whether it is ours to answer.

Rules and word lists only (`places.toml`, `vocabulary.toml`): the same question is always read the same way.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from assistant import dates, followup
from assistant.contract import Ask, QuestionError, Slots
from assistant.dates import Built
from assistant.figures import figures
from assistant.followup import Turn
from assistant.mentions import mentions, spelled
from assistant.scope import clean, judge
from assistant.vehicles import vehicle
from assistant.vocabulary import any_of, place_names, vocabulary, whole, word
from corpus import citations

# What stands before a slot that the turn takes back ("not Texas", "instead of 1998").
_DENIED = re.compile(
    r"\b(?:not|instead of|rather than|forget(?: about)?|never mind|isn't|wasn't)\s+(?:(?:in|from|of|about|the)\s+)?$",
    re.IGNORECASE,
)


# "a new Suzuki Carry", "new kei trucks", but not "a new kei truck law".
_NEW = re.compile(
    r"\bnew\s+(?:(?!\w+\s+(?:law|bill|rule|act|polic|registration)\w*)\w+\s+)?"
    r"(?:kei|mini-?|micro)?[\s-]?(?:trucks?|vans?|keis|ones|Carry|Hijet|Acty|Sambar|Minicab|Every|Clipper|Scrum|Pixis)\b"
    r"(?!\s+(?:law|bill|rule|act|polic|registration)\w*)",
    re.IGNORECASE,
)


# The age of a driver and not of a vehicle ("can a 16 year old drive it").
_PERSON = re.compile(
    r"\b\d{1,2}[\s-]*(?:years?|yrs?)[\s-]*olds?\b(?=\s+(?:\w+\s)?(?:son|daughter|kid|boy|girl|teen\w*|driver|child|grand\w+|"
    r"person|drive|operate|legally)\b)",
    re.IGNORECASE,
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
    turn: Turn
    bare_citation: bool = False
    about_citation: bool = False
    topic_words: bool = False
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def new(self) -> bool:
        """Whether the question is about new vehicles, which no age clock lets in."""
        return self.built is None and bool(_NEW.search(self.words))

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
    words = spelled(clean(ask.question))
    before = followup.without_dropped(words, ask.context)
    words = followup.without_opening(words) if ask.context else words
    free, cited = _cited(words, named or {})
    places = tuple(dict.fromkeys((*_places(words), *(c.place for c in cited if c.place != "US"))))
    if picked and not places:
        places = (picked,)
    said = dates.read(_without_denied(free, ask.as_of), ask.as_of)
    built = said.built or _month_told(words, before)
    found = vehicle(words)
    own = followup.own(words, places, built, found.model if found else None, said.as_of)
    alone = judge(words, place=bool(places), built=bool(built), model=found is not None, cited=cited)
    turn = followup.in_thread(own, before, alone, ask.as_of)
    if turn.kind == "instead":
        cited = tuple(dict.fromkeys((*cited, *_cited(turn.words, named or {})[1])))
    if len(turn.places) == 1:
        cited = tuple(dict.fromkeys((*cited, *_bare_sections(free, turn.places[0]))))
    free = _cited(turn.words, {})[0]
    scope = judge(
        turn.words, place=bool(turn.places), built=bool(turn.built), model=turn.model is not None, cited=cited
    )
    if turn.kind in ("source", "compare") or (
        scope == "unsure" and turn.leans
    ):  # its question was ours, so this one is
        scope = "in"
    cites = citations.find(words)
    return Understood(
        ask=ask,
        words=turn.words,
        as_of=turn.as_of,
        places=turn.places,
        built=turn.built[0] if turn.built else None,
        also_built=turn.built[1:],
        model=turn.model,
        cited=cited,
        wants=frozenset(name for name in vocabulary()["intent"] if any_of("intent", name).search(turn.words)),
        kinds=tuple(name for name in vocabulary()["kinds"] if any_of("kinds", name).search(free)),
        scope=turn.kind if turn.kind in followup.SMALL_TALK else scope,
        turn=turn,
        bare_citation=bool(cites) and len(free.split()) <= 3,
        about_citation=bool(cites)
        and bool(re.match(r"\s*(?:is|does|do|did|what is|where is)\s", words, re.I))
        and cites[0].start < 12,
        topic_words=bool(any_of("domain", "federal").search(free)),
        figures=figures(_PERSON.sub(" ", turn.words)),
    )


def _cited(words: str, named: Mapping[str, citations.Citation]) -> tuple[str, tuple[citations.Citation, ...]]:
    """The text with its citations blanked, so that their figures are no dates, and the citations themselves."""
    found = citations.find(words)
    by_name = (c for name, c in named.items() if whole(name).search(words))
    free = words
    for one in reversed(found):
        free = f"{free[: one.start]} {' ' * (one.end - one.start)}{free[one.end :]}"
    return free, tuple(dict.fromkeys((*(f.citation for f in found), *by_name)))


def _places(words: str) -> tuple[str, ...]:
    """The places that a text names and does not take back ("not Texas")."""
    held = tuple(dict.fromkeys(m.place for m in mentions(words)))
    meant = tuple(dict.fromkeys(m.place for m in mentions(words) if not _DENIED.search(words[: m.start])))
    return meant if len(meant) < len(held) else held


def _without_denied(free: str, today: dt.date) -> str:
    """The text without a build date that it takes back ("August 2001, not 2002"), if it gives another."""
    told = dates.build_dates(free, today)
    denied = [(start, end) for start, end, _ in told if _DENIED.search(free[:start])]
    if len(denied) == len(told):
        return free
    for start, end in reversed(denied):
        free = free[:start] + " " * (end - start) + free[end:]
    return free


def _month_told(words: str, before: Slots | None) -> tuple[Built, ...]:
    """The build month as the whole of a turn, for a vehicle whose build year is known."""
    month = dates.bare_month(words)
    return (Built(before.built[0], month),) if month and before and before.built else ()


def phrase_in(pattern: str, words: str) -> bool:
    """Whether a pattern of a brief's premise is in the question."""
    return bool(word(pattern).search(words))


def _bare_sections(text: str, place: str) -> Iterator[citations.Citation]:
    """ "section 321.234A" in a question about one state: that state's section, if its form fits."""
    for match in re.finditer(r"(?:\bsections?|\bsec\.|§+)\s*(\d[\w.:-]*\w(?:\([\w.-]+\))*)", text, re.IGNORECASE):
        with suppress(citations.UnknownCitation):
            yield citations.parse(f"§ {match[1]}", place=place)
