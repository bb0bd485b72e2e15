"""What is alike wherever an index lies: its errors, and how passages are put into it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from langchain_core.embeddings import Embeddings

from assistant.passages import Passage
from assistant.vectors import Shelves

# Raised when passages are worded or stored in another way, so that old indexes are not mistaken for new ones.
LAYOUT = 2
BATCH = 64
Progress = Callable[[int, int], None]


class IndexUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """An index that cannot be built, opened or searched; the message says what to do."""


class Remembering(Embeddings):
    """Embeds only texts whose vector is not `known`."""

    def __init__(self, inner: Embeddings, known: dict[str, list[float]]) -> None:
        self._inner, self._known = inner, known

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of the texts, in their order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        found = dict(zip(new, self._inner.embed_documents(new), strict=True)) if new else {}
        return [self._known[text] if text in self._known else found[text] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; questions are not remembered."""
        return self._inner.embed_query(text)


def fill(shelves: Shelves, passages: Sequence[Passage], progress: Progress | None) -> None:
    """Embed and keep every passage, place by place; `progress` is told how many are done, and of how many."""
    done = 0
    for place, group in itertools.groupby(sorted(passages, key=lambda p: p.place), key=lambda p: p.place):
        held = list(group)
        for start in range(0, len(held), BATCH):
            batch = held[start : start + BATCH]
            shelves.add(place, batch)
            done += len(batch)
            if progress:
                progress(done, len(passages))


def vectors_of(shelves: Shelves) -> dict[str, list[float]]:
    """The vector of every text on the shelves."""
    return {text: vector.tolist() for place in shelves.places() for _, text, vector in shelves.rows(place)}
