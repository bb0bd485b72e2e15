"""Which plans answer a question, and the places whose law may be read for it."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.retrieve import Scope
from assistant.understand import Understood

# Enough places for a comparison; more is a survey.
MOST_PLACES = 6


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
    if asked.scope != "in":
        return ("declining",)
    if asked.cited and ("lookup" in wants or asked.bare_citation):
        return ("lookup",)
    importing = "importing" in wants or asked.built is not None
    registering = "registration" in wants or bool(asked.kinds)
    if len(places) > MOST_PLACES or ("survey" in wants and not places):
        return ("survey",)
    if len(places) > 1:
        return ("comparison", "importing") if asked.built else ("comparison",)
    if places:
        if importing and not (registering or "verdict" in wants):
            return ("importing", "place")
        if importing:
            return ("importing", "place") if "importing" in wants else ("place", "importing")
        return ("place",) if registering or not asked.topic_words else ("federal", "place")
    if importing and (asked.built or "verdict" in wants):
        return ("importing", "which_state") if "registration" in wants else ("importing",)
    if "registration" in wants and "verdict" in wants and not asked.topic_words:
        return ("which_state",)
    return ("federal",)
