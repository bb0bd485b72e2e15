"""A vector index that can always be rebuilt from the book: in a folder, or on a Chroma server that processes share."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from assistant import index_folder
from assistant.index_filling import LAYOUT, IndexUnusable, Progress, Remembering
from assistant.index_folder import is_built, known_vectors
from assistant.index_server import ChromaServer
from assistant.passages import Passage, day_number
from assistant.settings import Settings
from assistant.vectors import Shelves, ShelvesUnusable

__all__ = [
    "Home",
    "IndexUnusable",
    "Progress",
    "Remembering",
    "VectorIndex",
    "build",
    "home",
    "index_name",
    "is_built",
    "is_whole",
    "known_vectors",
]

REMEMBERED = 64
# Where indexes lie: a folder, or a server.
Home = Path | ChromaServer


def home(settings: Settings) -> Home:
    """Where the settings have the index. A server takes over the vectors of a folder of before."""
    return ChromaServer(settings.chroma_url, settings.index_dir) if settings.chroma_url else settings.index_dir


def index_name(book: str, model: str) -> str:
    """The name of an index for a book fingerprint and a model identity."""
    return hashlib.sha256(f"{LAYOUT}|{book}|{model}".encode()).hexdigest()[:16]


def is_whole(home: Home, name: str) -> bool:
    """Whether a finished index of that name is there as it was written. Raises IndexUnusable for a server that is not
    there."""
    return index_folder.is_whole(home, name) if isinstance(home, Path) else home.is_whole(name)


def build(
    home: Home,
    name: str,
    passages: Iterable[Passage],
    embeddings: Embeddings,
    progress: Progress | None = None,
    *,
    model: str = "",
    rebuild: bool = False,
) -> None:
    """Embed every passage into a new index beside the old one and let it take its place.

    A finished index of that name is kept as it is unless `rebuild` or it is damaged; from one of the same `model` the
    vectors of unchanged passages are taken over, so that only what is new is embedded. Raises IndexUnusable.
    """
    held = tuple(passages)
    if isinstance(home, Path):
        index_folder.build(home, name, held, embeddings, progress, model=model, rebuild=rebuild)
    else:
        home.build(name, held, embeddings, progress, model=model, rebuild=rebuild)


class VectorIndex:
    """An opened index. `search` gives statement ids with cosine similarity, best first."""

    def __init__(self, home: Home, name: str, embeddings: Embeddings) -> None:
        """Open a finished index, of a folder a private copy; raises IndexUnusable when it is missing or unreadable."""
        self._embeddings = embeddings
        self._vectors: dict[str, list[float]] = {}
        self._places: dict[str, dict[str, Any]] = {}
        self._where = f"in {home}" if isinstance(home, Path) else f"on {home}"
        if isinstance(home, Path):
            private = Path(tempfile.mkdtemp(prefix="kei-index-"))
            weakref.finalize(self, shutil.rmtree, private, ignore_errors=True)
            self._shelves: Shelves = index_folder.opened(home, name, private)
        else:
            self._shelves = home.opened(name)

    def embed(self, question: str) -> list[float]:
        """The question as a unit vector; the last questions are remembered, for one turn searches more than once."""
        if question not in self._vectors:
            if len(self._vectors) >= REMEMBERED:
                self._vectors.clear()
            self._vectors[question] = self._embeddings.embed_query(question)
        return self._vectors[question]

    def forget(self) -> None:
        """Forget the remembered vectors, so that a benchmark measures every search whole."""
        self._vectors.clear()

    def search(self, vector: list[float], *, places: frozenset[str], as_of: Any, k: int) -> dict[str, float]:
        """The `k` nearest statements of those places that may speak for that date: id to cosine similarity.

        Raises IndexUnusable while it cannot be searched; the next call tries again.
        """
        day = day_number(as_of)
        try:
            found = sorted(pair for place in places for pair in self._shelves.search(place, vector, day, k))
        except ShelvesUnusable as error:
            told = f"the index {self._where} cannot be searched ({error}); run: kei doctor"
            raise IndexUnusable(told) from error
        return {identifier: 1.0 - distance for distance, identifier in found[:k]}

    def vectors(self, places: frozenset[str]) -> tuple[tuple[str, ...], Any]:
        """The ids of those places in order, and their vectors, one row each. Raises IndexUnusable."""
        import numpy as np

        try:
            held = [(i, vector) for place in sorted(places) for i, _, vector in self._shelves.rows(place)]
        except ShelvesUnusable as error:
            raise IndexUnusable(f"the index {self._where} cannot be read ({error}); run: kei doctor") from error
        held.sort(key=lambda row: row[0])
        return tuple(i for i, _ in held), np.array([vector for _, vector in held])

    def group(self, name: str, place: str) -> Any:
        """The vectors of the passages `name#0`, `name#1`, ... of a place, one row each, in that order."""
        import numpy as np

        if place not in self._places:
            self._places[place] = dict(zip(*self.vectors(frozenset({place})), strict=True))
        held = self._places[place]
        return np.array([held[f"{name}#{n}"] for n in range(sum(i.rpartition("#")[0] == name for i in held))])
