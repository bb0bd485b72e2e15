"""What a state says: its dated verdict, the conditions that were asked about, its conflicts and doubts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace

from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.vocabulary import any_of
from corpus.law import Condition, ConditionKind, Conflict, Place, Registration, Statement, Status, Verdict

# What a client needs first when nothing in particular was asked.
USUAL = ("roads", "age", "use", "size", "equipment", "coming", "exception", "inspection", "insurance", "paperwork")
MOST_CONDITIONS = 5

STANDING = {
    Registration.ROAD_LEGAL: "ordinary road registration",
    Registration.ANTIQUE_ONLY: "antique or historic registration only",
    Registration.RESTRICTED: "registration with limits on roads or use",
    Registration.LOCAL_ONLY: "off-road or local use only",
    Registration.PROHIBITED: "no road registration",
    Registration.UNCLEAR: "no settled answer",
}
KINDS = {
    ConditionKind.ROADS: "the roads such a truck may use",
    ConditionKind.AGE: "an age rule",
    ConditionKind.SIZE: "a size or engine limit",
    ConditionKind.EQUIPMENT: "required equipment",
    ConditionKind.PAPERWORK: "the papers that are wanted",
    ConditionKind.INSURANCE: "insurance",
    ConditionKind.INSPECTION: "inspection",
    ConditionKind.EMISSIONS: "emissions tests",
    ConditionKind.FEE: "fees",
    ConditionKind.LICENCE: "a driver's license",
    ConditionKind.LOCAL: "local rules",
}
TOPICS = {
    ConditionKind.ROADS: ("road-limit", "interstate-highways"),
    ConditionKind.AGE: ("age-rule",),
    ConditionKind.SIZE: ("size-limit", "definition"),
    ConditionKind.EQUIPMENT: ("equipment",),
    ConditionKind.PAPERWORK: ("paperwork", "title"),
    ConditionKind.INSURANCE: ("insurance",),
    ConditionKind.INSPECTION: ("inspection",),
    ConditionKind.EMISSIONS: ("emissions",),
    ConditionKind.FEE: ("fee",),
    ConditionKind.LICENCE: ("driver-licence",),
    ConditionKind.LOCAL: ("local-ordinance",),
}
# A sentence that opens so leans on one before it, and cannot lead.
_DANGLING = re.compile(r"(?:The same|That class|Such|It|They|The class|A vehicle of that class)\b")
# A condition, or a single statement, this near to the question is what was asked about.
NEAR = 0.68
# A verdict without a start date speaks for a day no longer before its check than this.
RECENT = dt.timedelta(days=120)


def place(research: Research, code: str) -> Part:
    """The answer for one state on the date of the question."""
    held = research.library.places[code]
    verdict = held.verdict(research.asked.as_of)
    if verdict is None:
        return _no_verdict(research, held)
    asked_for, unanswered = _asked_for(research, verdict), _unanswered(research, held, verdict)
    sure = tuple(c for c in asked_for if any(research.statement(i).confidence.decides for i in c.rests_on))
    unsure = tuple(c for c in asked_for if c not in sure)
    if unsure and not sure:
        unanswered = _unconfirmed(held, unsure)
    general = [Sentence.of(one) for one in verdict.headline]
    since = _unknown_since(research, held, verdict)
    if since:  # nor is today's "Yes" one for an earlier day
        general[0] = _labelled("When it was checked", general[0])
    elif asked_for or unanswered:  # a "Yes" to registration is no yes to what was asked
        general[0] = _labelled("Registration in general", general[0])
    leading = [Sentence.of(c) for c in sure]
    alone = [one for one in leading if not _DANGLING.match(one.text)]
    short = [*since, *unanswered, *alone, *general, *(one for one in leading if one not in alone)][:4]
    conditions = _rest(research, verdict, asked_for) if asked_for else _usual(verdict)
    extra = _further(research, code, (*asked_for, *verdict.headline, *conditions))
    said = (Sentence.of(one) for one in (*unsure, *conditions))
    rules = (*said, *(one for one in general if one not in short), *extra)
    return Part(
        short=(Section(held.name, tuple(short)),),
        rules=(Section(held.name, rules),) if rules else (),
        callouts=(*_conflicts(research, held), *_pending(research, held), *_later(research, held), *_doubts(verdict)),
        follow_ups=_follow_ups(research, held),
    )


def _labelled(label: str, headline: Sentence) -> Sentence:
    """The headline as the answer to another question than the one that was asked."""
    text = headline.text
    plain = re.match(r"(?:Yes|No|Not|Only|Unclear|In practice)\b", text)
    return replace(headline, text=f"{label}: {text[0].lower() if plain else text[0]}{text[1:]}")


def _unknown_since(research: Research, held: Place, verdict: Verdict) -> tuple[Sentence, ...]:
    """For an earlier day: since when the position has held is unknown, so it may not have been the law then."""
    day = research.asked.as_of
    if verdict.effective.from_ or day >= verdict.checked - RECENT:
        return ()
    text = (
        f"The book does not know since when this has been the position in {held.name}: it was checked on "
        f"{verdict.checked.isoformat()} and may have been different on {day.isoformat()}."
    )
    return (Sentence(text),)


def _asked_for(research: Research, verdict: Verdict) -> tuple[Condition, ...]:
    """The conditions that were asked about, by kind or by nearness, the best supported first; two at most."""
    near = {h.statement.id for h in research.hits if h.similarity >= NEAR and h.found_by == "meaning"}
    wanted = [c for c in verdict.conditions if c.kind.value in research.asked.kinds or near & set(c.rests_on)]
    ranked = sorted(wanted, key=lambda c: -max((research.scores.get(i, 0.0) for i in c.rests_on), default=0.0))
    return tuple(ranked[:2])


def _rest(research: Research, verdict: Verdict, said: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The other conditions of the kinds that were asked about, for the rules below the short answer."""
    kinds = {c.kind for c in said} | {c.kind for c in verdict.conditions if c.kind.value in research.asked.kinds}
    return tuple(c for c in verdict.conditions if c.kind in kinds and c not in said)[:MOST_CONDITIONS]


