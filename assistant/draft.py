"""Put the plans of a route together into one draft (extractive: only statements, verdicts, briefs, computed values)."""

from __future__ import annotations

from dataclasses import replace

from assistant.briefs import Brief, FoundBrief, Premise, briefs
from assistant.memo import Part, Research, Sentence
from assistant.plans import declining, federal, importing, lookup, places
from assistant.route import Route
from assistant.settings import Settings
from assistant.understand import phrase_in

STATE = Sentence(
    "In which state will it be titled and driven? Registration is decided by each state, not by federal law."
)
BUILT = Sentence("When was it built (month and year, from the build plate or export certificate)?")
MONTH = Sentence("In which month was it built? The month decides.")


def draft(research: Research, route: Route, brief: FoundBrief | None, settings: Settings) -> Part:
    """The parts of the route's plans in order. A part that cannot answer leaves its notes and the next one speaks."""
    if route.plans == ("declining",):
        return declining.declining(research.asked.scope)
    premise = _premise(research)
    chosen = _brief(research, brief, settings, premise)
    part = federal.corrected(premise[1]) if premise else Part(answered=False)
    leads = True
    for plan in route.plans:
        part += _part(plan, research, chosen, route, settings, second=not leads)
        leads = False
    if not part.answered and not part.short:
        return declining.declining("nothing") + part
    return part


def _part(
    plan: str, research: Research, brief: Brief | None, route: Route, settings: Settings, *, second: bool
) -> Part:
    asked = research.asked
    match plan:
        case "lookup":
            return lookup.lookup(research)
        case "survey":
            return places.survey(research)
        case "comparison":
            return places.comparison(research, asked.places)
        case "place":
            return places.place(research, asked.places[0])
        case "importing":
            return importing.importing(research, second=second, brief="comparison" in route.plans)
        case "which_state":
            lead = Part() if second else _federal(research, brief, settings)
            return lead + Part(missing=("state",))
    return _federal(research, brief, settings)


def _federal(research: Research, brief: Brief | None, settings: Settings) -> Part:
    if brief is None:
        return federal.general(research, settings.gate)
    prepared = federal.from_brief(research, brief)
    computed = federal.volume(research) if brief.computes == "exemption" else None
    return replace(prepared, short=computed) if computed else prepared


def _brief(
    research: Research, found: FoundBrief | None, settings: Settings, premise: tuple[Brief, Premise] | None
) -> Brief | None:
    if premise:
        return premise[0]
    if found and found.similarity >= settings.brief_gate:
        return found.brief
    return None


def _premise(research: Research) -> tuple[Brief, Premise] | None:
    """The first brief one of whose premises the question takes for true."""
    for brief in briefs().values():
        for premise in brief.premises:
            if any(phrase_in(pattern, research.asked.words) for pattern in premise.patterns):
                return brief, premise
    return None


def questions_back(part: Part, already: tuple[str, ...]) -> tuple[Sentence, ...]:
    """What to ask the client, for each missing slot that was not asked before in this conversation."""
    texts = {"state": STATE, "built": BUILT, "month": MONTH}
    return tuple(texts[slot] for slot in part.missing if slot not in already)
