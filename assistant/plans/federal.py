"""Federal questions: a prepared brief when one fits, else what retrieval found above the gate."""

from __future__ import annotations

from assistant import eligibility
from assistant.briefs import Brief, Premise
from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.retrieve import Hit
from corpus.law import Authority, Status

# Statements after the lead must reach this share of the best score.
NEAR = 0.6
MOST = 5


def from_brief(research: Research, brief: Brief) -> Part:
    """The brief's short answer and rules; the hits that it does not hold but the question is about follow."""
    short = tuple(Sentence.of(one) for one in brief.short if research.live(one.rests_on))
    rules = tuple(Sentence.quoting(research.statement(i)) for i in brief.rules if research.live((i,)))
    held = {*brief.rules, *(i for one in brief.short for i in one.rests_on)}
    close = [h for h in research.hits if h.statement.id not in held and h.score >= 0.85 and _usable(h) and _weighs(h)]
    extra = tuple(Sentence.quoting(h.statement) for h in close[:1] if h.statement.place == "US")
    return Part(
        short=(Section("Federal law", short),),
        rules=(Section("Federal law", (*rules, *extra)),) if rules or extra else (),
        follow_ups=brief.follow_ups,
    )


def corrected(premise: Premise) -> Part:
    """The correction of a mistaken belief, as the first sentence and as a note."""
    sentence = Sentence.of(premise.says)
    return Part(short=(Section("Federal law", (sentence,)),), callouts=(Callout("premise", sentence),))


def volume(research: Research) -> tuple[Section, ...]:
    """What a wished number of vehicles a year means for a temporary exemption (computed); empty without a number."""
    vehicles = research.asked.figures.get("vehicles")
    return (Section("Federal law", eligibility.exemption(vehicles)),) if vehicles else ()


def general(research: Research, gate: float) -> Part:
    """The best statements that retrieval found; nothing when the best is below the gate."""
    usable = [h for h in research.hits if _usable(h)]
    if not usable or max(h.similarity for h in usable) < gate:
        return Part(answered=False)
    near = [h for h in usable if h.score >= NEAR * usable[0].score][: MOST + 1]
    lead = next((h for h in near[:3] if h.statement.confidence.decides), near[0])
    rest = [h for h in near if h is not lead]
    sections: dict[str, list[Sentence]] = {}
    for hit in sorted(rest, key=lambda h: h.statement.authority.rank):
        heading = research.place_name(hit.statement.place)
        sections.setdefault(heading, []).append(Sentence.quoting(hit.statement))
    return Part(
        short=(Section(research.place_name(lead.statement.place), (Sentence.quoting(lead.statement),)),),
        rules=tuple(Section(heading, tuple(held)) for heading, held in sections.items()),
    )


def _weighs(hit: Hit) -> bool:
    """Official sources only; an alert or an overview adds nothing to a prepared brief."""
    return hit.statement.authority.rank <= Authority.POLICY.rank


def _usable(hit: Hit) -> bool:
    return hit.statement.status in (Status.IN_FORCE, Status.PENDING, Status.PROPOSED) and hit.found_by != "related"