def _unanswered(research: Research, held: Place, verdict: Verdict) -> tuple[Sentence, ...]:
    """What was asked about when no condition is of that kind: the statements on it, or plainly that there are none."""
    have = {c.kind for c in verdict.conditions}
    asked = [kind for kind in KINDS if kind.value in research.asked.kinds]
    if not asked or have & set(asked):
        return ()
    topics = {topic for kind in asked for topic in TOPICS.get(kind, ())}
    spoken = [s for p in held.provisions for s in p.statements if topics & set(s.topics) and _speaks(s)]
    live = [s for s in spoken if s.effective.covers(research.asked.as_of) and s.confidence.decides]
    if live:
        best = sorted(live, key=lambda s: -research.scores.get(s.id, 0.0))[:2]
        return tuple(Sentence.quoting(s) for s in best)
    words = " or ".join(KINDS[kind] for kind in asked)
    if spoken or _later(research, held):
        return (Sentence(f"For that day the book holds nothing confirmed on {words} in {held.name}."),)
    return (Sentence(f"The book holds nothing on {words} in {held.name}."),)


def _later(research: Research, held: Place) -> tuple[Callout, ...]:
    """What a verdict that starts later says on what was asked, named as not yet in force."""
    found = []
    for verdict in held.verdicts:
        start = verdict.effective.from_
        if start and start > research.asked.as_of:
            for c in verdict.conditions:
                if c.kind.value in research.asked.kinds:
                    given = frozenset(
                        {str(start.year), str(start.month), str(start.day), *start.isoformat().split("-")}
                    )
                    text = f"Not yet in force, from {start.isoformat()}: {c.text}"
                    found.append(Callout("pending", Sentence(text, c.rests_on, given)))
    return tuple(found[:2])


def _unconfirmed(held: Place, unsure: tuple[Condition, ...]) -> tuple[Sentence, ...]:
    """What was asked about and only doubtful sources speak of: said first, the sources follow below."""
    words = dict.fromkeys(KINDS.get(c.kind, "that") for c in unsure)
    return (
        Sentence(f"What the book holds on {' and '.join(words)} in {held.name} is not confirmed; it is listed below."),
    )


