"""From a verified draft to the answer: one numbering for text, panel and export, and the Markdown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.contract import Cited, Note
from assistant.memo import Part, Sentence
from assistant.official import OfficialTexts
from assistant.standing import UNREVIEWED, Standing, together
from assistant.vocabulary import place_names
from corpus.law import Authority, Confidence, Statement, Status
from corpus.library import Library

ONLY_OFFICIAL = "Our own words do not cover this provision; it is quoted from the official text."
UNCONFIRMED = "(not confirmed against the official text)"
LABELS = {
    "conflict": "Sources disagree.",
    "pending": "Pending.",
    "stale": "Dates.",
    "unconfirmed": "Not confirmed.",
    "premise": "",
    "scope": "Scope.",
}
DISCLAIMER = (
    "*This is information, not legal advice. It speaks for {as_of}; each source shows when its text was last checked.*"
)
# The block that tells of disputed and stale sources; by its beginning it is found again in a stored answer.
_REVIEWS = "> **Attorney review.** "
_TOLD = {
    "disputed": (
        "Source {} is under dispute: the firm's attorneys are looking at it.",
        "Sources {} are under dispute: the firm's attorneys are looking at them.",
    ),
    "stale": (
        "Source {} was reviewed by an attorney, but that review no longer holds; the source says why.",
        "Sources {} were reviewed by an attorney, but those reviews no longer hold; each source says why.",
    ),
}
# A full stop ends a sentence unless it belongs to an initial or to one of these.
_STOP = re.compile(r"(\S+?)([.?!][”\")]*)(?=\s+[A-Z“\"])")
_ABBREVIATIONS = frozenset(
    re.findall(r"\S+", "no vs st dr pt mr ms inc veh rev pub sec art doc leg rep sen gov dep't co jr stat ann gen")
) | frozenset(
    name.rstrip(".").lower() for names in place_names().values() for name in names["names"] if name.endswith(".")
)
_ORDER = {c: n for n, c in enumerate(Confidence)}


def unreviewed(statement: Statement) -> Standing:
    """The standing of every statement where nobody keeps reviews."""
    return UNREVIEWED


@dataclass
class Numbering:
    """Numbers each pinpoint by its first appearance; statements at one pinpoint share a number.

    What is not confirmed at a pinpoint, and what another kind of source says of it (an overview of a statute), has a
    number of its own, so that neither taints nor borrows what is confirmed and is law.
    """

    library: Library
    official: OfficialTexts
    as_of: dt.date
    standing: Callable[[Statement], Standing] = unreviewed
    order: dict[tuple[str, Authority, bool], list[str]] = field(default_factory=dict)

    def mark(self, identifiers: Iterable[str]) -> str:
        """`[1][3]` for these statements, each pinpoint once."""
        numbers: list[int] = []
        for identifier in identifiers:
            statement = self.library.statement(identifier)
            key = (statement.citation, statement.authority, statement.confidence.decides)
            held = self.order.setdefault(key, [])
            if identifier not in held:
                held.append(identifier)
            number = list(self.order).index(key) + 1
            if number not in numbers:
                numbers.append(number)
        return "".join(f"[{n}]" for n in numbers)

    def cited(self) -> tuple[Cited, ...]:
        """The numbered sources. A source of several statements has the lowest confidence among them."""
        return tuple(self._source(n, held) for n, held in enumerate(self.order.values(), 1))

    def _source(self, n: int, held: list[str]) -> Cited:
        """One source, with the official words at its pinpoint when they are on this machine."""
        one = cited(n, [self.library.statement(i) for i in held], self.standing)
        quoted = self.official.quoted(one.coordinate, self.as_of)
        if not quoted:
            return one
        source, read = quoted.source, quoted.statement.checked
        if one.checked and read and read < one.checked:  # a later amendment may be in ours and not in it
            source += f"; older than our own reading of {one.checked}"
        ours = one.statement if held != [quoted.statement.id] else ONLY_OFFICIAL
        return one.model_copy(update={"official_text": quoted.text, "official_source": source, "statement": ours})


def cited(n: int, statements: list[Statement], standing: Callable[[Statement], Standing] = unreviewed) -> Cited:
    """One numbered source from the statements at its pinpoint, without official words."""
    first, reviewed = statements[0], together(map(standing, statements))
    return Cited(
        n=n,
        citation=first.citation,
        coordinate=first.coordinate,
        place=first.place,
        authority=first.authority.value,
        title=first.title,
        statement=" ".join(dict.fromkeys(s.text for s in statements)),
        statements=tuple(s.id for s in statements),
        url=first.url,
        checked=min((s.checked for s in statements if s.checked), default=None),
        effective_from=first.effective.from_,
        effective_until=min((s.effective.until for s in statements if s.effective.until), default=None),
        status=first.status.value,
        confidence=max((s.confidence for s in statements), key=_ORDER.__getitem__).value,
        review=reviewed.review,
        reviewed=reviewed.told,
    )


@dataclass(frozen=True)
class Composed:
    """The answer's paragraphs in order (joined by blank lines they are the Markdown), sources and notes."""

    paragraphs: tuple[str, ...]
    citations: tuple[Cited, ...]
    notes: tuple[Note, ...]

    @property
    def markdown(self) -> str:
        """The whole answer."""
        return "\n\n".join(self.paragraphs)


