"""The only door to Chroma: passages and their vectors in a folder or on a server, one collection a place.

A filter makes Chroma look at every passage; a collection of its own lets a search of one state stay as fast beside the
law of fifty. What holds only for some days is told apart after the search.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from langchain_core.embeddings import Embeddings

from assistant.passages import NO_END, NO_START, Passage

# So many results an approximate search gives safely (`ef_search` is 200); for more, Chroma filters by day itself.
MOST_SEARCHED = 150
# So many passages are read at once, to stay far below what a server sends in one reply.
PAGE = 500
SPACE: Final = "cosine"
# A question waits no longer than this for a server that is there and says nothing.
WAIT_SECONDS = 20.0
HEARTBEAT = "/api/v2/heartbeat"
_DATED = {"$or": [{"starts": {"$ne": NO_START}}, {"ends": {"$ne": NO_END}}]}


class ShelvesUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as IndexUnusable does
    """Chroma cannot read, write or be reached; the message goes on from "the index"."""


@contextmanager
def told() -> Iterator[None]:
    """Chroma's own errors, a full disk or a server that is away among them, under a name that others may know."""
    import httpx
    from chromadb.errors import NotFoundError

    try:
        yield
    except ShelvesUnusable:
        raise
    except httpx.TransportError as error:
        raise ShelvesUnusable(f"it does not answer: {error or type(error).__name__}") from error
    except NotFoundError as error:
        raise ShelvesUnusable("it no longer holds this index") from error
    except Exception as error:  # the client raises bare exceptions, too
        raise ShelvesUnusable(str(error) or type(error).__name__) from error


def folder_client(folder: Path) -> Any:
    """Chroma on a folder, which one process at a time may open. Raises ShelvesUnusable."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    with told():
        return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))


def server_client(url: str) -> Any:
    """Chroma's own server at an address such as "http://127.0.0.1:8000". Raises ShelvesUnusable when none is there."""
    import chromadb
    import httpx
    from chromadb.config import Settings as ChromaSettings

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    with told(), httpx.Client(timeout=WAIT_SECONDS, trust_env=False) as asking:
        reply = asking.get(url + HEARTBEAT)
        if not re.match(r'\{"nanosecond heartbeat":', reply.text):
            raise ShelvesUnusable("what answers there is no Chroma server")
        client: Any = chromadb.HttpClient(
            str(parts.hostname),
            parts.port or (443 if secure else 80),
            ssl=secure,
            settings=ChromaSettings(anonymized_telemetry=False),
        )
        # Chroma's own sessions wait for ever, and send what they are given to whatever proxy the environment names.
        asked = httpx.Client(headers=client._server._session.headers, timeout=WAIT_SECONDS, trust_env=False)
        client._server._session.close()
        client._admin_client._server._session.close()
        client._server._session = asked
        weakref.finalize(client, asked.close)
    return client


class Shelves:
    """The collections of one index, named `prefix.PLACE`; every verb may raise ShelvesUnusable."""

    def __init__(
        self, client: Any, prefix: str, embeddings: Embeddings, marks: Mapping[str, str] | None = None
    ) -> None:
        """`marks` are kept as metadata of each collection that is made."""
        self._client, self._prefix, self._embeddings = client, prefix, embeddings
        self._marks = dict(marks or {})
        self._filled: dict[str, Any] = {}
        self._dated: dict[str, dict[str, tuple[int, int]]] = {}

    @cached_property
    def _held(self) -> dict[str, Any]:
        """The collection of each place. The embedding function that Chroma puts on them is never called."""
        with told():
            named = (one for one in self._client.list_collections() if one.name.startswith(f"{self._prefix}."))
            return {one.metadata["place"]: one for one in named}

    def _store(self, place: str) -> Any:
        from langchain_chroma import Chroma

        return Chroma(
            client=self._client,
            collection_name=f"{self._prefix}.{place.replace(':', '.')}",
            collection_metadata={**self._marks, "place": place},
            # Our own vectors: without this Chroma would attach a default that downloads a model.
            embedding_function=self._embeddings,
            collection_configuration={"hnsw": {"space": SPACE, "ef_search": 200}},
        )

    def add(self, place: str, passages: Sequence[Passage]) -> None:
        """Embed passages of one place and keep them."""
        with told():
            if place not in self._filled:
                self._filled[place] = self._store(place)
            self._filled[place].add_texts(
                texts=[p.text for p in passages],
                ids=[p.id for p in passages],
                metadatas=[{"starts": p.starts, "ends": p.ends} for p in passages],
            )

    def count(self) -> int:
        """How many passages there are."""
        with told():
            return sum(held.count() for held in self._held.values())

    def checked(self) -> int:
        """The dimension of the vectors, 0 of none. Raises ShelvesUnusable when they differ or are not compared by
        their cosine."""
        kinds = {(one.configuration_json["hnsw"]["space"], one._model.dimension) for one in self._held.values()}
        if len(kinds) > 1 or any(space != SPACE for space, _ in kinds):
            raise ShelvesUnusable(f"its vectors are of several kinds, or not compared by their {SPACE}")
        return int(next(iter(kinds))[1] or 0) if kinds else 0

    def places(self) -> tuple[str, ...]:
        """The places that have passages."""
        return tuple(sorted(self._held))

    def rows(self, place: str) -> Iterator[tuple[str, str, Any]]:
        """The id, the text and the vector of every passage of a place; nothing where none are."""
        import numpy as np

        held, start = self._held.get(place), 0
        while held is not None:
            with told():
                page = held.get(include=["documents", "embeddings"], limit=PAGE, offset=start)
            # A server writes its 32-bit numbers in decimals; this way they are the same as those of a folder.
            vectors = np.asarray(page["embeddings"], "float32").astype("float64")
            yield from zip(page["ids"], page["documents"], vectors, strict=True)
            start += PAGE
            if len(page["ids"]) < PAGE:
                return

    def search(self, place: str, vector: list[float], day: int, k: int) -> list[tuple[float, str]]:
        """The `k` nearest passages of a place that hold on a day, as (cosine distance, id), nearest first."""
        held = self._held.get(place)
        if held is None:
            return []
        with told():
            if place not in self._dated:
                self._dated[place] = _days(held)
            off = {i for i, (first, after) in self._dated[place].items() if not first <= day < after}
            wanted = k + len(off)
            if wanted <= MOST_SEARCHED:
                found = held.query(query_embeddings=[vector], n_results=wanted, include=["distances"])
            else:
                holds = {"$and": [{"starts": {"$lte": day}}, {"ends": {"$gt": day}}]}
                found = held.query(query_embeddings=[vector], n_results=k, where=holds, include=["distances"])
        pairs = zip(found["distances"][0], found["ids"][0], strict=True)
        return sorted((float(d), i) for d, i in pairs if i not in off)[:k]


def _days(held: Any) -> dict[str, tuple[int, int]]:
    """The first day and the day after the last one of each passage of a collection that does not hold always."""
    found = held.get(where=_DATED, include=["metadatas"])
    return {i: (int(m["starts"]), int(m["ends"])) for i, m in zip(found["ids"], found["metadatas"], strict=True)}
