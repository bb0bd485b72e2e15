"""A place's answers to the two standing questions: has it an age rule of its own, and does it limit the roads?"""

from __future__ import annotations

import re

from assistant.memo import Research, Sentence
from assistant.vocabulary import any_of
from corpus.verdicts import ConditionKind, Finding, Place, Registration, Says, Verdict

STANDING = (ConditionKind.AGE, ConditionKind.ROADS)
# What a finding opens with. A "no" says what the book knows, so it stands alone and the cited text follows.
OPENS = {
    (ConditionKind.AGE, Says.YES): "Yes, there is an age rule: ",
    (ConditionKind.AGE, Says.NO): "No, the book knows of no age rule of {place}'s own.",
    (ConditionKind.ROADS, Says.YES): "Yes, the roads are limited: ",
    (ConditionKind.ROADS, Says.NO): "No, the book knows of no limit on roads in {place}.",
}
OTHERWISE = {Says.DEPENDS: "It depends: ", Says.UNCLEAR: "Unclear: "}
# To someone who asks for leave ("can I drive it anywhere?") a limit answers the other way round.
NOT_EVERY_ROAD = "Not on every road: "
NO_INTERSTATE = "No, not on interstate highways: "
_KEPT_OFF = re.compile(
    r"\b(?:not|no|except\w*|barred|bars|off|other than|exclud\w+|prohibit\w*)\b[^.;]{0,60}\binterstate", re.I
)


def asked(research: Research, verdict: Verdict) -> tuple[Finding, ...]:
    """The findings of a verdict that the question asks for. Where no plates are given, "may I drive it there?" is
    answered by the verdict itself; so is "will they plate it for the road?" everywhere."""
    kinds = {kind for kind in STANDING if kind.value in research.asked.kinds}
    wants = research.asked.wants
    named = any_of("roads", "named").search(research.asked.words)
    shut = verdict.registration is Registration.PROHIBITED or ("plates" in wants and not named)
    if shut and not _asks_limit(research.asked.words):
        kinds -= {ConditionKind.ROADS}
    held = tuple(f for kind in STANDING if kind in kinds and (f := verdict.finding(kind)))
    # "No limit is known" would sound like a refusal to "may I drive it there?"; the verdict says yes better.
    limits = _asks_limit(research.asked.words)
    return tuple(f for f in held if limits or f.kind is not ConditionKind.ROADS or f.says is not Says.NO)


def told(research: Research, place: Place, verdict: Verdict, finding: Finding) -> tuple[Sentence, ...]:
    """A finding in one or two sentences that open with its answer."""
    opening = _opening(research.asked.words, finding).format(place=place.name)
    if opening.endswith("."):
        return (Sentence(opening), Sentence(f"{finding.text[0].upper()}{finding.text[1:]}", finding.rests_on))
    return (Sentence(f"{opening}{finding.text}", finding.rests_on),)


def _opening(words: str, finding: Finding) -> str:
    if finding.kind is ConditionKind.ROADS and finding.says is Says.YES and not _asks_limit(words):
        interstates = any_of("roads", "interstate").search(words) and _KEPT_OFF.search(finding.text)
        return NO_INTERSTATE if interstates else NOT_EVERY_ROAD
    return OPENS.get((finding.kind, finding.says)) or OTHERWISE[finding.says]


def _asks_limit(words: str) -> bool:
    """Whether the question is "is there a limit?" and not "may I drive there?"."""
    return bool(any_of("roads", "limit").search(words))