def compose(
    part: Part,
    questions: tuple[Sentence, ...],
    library: Library,
    as_of: dt.date,
    official: OfficialTexts | None = None,
    standing: Callable[[Statement], Standing] = unreviewed,
) -> Composed:
    """Number the sources, mark every sentence that rests on one, and lay the answer out."""
    numbering = Numbering(library, official or OfficialTexts(None), as_of, standing)
    paragraphs = []
    for section in part.short:
        label = f"**{section.heading}:** " if len(part.short) > 1 and section.heading else ""
        paragraphs.append(label + " ".join(marked(s, numbering) for s in section.sentences))
    if questions:
        paragraphs.append(" ".join(q.text for q in questions))
    for section in part.rules:
        lines = "\n".join(f"- {marked(s, numbering)}" for s in section.sentences)
        paragraphs.append(f"**{section.heading}**\n\n{lines}")
    notes = tuple(Note(kind=c.kind, text=marked(c.sentence, numbering)) for c in part.callouts)
    paragraphs += _callouts(note for note in notes if not any(note.text in said for said in paragraphs))
    notes += tuple(_standing(part, numbering, library))
    if part.answered:
        paragraphs.append(DISCLAIMER.format(as_of=as_of.isoformat()))
    citations = numbering.cited()
    told, notes = with_reviews(paragraphs, notes, citations, as_of)
    return Composed(told, citations, notes)


def with_reviews(
    paragraphs: Sequence[str], notes: tuple[Note, ...], citations: tuple[Cited, ...], as_of: dt.date
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """An answer's paragraphs and notes with one block, before the disclaimer, that tells which sources are disputed or
    stale, and a note for each kind; what an earlier review had put there goes."""
    old = [one for one in paragraphs if one.startswith(_REVIEWS)]
    kept = [one for one in paragraphs if one not in old]
    notes = tuple(note for note in notes if not any(note.text in one for one in old))
    found = tuple(_reviews(citations))
    if found:
        closed = kept[-1:] == [DISCLAIMER.format(as_of=as_of.isoformat())]
        kept.insert(len(kept) - closed, _REVIEWS + "\n>\n> ".join(note.text for note in found))
    return tuple(kept), notes + found


def _reviews(citations: tuple[Cited, ...]) -> Iterator[Note]:
    for review, (one, several) in _TOLD.items():
        marks = [f"[{c.n}]" for c in citations if c.review == review]
        if marks:
            named = " and ".join(filter(None, (", ".join(marks[:-1]), marks[-1])))
            yield Note(kind="stale", text=(one if len(marks) == 1 else several).format(named))


def _callouts(notes: Iterable[Note]) -> Iterator[str]:
    """Quoted blocks, one a kind."""
    kinds: dict[str, list[str]] = {}
    for note in notes:
        kinds.setdefault(note.kind, []).append(note.text)
    for kind, texts in kinds.items():
        yield "\n>\n".join(f"> **{LABELS[kind]}** {text}" if n == 0 else f"> {text}" for n, text in enumerate(texts))


def _standing(part: Part, numbering: Numbering, library: Library) -> Iterator[Note]:
    """Typed notes for what is marked inside the text: doubt, and bills cited as bills."""
    cited_ids = [i for held in numbering.order.values() for i in held]
    statements = [library.statement(i) for i in cited_ids]
    doubtful = [s for s in statements if not s.confidence.decides]
    if doubtful and not any(c.kind == "unconfirmed" for c in part.callouts):
        names = "; ".join(dict.fromkeys(s.citation for s in doubtful))
        yield Note(kind="unconfirmed", text=f"Not confirmed against the official text: {names}.")
    alive = [s for s in statements if s.status in (Status.PENDING, Status.PROPOSED) or s.authority is Authority.BILL]
    if alive and not any(c.kind == "pending" for c in part.callouts):
        names = "; ".join(dict.fromkeys(s.citation for s in alive))
        yield Note(kind="pending", text=f"Bills and proposals are not law: {names}.")


def marked(sentence: Sentence, numbering: Numbering) -> str:
    """The text with its marks at the end of each of its sentences, and the mark of doubt where it belongs."""
    marks = numbering.mark(sentence.rests_on)
    if not marks:
        return f"{sentence.text} {sentence.attributed}".rstrip()
    doubtful = not any(numbering.library.statement(i).confidence.decides for i in sentence.rests_on)
    end = re.search(r"[.?!][”\")]*$", sentence.text)
    body, stop = (sentence.text[: end.start()], end[0]) if end else (sentence.text, ".")
    marked = f"{_STOP.sub(lambda found: _after(found, marks), body)} {marks}{stop}"
    said = f"{marked} {sentence.attributed}".rstrip()
    return f"{said} *{UNCONFIRMED}*" if doubtful else said


def _after(found: re.Match[str], marks: str) -> str:
    """The end of an inner sentence with its marks; an abbreviation as it stands."""
    word, stop = found[1], found[2]
    last = re.split(r"[(“\"]", word)[-1]
    if stop.startswith(".") and (last.lower() in _ABBREVIATIONS or re.fullmatch(r"(?:\w\.)*[A-Z]", last)):
        return found[0]
    return f"{word} {marks}{stop}"
