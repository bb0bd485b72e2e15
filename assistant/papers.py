"""The firm's own alerts and memos, added by `kei add`: searched beside the book, named as alerts, never as law.

Each passage belongs to the places that it speaks of, and a question is shown none of another place.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from assistant.index import VectorIndex
from assistant.mentions import mentions
from assistant.passages import Passage
from corpus.firm.document import FirmDocument
from corpus.firm.document import Passage as Piece
from corpus.firm.shelf import Shelf
from corpus.law import Authority, Confidence, Effective, Statement, Status
from corpus.official.quote import cut, quotable

# The "place" of the firm's papers in the index, those of one state as "papers:US-TX"; they are searched on their own.
PAPERS = "papers"
LONGEST = 400
US = frozenset({"US"})
# A state is a paper's own when so many of its passages name it, or this part of them.
OFTEN, PART = 2, 1 / 4
# The firm's letterhead: "Atlanta, Georgia 30303".
_ADDRESS = re.compile(r"(?:[A-Z][\w.'-]*\s+){0,3}[A-Z][\w.'-]*,\s*[A-Z]\w+(?:\s[A-Z]\w+)?,?\s+\d{5}(?:-\d{4})?\b")


class FirmPapers:
    """The answerable documents on the firm's shelf; what is flagged and not approved is not among them."""

    def __init__(self, shelf: Shelf | None) -> None:
        held = shelf.documents(answerable=True) if shelf else ()
        self._documents = {one.id: one for one in held}
        told = "\n".join(f"{one.id} {len(one.passages)} by place" for one in held)
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest() if held else ""

    def passages(self) -> Iterator[Passage]:
        """Every passage to be searched, once for each of its places; its id is `document#number@place`."""
        for document in self._documents.values():
            for piece, places in zip(document.passages, spoken_of(document), strict=True):
                text = ". ".join((document.title, *piece.heading, piece.text))
                for place in sorted(places):
                    yield Passage(f"{document.id}#{piece.number}@{place}", text, _shelf(place))

    def nearest(
        self, index: VectorIndex, question: str, *, places: frozenset[str], as_of: dt.date, gate: float, k: int = 2
    ) -> tuple[Statement, ...]:
        """The passages near to a question, nearest first, of those that speak of one of the places ("US", "US-TX").

        `gate` is the least cosine similarity.
        """
        if not self._documents:
            return ()
        shelves = frozenset(map(_shelf, places))
        # A passage of several places is found once for each.
        near = index.search(index.embed(question), places=shelves, as_of=as_of, k=k * len(shelves))
        held = (self.statement(i) for i, similarity in near.items() if similarity >= gate)
        return tuple({one.id: one for one in held if one}.values())[:k]

    def statement(self, identifier: str) -> Statement | None:
        """A passage as a statement of the lowest rank, with its page; None when it has left the shelf. The `@place` of
        the identifier may be left off."""
        passage = identifier.partition("@")[0]
        name, _, number = passage.partition("#")
        document = self._documents.get(name)
        piece = next((p for p in document.passages if str(p.number) == number), None) if document else None
        return _statement(passage, document, piece) if document and piece else None


def spoken_of(document: FirmDocument) -> tuple[frozenset[str], ...]:
    """The places that each passage of a document speaks of, in their order.

    They are those that its words, its headings and its citations name, and the title's. One that names none is of the
    U.S. when it cites federal law, else of the paper's own states: the title's, or those that many passages name. A
    paper without any is of the U.S.
    """
    title = _named(document.title) - US
    named = [_named(". ".join((*piece.heading, piece.text)), piece.cites) for piece in document.passages]
    times = Counter(place for one in named for place in one - US)
    own = title or frozenset(p for p, n in times.items() if n >= OFTEN or n >= PART * len(named)) or US
    return tuple(one | title if one else own for one in named)


def _named(text: str, cites: Iterable[str] = ()) -> frozenset[str]:
    """The places a text names or cites; federal law counts only where no state is named."""
    cited = {one.partition("/")[0].upper() for one in cites}
    found = cited.union(one.place for one in mentions(_ADDRESS.sub(" ", text)))
    return frozenset(found - US or found)


def _shelf(place: str) -> str:
    return PAPERS if place in US else f"{PAPERS}:{place}"


def _statement(identifier: str, document: FirmDocument, piece: Piece) -> Statement:
    parts = (document.author, document.date and f"{document.date:%B} {document.date.day}, {document.date.year}")
    where = f", p. {piece.page}" if piece.page else f", paragraph {piece.number}"
    told = quotable(", ".join(p for p in parts if p))
    title = quotable(document.title)
    return Statement(
        id=identifier,
        coordinate=f"us/document/{document.id}/{piece.number}",
        citation=f"{title}{f' ({told})' if told else ''}{where}",
        place="US",
        authority=Authority.ALERT,
        status=Status.IN_FORCE,
        title=quotable(" / ".join(piece.heading)) or title,
        url=document.name,
        text=quotable(cut(piece.text, LONGEST)),
        confidence=Confidence.MEDIUM,
        topics=(),
        effective=Effective(),
        checked=document.date,
        record=document.id,
    )
