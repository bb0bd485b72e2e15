"""Federal questions: a prepared brief when one fits, else what retrieval found above the gate."""

from __future__ import annotations

from dataclasses import replace

from assistant import eligibility
from assistant.briefs import Brief, FoundBrief, Premise
from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.plans import quoted
from assistant.prepared import decides
from assistant.retrieve import Hit
from assistant.scope import silent
from assistant.vocabulary import any_of, vocabulary
from corpus.law import Authority, Status

# Statements after the lead must reach this share of the best score.
NEAR = 0.6
MOST, MOST_RULES = 5, 3
# What is computed from the client's own dates and measures decides before any prepared reply.
OWN_FIGURES = ("low_speed", "tariff")
# A brief this near to a question on which the book is silent is at least on its subject.
OF_SUBJECT = 0.6
# By how much a single statement must be nearer to the question than the brief to lead.
NEARER = 0.06
_LEANING = ("It ", "Its ", "They ", "Little ", "That ", "These ", "Such ")
UNPREPARED = (
    "I have no prepared answer to that; this is what the book holds nearest to it, so check that it fits your case."
)


def federal(research: Research, gate: float) -> Part:
    """The chosen brief, with its computation when it names one; without a brief what retrieval found."""
    if (lacking := unheld(research)) and not (research.brief and research.brief.reply):
        near = research.brief and research.brief.similarity >= OF_SUBJECT
        return lacking + (from_brief(research, research.brief) if near and research.brief else Part(answered=False))
    if research.brief is None:
        return general(research, gate)
    prepared = from_brief(research, research.brief)
    computed = _computed(research, research.brief.brief)
    if not computed:
        return prepared
    reply = research.brief.reply
    if reply and decides(reply) and research.brief.brief.computes in OWN_FIGURES:
        # Computed from the client's own figures; a prepared yes or no beside it could only contradict.
        prepared = from_brief(research, replace(research.brief, reply=None))
    elif reply and decides(reply):
        # The very question was prepared; the sum or the date follows.
        first, *more = (s for section in prepared.short for s in section.sentences)
        return replace(prepared, short=(Section("Federal law", (first, *computed, *more)),))
    if research.brief.brief.computes == "exemption":  # says all of the short answer with the client's own number
        return replace(prepared, short=(Section("Federal law", computed),))
    return Part(short=(Section("Federal law", computed),)) + prepared


def _computed(research: Research, brief: Brief) -> tuple[Sentence, ...]:
    """What the brief's computation says of the figures and dates in the question; empty when they are missing."""
    figures, words = research.asked.figures, research.asked.words
    match brief.computes:
        case "exemption" if "vehicles" in figures:
            total = any_of("intent", "production").search(words)
            return eligibility.exemption(figures["vehicles"], production=bool(total))
        case "low_speed":
            return eligibility.low_speed(figures)
        case "emissions" | "tariff" if research.asked.built:
            clock = next(c for c in eligibility.clocks() if c.name == brief.computes)
            reading = eligibility.read(clock, research.asked.built)
            reply = research.brief.reply if research.brief else None
            owes = "owes" in research.asked.wants
            replied = reply and decides(reply) and brief.computes not in OWN_FIGURES
            if replied or (owes and brief.computes == "emissions"):
                # The reply has said yes or no to the very question; or it is about papers, and not about the age.
                return (eligibility.sentence(reading, research.asked.as_of),)
            return (eligibility.answer(reading, research.asked.as_of, owes=owes),)
        case "penalty" | "bond" | "duty":
            return eligibility.amount(brief.computes, figures)
    return ()


def from_brief(research: Research, found: FoundBrief) -> Part:
    """The brief's short answer and rules. A statement nearer to the question than the brief comes before them."""
    brief = found.brief
    reply = (Sentence.of(found.reply.says),) if found.reply and research.live(found.reply.says.rests_on) else ()
    more = tuple(Sentence.of(one) for one in brief.short if research.live(one.rests_on))
    short = (*reply, *_adding(research, more, reply)) if reply else (*more[:2], *_bearing(research, more[2:]))
    held = (i for i in brief.rules if research.live((i,)) and research.bears((i,)))
    rules = tuple(Sentence.quoting(research.statement(i)) for i in held)[:MOST_RULES]
    fresh = [h for h in research.hits if h.statement.id not in brief.statements and _usable(h) and _weighs(h)]
    nearer = [h for h in fresh[:3] if _leads(h, found.similarity + NEARER)][:1]
    close = [h for h in fresh if h.score >= 0.85 and h not in nearer][:1]
    lead = tuple(Sentence.quoting(h.statement) for h in nearer)
    extra = tuple(Sentence.quoting(h.statement) for h in close if h.statement.place == "US")
    if short and short[0].text.startswith(_LEANING):  # "It ..." would lean on the wrong sentence
        short, lead = (*short, *lead), ()
    return Part(
        short=(Section("Federal law", (*lead, *short)),),
        rules=(Section("Federal law", (*rules, *extra)),) if rules or extra else (),
        follow_ups=brief.follow_ups,
    )


