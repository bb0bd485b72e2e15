"""The firm's own alerts and memos, added by `kei add`: searched beside the book, named as alerts, never as law."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from assistant.passages import Passage
from corpus.firm.document import FirmDocument
from corpus.firm.document import Passage as Piece
from corpus.firm.shelf import Shelf
from corpus.law import Authority, Confidence, Effective, Statement, Status
from corpus.official.quote import cut

# The "place" of the firm's papers in the index; they are searched on their own.
PAPERS = "papers"
LONGEST = 400


class FirmPapers:
    """The answerable documents on the firm's shelf; what is flagged and not approved is not among them."""

    def __init__(self, shelf: Shelf | None) -> None:
        held = shelf.documents(answerable=True) if shelf else ()
        self._documents = {one.id: one for one in held}
        told = "\n".join(f"{one.id} {len(one.passages)}" for one in held)
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest() if held else ""

    def passages(self) -> Iterator[Passage]:
        """Every passage to be searched; its id is `document#number`."""
        for document in self._documents.values():
            for piece in document.passages:
                text = ". ".join((document.title, *piece.heading, piece.text))
                yield Passage(f"{document.id}#{piece.number}", text, PAPERS)

    def statement(self, identifier: str) -> Statement | None:
        """A passage as a statement of the lowest rank, with its page; None when it has left the shelf."""
        name, _, number = identifier.partition("#")
        document = self._documents.get(name)
        piece = next((p for p in document.passages if str(p.number) == number), None) if document else None
        return _statement(identifier, document, piece) if document and piece else None


def _statement(identifier: str, document: FirmDocument, piece: Piece) -> Statement:
    parts = (document.author, document.date and f"{document.date:%B} {document.date.day}, {document.date.year}")
    where = f", p. {piece.page}" if piece.page else f", paragraph {piece.number}"
    told = ", ".join(p for p in parts if p)
    return Statement(
        id=identifier,
        coordinate=f"us/document/{document.id}/{piece.number}",
        citation=f"{document.title}{f' ({told})' if told else ''}{where}",
        place="US",
        authority=Authority.ALERT,
        status=Status.IN_FORCE,
        title=" / ".join(piece.heading) or document.title,
        url=document.name,
        text=cut(piece.text, LONGEST),
        confidence=Confidence.MEDIUM,
        topics=(),
        effective=Effective(),
        checked=document.date,
        record=document.id,
    )
