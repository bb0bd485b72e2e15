"""Several places at once: a comparison of a few by what was asked, and the survey of all."""

from __future__ import annotations

from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.plans import beside, measured, places
from assistant.vocabulary import any_of
from corpus.verdicts import ConditionKind, Place, Registration, Verdict

STANDING = {
    Registration.ROAD_LEGAL: "ordinary road registration",
    Registration.ANTIQUE_ONLY: "antique or historic registration only",
    Registration.RESTRICTED: "registration with limits on roads or use",
    Registration.LOCAL_ONLY: "off-road or local use only",
    Registration.PROHIBITED: "no road registration",
    Registration.UNCLEAR: "no settled answer",
}


def comparison(research: Research, codes: tuple[str, ...]) -> Part:
    """For each state what was asked, else its verdict, in the order in which they were named."""
    dated = (research.library.places[code].verdict(research.asked.as_of) for code in codes)
    alike = measured.agree(research, tuple(v for v in dated if v))
    total = Part(short=(Section("", alike),)) if alike else Part()
    for code in codes:
        held = research.library.places[code]
        verdict = held.verdict(research.asked.as_of)
        if verdict is None:
            total += places.no_verdict(research, held)
            continue
        told = places.answered(research, held, verdict)
        lead, *more = places.headline(research, held, verdict, leads=told.headline_leads)
        asked = (*told.figures, *told.first)
        conditions = places.usual(verdict)[:2] if told.headline_leads else told.unsure
        body = (lead, *asked[:1]) if told.headline_leads else (*asked[:2], lead)
        total += Part(
            short=(Section(held.name, (*places.unknown_since(research, held, verdict), *body)),),
            rules=(Section(held.name, (*more, *asked, *map(Sentence.of, conditions))),),
            callouts=(*beside.conflicts(research, held)[:1], *beside.doubts(verdict)[:1]),
        )
    return total


def survey(research: Research) -> Part:
    """Every place by what its verdict allows on the date of the question, each resting on its own headline."""
    groups: dict[Registration, list[tuple[Place, Verdict]]] = {}
    for held in sorted(research.library.places.values(), key=lambda p: p.name):
        if verdict := held.verdict(research.asked.as_of):
            groups.setdefault(verdict.registration, []).append((held, verdict))
    order = sorted((r for r in Registration if r in groups), key=lambda r: not _meant(r, research.asked.words))
    counts = "; ".join(f"{STANDING[r]}: {len(groups[r])}" for r in order)
    total = sum(len(held) for held in groups.values())
    lead = Sentence(
        f"By the book's own reading for {research.asked.as_of.isoformat()}, of {total} jurisdictions: {counts}. "
        "These are our classifications; ask about a place for its conditions and doubts."
    )
    sections = tuple(
        Section(
            f"{STANDING[r][0].upper()}{STANDING[r][1:]} ({len(groups[r])})",
            tuple(Sentence(_line(p, v), v.headline[0].rests_on[:1], listed=True) for p, v in groups[r]),
        )
        for r in order
    )
    doubt = Sentence("Counts in the press differ because they use different tests and dates.")
    asked = [places.KINDS[ConditionKind(k)] for k in research.asked.kinds if ConditionKind(k) in places.KINDS]
    scope = Sentence(f"This list is by registration only; the book cannot sort the states by {' or '.join(asked)}.")
    early = research.asked.as_of < min(v.checked for held in groups.values() for _, v in held) - places.RECENT
    since = Sentence("Most of these positions have no known start date, so an earlier day may have been different.")
    return Part(
        short=(Section("", (*([scope] if asked else []), *([since] if early else []), lead)),),
        rules=sections,
        callouts=(Callout("unconfirmed", doubt),),
        follow_ups=(
            "Compare North Carolina and Virginia for a kei truck",
            "Which roads may a kei truck use in Florida?",
        ),
    )


def _meant(registration: Registration, words: str) -> bool:
    """Whether the question asks for this group of places."""
    asked = any_of("survey", registration.value)
    return bool(asked.search(words))


def _line(held: Place, verdict: Verdict) -> str:
    doubt = "" if verdict.confidence.decides else " (position not confirmed)"
    return f"{held.name}{doubt}"
