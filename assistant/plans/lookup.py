"""What a cited provision says, at or below the citation, on a date; or plainly that the book does not hold it."""

from __future__ import annotations

from assistant.memo import Callout, Part, Research, Section, Sentence
from assistant.plans import quoted
from assistant.verify import figures
from assistant.vocabulary import any_of
from corpus.law import Statement
from corpus.library import Lookup

MOST = 8


def lookup(research: Research) -> Part:
    """Every provision that the question cites, in its order."""
    total = Part(answered=False)
    if any_of("intent", "words").search(research.asked.words):
        total += Part(callouts=(Callout("scope", Sentence(quoted.OUR_WORDS)),), answered=False)
    for citation in research.asked.cited[:4]:
        total += _one(research, research.library.lookup(citation, as_of=research.asked.as_of))
    return total


def not_held(research: Research) -> Part:
    """For a question that cites in passing: the official words of what the book does not hold, or the lack."""
    found = [research.library.lookup(c, as_of=research.asked.as_of) for c in research.asked.cited]
    lacking = [one.citation for one in found if not one.found]
    official = tuple(s for c in lacking for s in research.official if s.coordinate == c.coordinate)
    shown = {s.coordinate for s in official}
    missing = [c.text for c in lacking if c.coordinate not in shown and not research.library.mentions(c)]
    told = Part(short=(Section("", tuple(quoted.says(s) for s in official)),)) if official else Part(answered=False)
    if not missing:
        return told
    are = "is" if len(missing) == 1 else "are"
    lead = Sentence(f"{' and '.join(missing)} {are} not in the book, so nothing is said of it here.")
    return told + Part(short=(Section("", (lead,)),), answered=False)


def misplaced(research: Research) -> Part:
    """For a document that belongs to another state than the question says: whose it is."""
    named = [p for p in research.asked.places if p not in {c.place for c in research.asked.cited}]
    for citation in research.asked.cited:
        held = research.library.at(citation.coordinate)
        if not named or not held or citation.place in ("US", *named):
            continue
        text = f"That is a {held[0].authority.value} of {research.place_name(citation.place)}: {citation.text}."
        lead = Sentence(text, (held[0].id,), figures(text), computed=True)
        return Part(short=(Section("", (lead, Sentence.quoting(held[0]))),))
    return Part(answered=False)


def _one(research: Research, found: Lookup) -> Part:
    cited = found.citation.text
    if found.statements:
        return _held(research, found)
    if found.other_dates:
        gone = tuple(Sentence.quoting(s) for s in found.other_dates[:MOST])
        lead = Sentence(f"The book holds {cited}, but not as law in force on {found.as_of.isoformat()}.")
        return Part(short=(Section("", (lead,)),), rules=(Section(f"{cited}, not in force on that day", gone),))
    if official := next((s for s in research.official if s.coordinate == found.citation.coordinate), None):
        ours = Sentence(f"{cited} is not in the book in our own words.")
        return Part(short=(Section("", (ours, quoted.says(official))),))
    lead = Sentence(f"{cited} is not in the book, so I will not guess what it says.")
    if not found.above:
        return Part(short=(Section("", (lead,)),), answered=False)
    near = tuple(Sentence.quoting(s) for s in found.above[:3])
    note = Callout("scope", Sentence(f"What follows is the provision above {cited}, not the one you asked for."))
    return Part(short=(Section("", (lead,)),), rules=(Section(found.above[0].citation, near),), callouts=(note,))


def _held(research: Research, found: Lookup) -> Part:
    exact = [s for s in found.statements if s.coordinate == found.citation.coordinate]
    if "/part/" in found.citation.coordinate:
        exact = []  # what stands at a whole part is about it; the rule is in its sections
    ranked = sorted(exact or found.statements, key=lambda s: _foreign(research, s))
    lead, rest = ranked[: 2 if exact else 3], ranked[2 if exact else 3 :]
    below = [s for s in found.statements if s not in ranked]
    sections = []
    if more := tuple(Sentence.quoting(s) for s in (*rest, *below)[:MOST]):
        sections.append(Section(f"More under {found.citation.text}", more))
    callouts = []
    later = [s for s in found.other_dates if s.effective.from_ and s.effective.from_ > found.as_of]
    if later:
        callouts.append(Callout("pending", Sentence.quoting(later[0])))
    left = len(found.statements) - len(lead) - min(len(rest) + len(below), MOST)
    if left > 0:
        text = f"The book holds {left} more statements under {found.citation.text}; ask for a paragraph to see it."
        callouts.append(Callout("scope", Sentence(text, given=frozenset({str(left)}))))
    return Part(
        short=(Section(found.citation.text, tuple(Sentence.quoting(s) for s in lead)),),
        rules=tuple(sections),
        callouts=tuple(callouts),
        follow_ups=tuple(f"What does {r.citation} say?" for r in _related(research, found)[:2]),
    )


def _foreign(research: Research, statement: Statement) -> tuple[bool, bool]:
    """Orders statements: those of the instrument's own record and confirmed ones first, else as in the book."""
    record = next(p for p in research.library.provisions if p.id == statement.record)
    own = statement in research.library.below(record.coordinate) or statement.coordinate == record.coordinate
    return not own, not statement.confidence.decides


def _related(research: Research, found: Lookup) -> list[Statement]:
    record = found.statements[0].record
    related = next(p.related for p in research.library.provisions if p.id == record)
    others = (held[0] for c in related if (held := research.library.at(c)))
    return [s for s in others if s.citation != found.citation.text]
