"""Indexes on a Chroma server, which several processes share.

Every build has collections of its own, and is finished when its marker is there: what is being built is never read,
what is being read is never written. The newest marker counts.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings, FakeEmbeddings

from assistant.index_filling import LAYOUT, IndexUnusable, Progress, Remembering, fill, vectors_of
from assistant.index_folder import known_vectors
from assistant.index_lease import Lease, holder
from assistant.passages import Passage
from assistant.vectors import Shelves, ShelvesUnusable, server_client, told

# All names begin so, whatever else is on the server.
PREFIX = "kei."
# Seconds without a sign of life after which a process that is building counts as gone.
PATIENCE = 60.0
log = logging.getLogger("kei.index")


@dataclass(frozen=True)
class Build:
    """A finished build, as its marker tells: the index it is of, its own token, its place in the order of builds."""

    index: str
    token: str
    number: int
    passages: int
    dimension: int
    model: str
    layout: int


class ChromaServer:
    """The indexes on the server at `url`. Every verb raises IndexUnusable when it is away, or is no Chroma server."""

    def __init__(self, url: str, beside: Path | None = None, *, patience: float = PATIENCE) -> None:
        """Vectors are taken over from the indexes in the folder `beside`, too."""
        self._url, self._beside, self._patience = url, beside, patience

    def __str__(self) -> str:
        return f"the Chroma server at {self._url}"

    @cached_property
    def _client(self) -> Any:
        return server_client(self._url)

    def is_whole(self, name: str) -> bool:
        """Whether a finished index of that name is there, and every passage in it."""
        with self._usable():
            found = self._newest(name)
            return found is not None and self._fault(found) is None

    def build(
        self,
        name: str,
        passages: Sequence[Passage],
        embeddings: Embeddings,
        progress: Progress | None,
        *,
        model: str,
        rebuild: bool,
    ) -> None:
        """Embed every passage into collections of its own, then mark them as finished, unless that was done. While
        another process builds the same index, wait for it."""
        with self._usable():
            old = self._newest(name)
            if old and not rebuild:
                if self._fault(old) is None:
                    return
                log.warning("the index is damaged and is built anew")
            token = secrets.token_hex(4)
            lease = Lease(self._client, f"{PREFIX}{name}.lease", token)

            def finished() -> bool:
                return not rebuild and self._newest(name) not in (None, old)

            def renewed(done: int, total: int) -> None:
                lease.renew(done, total)
                if progress:
                    progress(done, total)

            if not lease.taken(self._patience, finished, progress):
                return
            try:
                known = {} if rebuild else self._known(model)
                shelves = self._shelves(name, token, Remembering(embeddings, known))
                fill(shelves, passages, renewed)
                self._publish(name, token, len(passages), shelves, model)
            except BaseException as error:
                with suppress(ShelvesUnusable):
                    self._remove({token})
                # Who thought that this process was gone has built, and removed what was in its way.
                if isinstance(error, ShelvesUnusable) and finished():
                    return
                raise
            finally:
                lease.release()
            self._tidy(token)

    def opened(self, name: str) -> Shelves:
        """A finished index, to be searched."""
        with self._usable():
            found = self._newest(name)
            if found is None:
                raise IndexUnusable(f"the index is missing on {self}, or out of date; run: kei index")
            if fault := self._fault(found):
                raise IndexUnusable(f"the index on {self} {fault}; run: kei index --rebuild")
            return self._shelves(name, found.token)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except ShelvesUnusable as error:
            advice = "see that it runs, and that KEI_CHROMA_URL is right"
            raise IndexUnusable(f"{self} cannot be used ({error}); {advice}") from error

    def _shelves(self, name: str, token: str, embeddings: Embeddings | None = None) -> Shelves:
        prefix = f"{PREFIX}{name}.{token}"
        return Shelves(self._client, prefix, embeddings or FakeEmbeddings(size=1), {"build": token})

    def _collections(self) -> list[Any]:
        with told():
            return [one for one in self._client.list_collections() if one.name.startswith(PREFIX) and one.metadata]

    def _newest(self, name: str) -> Build | None:
        return next((build for build in _finished(self._collections()) if build.index == name), None)

    def _fault(self, build: Build) -> str | None:
        """What is the matter with a finished build; None of a sound one."""
        shelves = self._shelves(build.index, build.token)
        held, dimension = shelves.count(), shelves.checked()
        if held != build.passages:
            return f"holds {held} of {build.passages} passages"
        return None if dimension == build.dimension else f"has vectors of {dimension} numbers, not {build.dimension}"

    def _known(self, model: str) -> dict[str, list[float]]:
        """The vectors of the newest build of this model, and of the folder beside; empty where there are none."""
        known = known_vectors(self._beside, model) if self._beside else {}
        for build in _finished(self._collections()):
            if model and (build.model, build.layout) == (model, LAYOUT):
                with suppress(ShelvesUnusable):
                    return known | vectors_of(self._shelves(build.index, build.token))
        return known

    def _publish(self, name: str, token: str, passages: int, shelves: Shelves, model: str) -> None:
        """Write the marker, once everything is there."""
        number = max((build.number for build in _finished(self._collections())), default=0) + 1
        done = Build(name, token, number, passages, shelves.checked(), model, LAYOUT)
        if fault := self._fault(done):
            raise ShelvesUnusable(f"what was just built {fault}")
        with told():
            self._client.create_collection(f"{PREFIX}{name}.{token}", metadata=asdict(done), embedding_function=None)

    def _tidy(self, token: str) -> None:
        """Remove every build but this one, later ones, the one before it, from which a process that was not yet
        restarted may read, and those that are in the making."""
        # One listing: a build has its lease before its first collection, and its marker before it gives that up.
        held = self._collections()
        builds = _finished(held)
        mine = next((n for n, build in enumerate(builds) if build.token == token), len(builds))
        keep = {build.token for build in builds[: mine + 2]} | {holder(one) for one in held}
        self._remove({told for one in held if (told := one.metadata.get("build", one.metadata.get("token")))} - keep)

    def _remove(self, tokens: set[str]) -> None:
        """Remove builds, their markers first: what has no marker is never opened."""
        held = self._collections()
        for key in ("token", "build"):
            for one in held:
                if one.metadata.get(key) in tokens:
                    with suppress(ShelvesUnusable), told():  # another process may have removed it
                        self._client.delete_collection(one.name)


def _finished(collections: list[Any]) -> list[Build]:
    """The builds whose markers are among the collections, the newest first."""
    markers = [one.metadata for one in collections if "number" in one.metadata]
    found = [Build(**{field: marker[field] for field in Build.__dataclass_fields__}) for marker in markers]
    return sorted(found, key=lambda build: (build.number, build.token), reverse=True)
