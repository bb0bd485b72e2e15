"""What a state says: its dated verdict, the conditions that were asked about, its conflicts and doubts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.plans import beside, findings, measured, quoted
from assistant.scope import silent
from assistant.vocabulary import any_of
from corpus.law import Statement, Status
from corpus.verdicts import Condition, ConditionKind, Place, Verdict

# What a client needs first when nothing in particular was asked.
USUAL = ("roads", "age", "use", "size", "equipment", "coming", "exception", "inspection", "insurance", "paperwork")
MOST_CONDITIONS = 5

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
NEAR, VERY_NEAR = 0.68, 0.76
# Kinds of conditions that a question with "registration" in it may be about alone, unless it asks for leave.
NARROW = frozenset({"fee", "insurance", "inspection", "emissions", "licence"})
_MAY = re.compile(r"\b(?:can|could|may|will|would|is it|are they|legal|allowed)\b", re.IGNORECASE)
# A verdict without a start date speaks for a day no longer before its check than this.
RECENT = dt.timedelta(days=120)


def place(research: Research, code: str) -> Part:
    """The answer for one state on the date of the question."""
    held = research.library.places[code]
    verdict = held.verdict(research.asked.as_of)
    if verdict is None:
        return no_verdict(research, held)
    told = answered(research, held, verdict)
    general = headline(research, held, verdict, leads=told.headline_leads and not research.corrected)
    body = (*general, *told.first) if told.headline_leads else (*told.first, *general)
    short = (*unknown_since(research, held, verdict), *told.figures, *body, *told.after)[:4]
    conditions = usual(verdict) if told.headline_leads else _rest(research, verdict, told.conditions)
    extra = _further(research, code, (*told.conditions, *verdict.headline, *conditions))
    said = (Sentence.of(one) for one in (*told.unsure, *conditions))
    rules = (*(one for one in said if research.bears(one.rests_on)), *extra)
    return Part(
        short=(Section(held.name, short),),
        rules=(*((Section(held.name, rules),) if rules else ()), *_official(research, code)),
        callouts=_callouts(research, held, verdict, told),
        follow_ups=_follow_ups(research, held),
    )


def _official(research: Research, code: str) -> tuple[Section, ...]:
    """The state's own words, where no reply to this very question was prepared."""
    return () if code in research.replies else quoted.beside(research, code)


def _callouts(research: Research, held: Place, verdict: Verdict, told: Answered) -> tuple[Callout, ...]:
    """Conflicts, bills and doubts: all of them beside the headline, else those that bear on the question."""
    about = (*beside.conflicts(research, held), *beside.pending(research, held))
    if not told.headline_leads:
        about = tuple(c for c in about if research.bears(c.sentence.rests_on))
    return (*about, *beside.later(research, held), *beside.doubts(verdict))


@dataclass(frozen=True)
class Answered:
    """What a verdict says on just what was asked: `figures` held against limits, `first` what comes beside the
    headline (before it, unless the headline is the answer), `after` what leans on it, and the conditions used; `unsure`
    are those that only doubtful sources speak of."""

    figures: tuple[Sentence, ...]
    first: tuple[Sentence, ...]
    after: tuple[Sentence, ...]
    conditions: tuple[Condition, ...]
    unsure: tuple[Condition, ...]
    headline_leads: bool


def answered(research: Research, held: Place, verdict: Verdict) -> Answered:
    """Figures held against limits, the standing findings, then the conditions that were asked about."""
    figures = measured.measured(research, verdict)
    found = findings.asked(research, verdict)
    standing = tuple(one for finding in found for one in findings.told(research, held, verdict, finding))
    covered = frozenset(ConditionKind(f.kind) for f in found)
    wanted = _asked_for(research, verdict, covered)
    sure = tuple(c for c in wanted if any(research.statement(i).confidence.decides for i in c.rests_on))
    unsure = tuple(c for c in wanted if c not in sure)
    rest = () if figures else _unanswered(research, held, verdict, covered)
    if unsure and not sure and not figures:
        rest = _unconfirmed(held, unsure)
    if names := _silent(research, held):
        rest = (Sentence(f"The book holds nothing on {' or '.join(names)} in {held.name}."), *rest)
    leading = [Sentence.of(c) for c in sure]
    alone = tuple(one for one in leading if not _DANGLING.match(one.text))
    near = tuple(one for one in alone if set(one.rests_on) & _very_near(research))
    found_reply = research.replies.get(held.code)
    direct = (Sentence.of(found_reply.reply.says),) if found_reply else ()
    several = len(research.asked.places) > 1
    leads = _asks_for_plates(research) and not names and (not direct or several)
    lacking = () if leads or direct else rest
    others = (*near, *standing, *(one for one in alone if one not in near))
    if direct:  # what rests on the same statements would only say it again
        rested = set(direct[0].rests_on)
        others = tuple(one for one in others if not set(one.rests_on) & rested)
    first = (*others, *direct) if leads else (*direct, *others, *lacking)
    after = tuple(one for one in leading if one not in alone)
    return Answered(figures, first, after, wanted, unsure, leads or not (figures or first))


def _silent(research: Research, held: Place) -> tuple[str, ...]:
    """What the question asks about and no statement of the place speaks of."""
    texts = [s.text for p in held.provisions for s in p.statements]
    names = silent(research.asked.words)
    return tuple(n for n in names if not any(any_of("silent", n).search(text) for text in texts))