def _usual(verdict: Verdict) -> tuple[Condition, ...]:
    kinds = {kind: n for n, kind in enumerate(USUAL)}
    named = [c for c in verdict.conditions if c.kind.value in kinds]
    return tuple(sorted(named, key=lambda c: kinds[c.kind.value])[:MOST_CONDITIONS])


def _further(research: Research, code: str, said: Iterable[object]) -> tuple[Sentence, ...]:
    """Statements of this state that answer the very question and stand in nothing said so far; two at most."""
    rested = {i for one in said for i in getattr(one, "rests_on", ())}
    near = [
        h.statement
        for h in research.hits
        if h.statement.place == code and h.statement.id not in rested and h.score >= 0.75 and _speaks(h.statement)
    ]
    return tuple(Sentence.quoting(s) for s in near[:2])


def _speaks(statement: Statement) -> bool:
    return statement.status in (Status.IN_FORCE, Status.PENDING, Status.PROPOSED)


def _conflicts(research: Research, held: Place) -> tuple[Callout, ...]:
    """Conflicts that rest on the book, each side named with who says it."""
    shown = [c for c in held.conflicts if c.rests_on and research.live(c.rests_on)]
    return tuple(Callout("conflict", Sentence(c.text, c.rests_on, attributed=_sides(c))) for c in shown[:2])


def _sides(conflict: Conflict) -> str:
    """Who says what, in one sentence."""
    return "; ".join(f"“{side.says.rstrip('.')}” ({side.citation})" for side in conflict.sides) + "."


def _pending(research: Research, held: Place) -> tuple[Callout, ...]:
    """Bills that are still alive: named as such, never as law."""
    bills = [s for p in held.provisions for s in p.statements if s.status in (Status.PENDING, Status.PROPOSED)]
    live = [s for s in bills if s.effective.covers(research.asked.as_of)]
    return tuple(Callout("pending", Sentence(f"Pending: {s.text}", (s.id,))) for s in live[:1])


def _doubts(verdict: Verdict) -> tuple[Callout, ...]:
    return tuple(Callout("unconfirmed", Sentence(text)) for text in verdict.unconfirmed[:2])


def _follow_ups(research: Research, held: Place) -> tuple[str, ...]:
    asked = {
        "roads": f"Which roads may a kei truck use in {held.name}?",
        "paperwork": f"What papers does {held.name} want for a kei truck?",
        "inspection": f"Does {held.name} inspect imported kei trucks?",
        "size": f"How does {held.name} define a kei truck or mini-truck?",
        "coming": f"Is the law on kei trucks in {held.name} about to change?",
    }
    kinds = {c.kind.value for v in held.verdicts for c in v.conditions}
    return tuple(text for kind, text in asked.items() if kind in kinds and kind not in research.asked.kinds)[:2]


def _no_verdict(research: Research, held: Place) -> Part:
    day = research.asked.as_of
    text = f"The book holds no position of {held.name} for {day.isoformat()}, so I cannot say what held on that day."
    return Part(callouts=(Callout("stale", Sentence(text)),), answered=False)


def comparison(research: Research, codes: tuple[str, ...]) -> Part:
    """A verdict for each state, in the order in which they were named."""
    total = Part()
    for code in codes:
        held = research.library.places[code]
        verdict = held.verdict(research.asked.as_of)
        if verdict is None:
            total += _no_verdict(research, held)
            continue
        lead, *more = verdict.headline
        asked_for = _asked_for(research, verdict)
        conditions = asked_for or _usual(verdict)[:2]
        total += Part(
            short=(Section(held.name, (*_unknown_since(research, held, verdict), Sentence.of(lead))),),
            rules=(Section(held.name, tuple(map(Sentence.of, (*more, *conditions)))),),
            callouts=(*_conflicts(research, held)[:1], *_doubts(verdict)[:1]),
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
            tuple(Sentence(_line(p, v), v.headline[0].rests_on[:1]) for p, v in groups[r]),
        )
        for r in order
    )
    doubt = Sentence("Counts in the press differ because they use different tests and dates.")
    asked = [KINDS[ConditionKind(k)] for k in research.asked.kinds if ConditionKind(k) in KINDS]
    scope = Sentence(f"This list is by registration only; the book cannot sort the states by {' or '.join(asked)}.")
    early = research.asked.as_of < min(v.checked for held in groups.values() for _, v in held) - RECENT
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
