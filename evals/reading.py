"""Read an answer as a client does: what it says first, what each paragraph decides, which sentence rests on what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.contract import Answer
from corpus.verdicts import Says

# With what a paragraph of the short answer may open, and the verdicts that this counts as; the first that fits decides.
_OPENINGS: tuple[tuple[str, tuple[Says, ...]], ...] = (
    (r"it depends|depends|not on every road", (Says.DEPENDS,)),
    (
        r"unclear|the book could not confirm|the book does not know|the book holds no|what the book holds",
        (Says.UNCLEAR,),
    ),
    (r"yes\b[^.]{0,12}\b(?:with|but|only|in a narrow|if|as an?|under)", (Says.YES, Says.DEPENDS)),
    (r"yes\b", (Says.YES,)),
    (r"(?:no|not yet|in practice no)\b", (Says.NO,)),
    (r"only\b", (Says.DEPENDS, Says.NO)),
)
# What another part of the answer is headed by: "**Texas:** ".
_HEAD = re.compile(r"^\*\*([^*]+):\*\*\s+")
_MARK = re.compile(r"\[(\d+)\]")
# Where the list of rules or the first note begins.
_RULES = re.compile(r"\n\n(?:\*\*[^*:]+\*\*\n\n-|>|\*This is)")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"*(])")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the short answer: the heading it stands under ("" when alone), its text and its verdict."""

    heading: str
    text: str
    verdict: tuple[Says, ...]


def short(answer: Answer | None) -> str:
    """The short answer: what stands before the first list of rules or note; "" for no answer."""
    return _RULES.split(answer.answer, maxsplit=1)[0] if answer else ""


def paragraphs(answer: Answer | None) -> tuple[Paragraph, ...]:
    """The paragraphs of the short answer in order."""
    found = []
    for block in short(answer).split("\n\n"):
        head = _HEAD.match(block)
        text = block[head.end() :] if head else block
        found.append(Paragraph(head[1] if head else "", text, opens_with(text)))
    return tuple(p for p in found if p.text)


def opens_with(text: str) -> tuple[Says, ...]:
    """What the first words of a text decide; empty when they decide nothing."""
    plain = text.strip().lower()
    return next((says for pattern, says in _OPENINGS if re.match(pattern, plain)), ())


def verdict(answer: Answer | None, heading: str | None = None) -> tuple[Says, ...]:
    """What the answer decides: the first verdict among its paragraphs, or that of the paragraph under a heading."""
    held = paragraphs(answer)
    if heading is not None and any(p.heading == heading for p in held):
        held = tuple(p for p in held if p.heading == heading)
    return next((p.verdict for p in held if p.verdict), ())


def sentences(answer: Answer | None) -> tuple[tuple[str, frozenset[int]], ...]:
    """Every sentence of the whole answer with the numbers of the sources it names; the disclaimer is none."""
    found = []
    for line in (answer.answer if answer else "").splitlines():
        text = re.sub(r"^(?:[->\s]+|\*\*[^*]+\*\*\s*)+", "", line)
        if not text or text.startswith("*This is"):
            continue
        found += [(_MARK.sub("", s).strip(), frozenset(map(int, _MARK.findall(s)))) for s in _SENTENCE.split(text)]
    return tuple((text, marks) for text, marks in found if text)
