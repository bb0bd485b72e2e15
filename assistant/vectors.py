"""The only door to Chroma: passages and their vectors in a folder, one collection a place.

A filter makes Chroma look at every passage; a collection of its own lets a search of one state stay as fast beside the
law of fifty. What holds only for some days is kept beside the vectors and told apart after the search.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from assistant.passages import ALWAYS, Passage

DATED = "dated.json"
# So many results an approximate search gives safely (`ef_search` is 200); for more, Chroma filters by day itself.
MOST_SEARCHED = 150


class ShelvesUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as IndexUnusable does
    """Chroma cannot read or write the folder."""


@contextmanager
def _told() -> Iterator[None]:
    """Chroma's own errors, a full disk among them, under a name that others may know."""
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as error:
        raise ShelvesUnusable(str(error)) from error


class Shelves:
    """The collections of a folder. One process at a time may open it; making and filling raise ShelvesUnusable."""

    def __init__(self, folder: Path, embeddings: Embeddings) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        self._folder, self._embeddings = folder, embeddings
        with _told():
            self._client = chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))

    @cached_property
    def _stores(self) -> dict[str, Any]:
        """The LangChain store of each place."""
        return {one.metadata["place"]: self._store(one.metadata["place"]) for one in self._client.list_collections()}

    @cached_property
    def _dated(self) -> dict[str, dict[str, tuple[int, int]]]:
        """By place, the first day and the day after the last one of each passage that does not hold always."""
        held = json.loads((self._folder / DATED).read_text("utf-8"))
        return {place: {i: (first, after) for i, first, after in rows} for place, rows in held.items()}

    def _store(self, place: str) -> Any:
        from langchain_chroma import Chroma

        return Chroma(
            client=self._client,
            collection_name=f"kei.{place.replace(':', '.')}",
            collection_metadata={"place": place},
            # Our own vectors: without this Chroma would attach a default that downloads a model.
            embedding_function=self._embeddings,
            collection_configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
        )

    def add(self, place: str, passages: Sequence[Passage]) -> None:
        """Embed passages of one place and keep them."""
        with _told():
            if place not in self._stores:
                self._stores[place] = self._store(place)
            self._stores[place].add_texts(
                texts=[p.text for p in passages],
                ids=[p.id for p in passages],
                metadatas=[{"starts": p.starts, "ends": p.ends} for p in passages],
            )

    def date(self, passages: Sequence[Passage]) -> None:
        """Keep the days of all passages; once, when all are added."""
        rows: dict[str, list[tuple[str, int, int]]] = {}
        for one in passages:
            if (one.starts, one.ends) != ALWAYS:
                rows.setdefault(one.place, []).append((one.id, one.starts, one.ends))
        (self._folder / DATED).write_text(json.dumps(rows), "utf-8")

    def count(self) -> int:
        """How many passages there are."""
        return sum(store._collection.count() for store in self._stores.values())

    def get(self, place: str, include: Sequence[str]) -> Any:
        """Everything of a place, in Chroma's form; nothing of a place that has none."""
        held = self._stores.get(place)
        return held._collection.get(include=list(include)) if held else {"ids": [], "documents": [], "embeddings": []}

    def places(self) -> tuple[str, ...]:
        """The places that have passages."""
        return tuple(sorted(self._stores))

    def search(self, place: str, vector: list[float], day: int, k: int) -> list[tuple[float, str]]:
        """The `k` nearest passages of a place that hold on a day, as (cosine distance, id), nearest first."""
        store = self._stores.get(place)
        if store is None:
            return []
        dated = self._dated.get(place, {})
        off = {i for i, (first, after) in dated.items() if not first <= day < after}
        wanted = k + len(off)
        if wanted <= MOST_SEARCHED:
            found = store._collection.query(query_embeddings=[vector], n_results=wanted, include=["distances"])
        else:
            holds = {"$and": [{"starts": {"$lte": day}}, {"ends": {"$gt": day}}]}
            found = store._collection.query(query_embeddings=[vector], n_results=k, where=holds, include=["distances"])
        pairs = zip(found["distances"][0], found["ids"][0], strict=True)
        return sorted((float(d), i) for d, i in pairs if i not in off)[:k]