def _asks_for_plates(research: Research) -> bool:
    """Whether the question is the one that the headline answers ("will they title it, for the road?"), and not one
    about an age rule or about certain roads."""
    words, kinds = research.asked.words, research.asked.kinds
    roads = "roads" in kinds and (any_of("roads", "limit").search(words) or any_of("roads", "named").search(words))
    wants = research.asked.wants
    antique = any_of("survey", "road_legal_antique_only").search(words) and not any_of("survey", "road_legal").search(
        words
    )
    narrow = NARROW & set(kinds) and not _MAY.search(words)
    other = wants & {"renewal", "authority", "pinpoint"} or antique or narrow
    return "plates" in wants and not other and "age" not in kinds and not roads


def headline(research: Research, held: Place, verdict: Verdict, *, leads: bool) -> tuple[Sentence, ...]:
    """The verdict's headline; as the answer to another question than the one asked, it is labelled so."""
    first, *more = (Sentence.of(one) for one in verdict.headline)
    if unknown_since(research, held, verdict):  # nor is today's "Yes" one for an earlier day
        return (_labelled("When it was checked", first), *more)
    label = "New registrations" if "renewal" in research.asked.wants else "Registration in general"
    return (first, *more) if leads else (_labelled(label, first), *more)


def _labelled(label: str, headline: Sentence) -> Sentence:
    """The headline as the answer to another question than the one that was asked."""
    text = headline.text
    plain = re.match(r"(?:Yes|No|Not|Only|Unclear|In practice)\b", text)
    return replace(headline, text=f"{label}: {text[0].lower() if plain else text[0]}{text[1:]}")


def unknown_since(research: Research, held: Place, verdict: Verdict) -> tuple[Sentence, ...]:
    """For an earlier day: since when the position has held is unknown, so it may not have been the law then."""
    day = research.asked.as_of
    found = research.replies.get(held.code)
    dated = found and (found.reply.effective.from_ or found.reply.effective.until)
    if dated or verdict.effective.from_ or verdict.effective.until or day >= verdict.checked - RECENT:
        return ()
    text = (
        f"The book does not know since when this has been the position in {held.name}: it was checked on "
        f"{verdict.checked.isoformat()} and may have been different on {day.isoformat()}."
    )
    return (Sentence(text),)


def _asked_for(
    research: Research, verdict: Verdict, covered: frozenset[ConditionKind] = frozenset()
) -> tuple[Condition, ...]:
    """The conditions that were asked about, by kind (unless a finding `covered` it) or by nearness, the best supported
    first; two at most."""
    near = _near(research, NEAR)
    kinds = {ConditionKind(k) for k in research.asked.kinds} - covered
    if "renewal" in research.asked.wants:
        kinds |= {ConditionKind.EXCEPTION}
    wanted = [c for c in verdict.conditions if c.kind in kinds or near & set(c.rests_on)]
    ranked = sorted(wanted, key=lambda c: -max((research.scores.get(i, 0.0) for i in c.rests_on), default=0.0))
    return tuple(ranked[:2])


def _near(research: Research, similarity: float) -> frozenset[str]:
    return frozenset(h.statement.id for h in research.hits if h.similarity >= similarity and h.found_by == "meaning")


def _very_near(research: Research) -> frozenset[str]:
    """The statements that answer the very question, so that they lead before a standing finding."""
    return _near(research, VERY_NEAR)


def _rest(research: Research, verdict: Verdict, said: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The other conditions of the kinds that were asked about, for the rules below the short answer."""
    kinds = {c.kind for c in said} | {c.kind for c in verdict.conditions if c.kind.value in research.asked.kinds}
    return tuple(c for c in verdict.conditions if c.kind in kinds and c not in said)[:MOST_CONDITIONS]


def _unanswered(
    research: Research, held: Place, verdict: Verdict, covered: frozenset[ConditionKind]
) -> tuple[Sentence, ...]:
    """What was asked about when nothing `covered` and no condition is of that kind: the statements on it, or plainly
    that there are none."""
    have = {c.kind for c in verdict.conditions}
    asked = [kind for kind in KINDS if kind.value in research.asked.kinds and kind not in covered]
    if not asked or have & set(asked):
        return ()
    topics = {topic for kind in asked for topic in TOPICS.get(kind, ())}
    spoken = [s for p in held.provisions for s in p.statements if topics & set(s.topics) and _speaks(s)]
    live = [s for s in spoken if s.effective.covers(research.asked.as_of) and s.confidence.decides]
    if live:
        best = sorted(live, key=lambda s: -research.scores.get(s.id, 0.0))[:2]
        return tuple(Sentence.quoting(s) for s in best)
    words = " or ".join(KINDS[kind] for kind in asked)
    if spoken or beside.later(research, held):
        return (Sentence(f"For that day the book holds nothing confirmed on {words} in {held.name}."),)
    return (Sentence(f"The book holds nothing on {words} in {held.name}."),)


def _unconfirmed(held: Place, unsure: tuple[Condition, ...]) -> tuple[Sentence, ...]:
    """What was asked about and only doubtful sources speak of: said first, the sources follow below."""
    words = dict.fromkeys(KINDS.get(c.kind, "that") for c in unsure)
    return (
        Sentence(f"What the book holds on {' and '.join(words)} in {held.name} is not confirmed; it is listed below."),
    )


def usual(verdict: Verdict) -> tuple[Condition, ...]:
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


def no_verdict(research: Research, held: Place) -> Part:
    day = research.asked.as_of
    text = f"The book holds no position of {held.name} for {day.isoformat()}, so I cannot say what held on that day."
    return Part(callouts=(Callout("stale", Sentence(text)),), answered=False)
