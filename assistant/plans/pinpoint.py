"""The citations themselves, in the text, for who asks for the section or the cite."""

from __future__ import annotations

import re

from assistant.memo import Part, Research, Section, Sentence
from assistant.verify import figures

MOST = 3


def pinpoints(research: Research, part: Part) -> Part:
    """One sentence that names the provisions of the short answer, the highest authority first; nothing without one."""
    rested = [i for section in part.short for s in section.sentences for i in s.rests_on]
    held = sorted((research.statement(i) for i in dict.fromkeys(rested)), key=lambda s: s.authority.rank)
    named = {s.citation: s.id for s in reversed([s for s in held if s.confidence.decides])}
    chosen = [s for s in dict.fromkeys(s.citation for s in held) if s in named][:MOST]
    if not chosen:
        return Part(answered=False)
    text = f"In the law: {'; '.join(chosen)}."
    # The figures are those of the citations themselves, in whatever form a code writes them.
    sentence = Sentence(text, tuple(named[c] for c in chosen), figures(text) | frozenset(re.findall(r"\d+", text)))
    heading = part.short[0].heading
    return Part(short=(Section(heading, (sentence,)),), answered=part.answered)
