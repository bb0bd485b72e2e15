"""Put the plans of a route together into one draft (extractive: only statements, verdicts, briefs, computed values)."""

from __future__ import annotations

from dataclasses import replace

from assistant.briefs import Brief, FoundBrief, Premise, briefs
from assistant.memo import Part, Research, Section, Sentence
from assistant.plans import declining, federal, importing, lookup, pinpoint, places, quoted, several, sources
from assistant.prepared import FITTING
from assistant.route import Route
from assistant.settings import Settings
from assistant.understand import Understood, phrase_in
from assistant.vocabulary import any_of

STATE = Sentence(
    "In which state will it be titled and driven? Registration is decided by each state, not by federal law."
)
# Briefs that compute an age clock of their own; the safety clock is no part of their answer.
OTHER_CLOCKS = ("emissions", "tariff")
# The brief for what holds in every state.
GENERAL = "street-legal"
BUILT = Sentence("When was it built (month and year, from the build plate or export certificate)?")
MONTH = Sentence("In which month was it built? The month decides.")


def draft(research: Research, route: Route, found: FoundBrief | None, settings: Settings) -> Part:
    """The parts of the route's plans in order; a part that cannot answer leaves its notes and the next one speaks."""
    if route.plans == ("declining",):
        return declining.declining(research.asked.scope)
    if research.asked.turn.kind == "about" and (lacking := federal.not_covered(research)).callouts:
        return Part(short=(Section("", tuple(c.sentence for c in lacking.callouts)),), answered=False) + lacking
    if route.plans == ("sources",):
        return sources.sources(research)
    premise = _premise(research)
    brief = _brief(found, premise, research.asked.wants, settings)
    if "emissions" in research.asked.kinds and research.asked.built and (not brief or brief.brief.gives_way):
        brief = FoundBrief(briefs()["epa-age"], 1.0, 1.0)  # the age that the emissions rule counts
    if research.asked.scope == "unsure" and not brief and research.nearest < settings.scope_gate:
        return declining.declining("elsewhere")
    part = Part(answered=False) if "lookup" in route.plans else lookup.not_held(research)
    part += lookup.misplaced(research)
    part += federal.corrected(premise[1]) if premise else Part(answered=False)
    plans = _settled(route, brief, research.asked)
    for n, plan in enumerate(plans):
        one = _part(plan, replace(research, brief=brief, leads=n == 0, corrected=premise is not None), settings)
        if plan == "importing" and "place" in plans:  # the state's answer does not wait for the build date
            one = replace(one, missing=())
        if plan == "age" and plans[0] == "federal" and "importing" not in research.asked.wants:
            one = replace(one, missing=())  # the age is beside the point there
        part += one
    if "pinpoint" in research.asked.wants:
        part += pinpoint.pinpoints(research, part)
    part += quoted.papers(research)
    if "lookup" not in route.plans:
        part += federal.not_covered(research)
    if not part.answered and not part.short:
        return declining.declining("nothing") + part
    return part


def _settled(route: Route, brief: FoundBrief | None, asked: Understood) -> tuple[str, ...]:
    """The plans, with a brief that is about something else than the age of a vehicle before the import plan."""
    plans, wants = route.plans, asked.wants
    emissions = "emissions" in asked.kinds or any_of("intent", "epa").search(asked.words)
    other_clock = emissions or (brief and brief.brief.computes in OTHER_CLOCKS)
    age_note = brief is not None and brief.brief.gives_way and plans[0] in ("federal", "which_state")
    if asked.built and "safety_age" in wants and not other_clock and (plans[0] == "importing" or age_note):
        return ("importing",)  # whether this vehicle is old enough for the safety rule: the calendar says
    own = brief and (not brief.brief.gives_way or (brief.reply and not (asked.built or "age" in asked.figures)))
    if own and plans[0] == "importing" and "place" not in plans:
        plans = ("federal", "age")
    federal_note = brief and brief.brief.id != GENERAL and ("plates" not in wants or brief.score >= FITTING)
    if plans[0] == "which_state" and brief and (brief.reply or federal_note):  # a subject of its own, in every state
        plans = ("federal",)
    if brief and brief.brief.computes in OTHER_CLOCKS and plans[0] == "federal":  # asks for that clock alone
        plans = tuple(p for p in plans if p != "age")
    return plans


def _part(plan: str, research: Research, settings: Settings) -> Part:
    asked = research.asked
    match plan:
        case "lookup":
            return lookup.lookup(research)
        case "survey":
            return several.survey(research)
        case "comparison":
            return several.comparison(research, asked.places)
        case "place":
            return places.place(research, asked.places[0])
        case "importing":
            return importing.importing(research)
        case "age":
            return importing.age(research)
        case "which_state":
            return _which_state(research)
    return federal.federal(research, settings.gate)


def _which_state(research: Research) -> Part:
    """The part that holds for every state, and the question which one it is."""
    general = FoundBrief(briefs()[GENERAL], 1.0, 1.0)
    lead = federal.from_brief(research, research.brief or general) if research.leads else Part()
    return lead + Part(missing=("state",))


def _brief(
    found: FoundBrief | None, premise: tuple[Brief, Premise] | None, wants: frozenset[str], settings: Settings
) -> FoundBrief | None:
    """The brief whose premise the question takes for true, else the nearest one, else that of its intent."""
    if premise:
        return FoundBrief(premise[0], 1.0, 1.0)
    if found and found.score >= settings.brief_gate:
        return found
    by_intent = next((b for b in briefs().values() if b.intent in wants), None)
    return FoundBrief(by_intent, 1.0, 1.0) if by_intent else None


def _premise(research: Research) -> tuple[Brief, Premise] | None:
    """The first premise of a brief that the question takes for true."""
    for brief in briefs().values():
        for premise in brief.premises:
            if any(phrase_in(pattern, research.asked.words) for pattern in premise.patterns):
                return brief, premise
    return None


def questions_back(part: Part, already: tuple[str, ...]) -> tuple[Sentence, ...]:
    """What to ask the client, for each missing slot that was not asked before in this conversation."""
    texts = {"state": STATE, "built": BUILT, "month": MONTH}
    return tuple(texts[slot] for slot in part.missing if slot not in already)
