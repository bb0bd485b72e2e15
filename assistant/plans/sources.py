"""What the last answer rests on ("why?", "show me the statute"): its provisions, the highest authority first."""

from __future__ import annotations

from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.plans import quoted
from assistant.vocabulary import any_of
from corpus.law import Statement

MOST = 5
LEAD = Sentence("The last answer rests on these provisions; each number opens its source and the official link.")
OURS = Callout("scope", Sentence(quoted.OUR_WORDS))


def sources(research: Research) -> Part:
    """The statements of the last answer, word for word, and the official words that are on this machine."""
    before = research.asked.ask.context
    cited = before.cited if before else ()
    places = {"US", *research.asked.places}
    told = [research.library.statement(i) for i in cited if i in research.library.statements]
    held = [s for s in told if s.place in places]
    ranked = sorted(dict.fromkeys(held), key=lambda s: (not s.confidence.decides, s.authority.rank))[:MOST]
    if not ranked:
        return Part(answered=False)
    official = {s.coordinate: s for s in research.official}
    words = tuple(quoted.says(official[s.coordinate]) for s in _first_of_each(ranked) if s.coordinate in official)
    rules = (Section("Official words", words),) if words else ()
    callouts = () if words or not any_of("followup", "source").search(research.asked.turn.said) else (OURS,)
    return Part(short=(Section("", (LEAD, *map(Sentence.quoting, ranked))),), rules=rules, callouts=callouts)


def _first_of_each(statements: list[Statement]) -> list[Statement]:
    """One statement a coordinate."""
    return list({s.coordinate: s for s in reversed(statements)}.values())[::-1]
