"""Lines of a drawn page with the numbers of their sources, and the cards of these sources."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.compose import UNCONFIRMED, Numbering, marked
from assistant.contract import Cited
from assistant.memo import Sentence
from assistant.standing import UNREVIEWED
from assistant.web.services import Services
from assistant.web.source_cards import source
from corpus.verdicts import Place

_PIECES = re.compile(rf"(\[\d{{1,3}}\]|\*{re.escape(UNCONFIRMED)}\*)")


@dataclass(frozen=True)
class Piece:
    """A run of plain words; the mark of source `n` where that is not 0; or the words of doubt."""

    words: str
    n: int = 0
    doubt: bool = False


Line = tuple[Piece, ...]


class Lines:
    """Numbers the sources of one page, each by its first line. Lines are asked for in the order of the page, the cards
    last. Raises StoreUnusable when the reviews cannot be read: without them a disputed source would look like another.
    """

    def __init__(self, services: Services, places: Iterable[Place], as_of: dt.date) -> None:
        held = [s for place in places for provision in place.provisions for s in provision.statements]
        told = services.standings.of(held, as_of)
        self._numbering = Numbering(
            services.assistant.library,
            services.assistant.on_disk.official,
            as_of,
            lambda statement: told.get(statement.id, UNREVIEWED),
        )

    def line(self, sentence: Sentence) -> Line:
        """The sentence as the chat marks it, cut into pieces."""
        cut = _PIECES.split(marked(sentence, self._numbering))
        return tuple(_piece(words, special=n % 2 == 1) for n, words in enumerate(cut) if words)

    def lines(self, sentences: Iterable[Sentence]) -> tuple[Line, ...]:
        """Several, in order."""
        return tuple(self.line(one) for one in sentences)

    def cited(self) -> tuple[Cited, ...]:
        """The sources so far, in the order of their numbers."""
        return self._numbering.cited()

    def cards(self) -> tuple[str, ...]:
        """The same as the chat's panel draws them: HTML in which every value is escaped."""
        return tuple(source(one, 0) for one in self.cited())


def _piece(words: str, *, special: bool) -> Piece:
    if not special:
        return Piece(words)
    return Piece(UNCONFIRMED, doubt=True) if words.startswith("*") else Piece(words, int(words[1:-1]))
