"""Which plans answer a question, and the places whose law may be read for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.retrieve import Scope
from assistant.scope import silent
from assistant.understand import Understood
from assistant.vocabulary import any_of

# Enough places for a comparison; more is a survey.
MOST_PLACES = 6


# A vehicle and nothing asked ("kei truck", "kei trucks legal?"): what can be told depends on the state.
_BARE = re.compile(
    r"\W*(?:(?:a|the|my|japanese|these|those|are|is) )*"
    r"(?:(?:kei|mini|micro)[\s-]*(?:trucks?|vans?|cars?)|it|this|that|they)?"
    r"(?: (?:road |street )?legal| ok| allowed)?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Route:
    """Plan names in the order in which they speak, and the hard filter for retrieval."""

    plans: tuple[str, ...]
    scope: Scope


def route(asked: Understood) -> Route:
    """Plans by what is wanted; the last resort is always `federal` (a brief, or what retrieval finds)."""
    scope = Scope(frozenset({"US", *asked.places}), asked.as_of)
    return Route(_plans(asked), scope)


def _plans(asked: Understood) -> tuple[str, ...]:
    wants, places = asked.wants, asked.places
    if asked.scope not in ("in", "unsure"):
        return ("declining",)
    if asked.turn.kind == "source":
        return ("sources",)
    if asked.cited and ("lookup" in wants or asked.bare_citation or asked.about_citation):
        return ("lookup",)
    everywhere = "survey" in wants or {"nationwide", "registration"} <= wants
    if len(places) > MOST_PLACES or (everywhere and not places):
        return ("survey",)
    if len(places) > 1:
        return ("comparison", "age") if asked.built or asked.young or asked.new else ("comparison",)
    if places:
        return _one_place(asked)
    if silent(asked.words) and not asked.built:
        return ("federal",)
    plans = _no_place(asked)
    own = "plates" in wants and any_of("scope", "own_state").search(asked.words)
    return (*plans, "which_state") if own and "which_state" not in plans else plans


def _one_place(asked: Understood) -> tuple[str, ...]:
    registering = "registration" in asked.wants or bool(asked.kinds)
    if "importing" in asked.wants:
        return ("importing", "place")
    if asked.topic_words and not registering:
        return ("federal", "place")
    return ("place", "importing") if asked.young or asked.new else ("place",)


def _no_place(asked: Understood) -> tuple[str, ...]:
    wants = asked.wants
    if "offroad" in wants:
        return ("federal", "age")
    if asked.figures.get("age", 25) < 25 and "verdict" in wants:
        return ("importing",)
    if "importing" in wants and (asked.built or "verdict" in wants):
        return ("importing", "which_state") if "registration" in wants else ("importing",)
    if _BARE.fullmatch(asked.words):
        return ("which_state",)
    if asked.built and not asked.topic_words and not asked.cited:
        if "registration" not in wants:
            return ("importing",)
        return ("which_state", "age") if asked.young else ("which_state",)
    if "registration" in wants and not asked.topic_words and ("verdict" in wants or "roads" in asked.kinds):
        return ("which_state",)
    return ("federal", "age") if asked.young else ("federal",)