def _bearing(research: Research, sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The sentences that bear on the question, and those that lean on one that does."""
    kept: list[Sentence] = []
    for one in sentences:
        leans = one.text.startswith(_LEANING) and bool(kept) and kept[-1] is sentences[sentences.index(one) - 1]
        if leans or (research.bears(one.rests_on) and not one.text.startswith(_LEANING)):
            kept.append(one)
    return tuple(kept)


def _adding(research: Research, more: tuple[Sentence, ...], reply: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The sentences of a brief that add to a direct reply: that bear on the question and rest on something else; two
    at most."""
    rested = {i for one in reply for i in one.rests_on}
    return tuple(one for one in _bearing(research, more) if not set(one.rests_on) <= rested)[:2]


def corrected(premise: Premise) -> Part:
    """The correction of a mistaken belief, as the first sentence and as a note."""
    sentence = Sentence.of(premise.says)
    return Part(short=(Section("Federal law", (sentence,)),), callouts=(Callout("premise", sentence),))


def not_covered(research: Research) -> Part:
    """Notes on what the question names and the book does not cover: other vehicles, territories, other matters."""
    words, texts = research.asked.words, []
    if vehicle := any_of("domain", "other").search(words):
        texts.append(f"The book is about Kei trucks; class, duty and state rules for a {vehicle[0]} can differ.")
    if territory := any_of("scope", "territory").search(words):
        texts.append(f"The book holds nothing on {territory[0]}: it covers the fifty states and D.C.")
    texts += [
        f"The book holds nothing on {name}."
        for name in vocabulary()["uncovered"]
        if any_of("uncovered", name).search(words)
    ]
    return Part(callouts=tuple(Callout("scope", Sentence(text)) for text in texts), answered=False)


def unheld(research: Research) -> Part | None:
    """Plainly that the book is silent on what is asked, before anything else; None where it is not."""
    names = silent(research.asked.words)
    lead = Sentence(f"The book holds nothing on {' or '.join(names)}.")
    return Part(short=(Section("Federal law", (lead,)),), answered=False) if names else None


def general(research: Research, gate: float) -> Part:
    """The best statements that retrieval found; nothing when the best is below the gate."""
    usable = [h for h in research.hits if _usable(h)]
    near = [h for h in usable if h.score >= NEAR * usable[0].score][: MOST + 1]
    lead = next((h for h in near if h.statement.confidence.decides and _weighs(h)), None)
    if lead is None or max(h.similarity for h in usable) < gate:
        return quoted.quoted(research)
    rest = [h for h in near if h is not lead]
    sections: dict[str, list[Sentence]] = {}
    for hit in sorted(rest, key=lambda h: h.statement.authority.rank):
        heading = research.place_name(hit.statement.place)
        sections.setdefault(heading, []).append(Sentence.quoting(hit.statement))
    rules = tuple(Section(heading, tuple(held)) for heading, held in sections.items())
    heading = research.place_name(lead.statement.place)
    if research.official:
        return quoted.quoted(research) + Part(rules=(Section(heading, (Sentence.quoting(lead.statement),)), *rules))
    return Part(short=(Section(heading, (Sentence(UNPREPARED), Sentence.quoting(lead.statement))),), rules=rules)


def _leads(hit: Hit, similarity: float) -> bool:
    """Whether a single statement is near enough to come before a brief; a cited one is, but says nothing of that."""
    return hit.found_by == "meaning" and hit.similarity >= similarity and hit.statement.confidence.decides


def _weighs(hit: Hit) -> bool:
    """Official sources only; an alert or an overview adds nothing to a prepared brief."""
    return hit.statement.authority.rank <= Authority.POLICY.rank


def _usable(hit: Hit) -> bool:
    return hit.statement.status in (Status.IN_FORCE, Status.PENDING, Status.PROPOSED) and hit.found_by != "related"
