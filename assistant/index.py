"""A vector index that can always be rebuilt from the book.

An index is a folder named after the book and the model it was made from. It is built beside
the old one and renamed into place, so a kill at any moment leaves the old one serving. Chroma
allows one process per folder, so nobody opens the folder itself: every process works on a
private copy, and a rebuild never touches one that is being read.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings, FakeEmbeddings

from assistant.passages import Passage, day_number
from assistant.vectors import Shelves, ShelvesUnusable

# Raised when passages are worded or stored in another way, so that old folders are not mistaken for new ones.
LAYOUT = 2
BATCH = 64
REMEMBERED = 64
MANIFEST = "manifest.json"
log = logging.getLogger("kei.index")
Progress = Callable[[int, int], None]


class IndexUnusable(RuntimeError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """An index that cannot be built or opened; the message says what to do."""


def index_name(book: str, model: str) -> str:
    """The folder name for a book fingerprint and a model identity."""
    return hashlib.sha256(f"{LAYOUT}|{book}|{model}".encode()).hexdigest()[:16]


def is_built(folder: Path, name: str) -> bool:
    """Whether a finished index of that name lies in `folder` (the manifest is written last)."""
    return (folder / name / MANIFEST).is_file()


def is_whole(folder: Path, name: str) -> bool:
    """Whether a finished index is as it was written. Chroma takes flipped bytes for other vectors, or ends the process
    over them, so nothing else may look before."""
    try:
        written = json.loads((folder / name / MANIFEST).read_text("utf-8")).get("files", {})
        return all(_sha256(folder / name / file) == told for file, told in written.items())
    except (OSError, ValueError, AttributeError):
        return False


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def build(
    folder: Path,
    name: str,
    passages: Iterable[Passage],
    embeddings: Embeddings,
    progress: Progress | None = None,
    *,
    model: str = "",
    rebuild: bool = False,
) -> Path:
    """Embed every passage into a new index and put it into place; returns its folder.

    A finished index of that name is kept as it is unless `rebuild` or it is damaged; from one of the same `model` the
    vectors of unchanged passages are taken over, so that only what is new is embedded. Raises IndexUnusable when the
    folder cannot be written or another process is building.
    """
    target = folder / name
    if is_built(folder, name) and not rebuild:
        if is_whole(folder, name):
            return target
        log.warning("the index is damaged and is built anew")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".building", timeout=0):
            if is_built(folder, name) and not rebuild and is_whole(folder, name):
                return target
            work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            try:
                known = {} if rebuild else known_vectors(folder, model)
                count = _fill(work, tuple(passages), Remembering(embeddings, known), progress)
                files = {str(p.relative_to(work)): _sha256(p) for p in work.rglob("*") if p.is_file()}
                told = {"layout": LAYOUT, "passages": count, "model": model, "files": files}
                (work / MANIFEST).write_text(json.dumps(told), "utf-8")
                _swap(work, target)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
            _remove_others(folder, keep=name)
    except Timeout as error:
        raise IndexUnusable(
            f"another process is building the index in {folder}; wait for it, then try again"
        ) from error
    except (OSError, ShelvesUnusable) as error:
        reason = getattr(error, "strerror", None) or error
        advice = "check the disk and the rights, or name another KEI_DATA_DIR"
        raise IndexUnusable(f"the index cannot be written to {folder} ({reason}); {advice}") from error
    return target


def _swap(work: Path, target: Path) -> None:
    """Put a finished index into place; the old one is moved aside first, for a folder cannot be replaced at once."""
    old = target.with_name(f".old-{target.name}-{os.getpid()}")
    if target.exists():
        target.rename(old)
    work.rename(target)
    shutil.rmtree(old, ignore_errors=True)


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


def known_vectors(folder: Path, model: str) -> dict[str, list[float]]:
    """The vectors of every passage of the finished indexes of this model; empty when there is none to be read."""
    known: dict[str, list[float]] = {}
    for manifest in folder.glob(f"*/{MANIFEST}"):
        try:
            told = json.loads(manifest.read_text("utf-8"))
            if not model or told.get("model") != model or told.get("layout") != LAYOUT:
                continue
            if not is_whole(folder, manifest.parent.name):
                continue
            with _private(manifest.parent) as copy:
                shelves = Shelves(copy, FakeEmbeddings(size=1))
                held = [shelves.get(place, ["documents", "embeddings"]) for place in shelves.places()]
        except Exception:
            continue
        for one in held:
            known.update(zip(one["documents"], one["embeddings"].tolist(), strict=True))
    return known


@contextmanager
def _private(source: Path) -> Iterator[Path]:
    """A copy of an index (a few megabytes) that this process alone opens, writable whatever the original is."""
    private = Path(tempfile.mkdtemp(prefix="kei-index-"))
    try:
        yield copied(source, private)
    finally:
        shutil.rmtree(private, ignore_errors=True)


def copied(source: Path, target: Path) -> Path:
    """The files of `source` in `target`."""
    for file in (f for f in source.rglob("*") if f.is_file()):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return target


def _fill(work: Path, passages: tuple[Passage, ...], embeddings: Embeddings, progress: Progress | None) -> int:
    shelves, done = Shelves(work, embeddings), 0
    ordered = sorted(passages, key=lambda p: p.place)
    for place, group in itertools.groupby(ordered, key=lambda p: p.place):
        held = list(group)
        for start in range(0, len(held), BATCH):
            batch = held[start : start + BATCH]
            shelves.add(place, batch)
            done += len(batch)
            if progress:
                progress(done, len(passages))
    shelves.date(passages)
    return done


def _remove_others(folder: Path, keep: str) -> None:
    for old in folder.iterdir():
        if old.is_dir() and old.name != keep:
            shutil.rmtree(old, ignore_errors=True)


class VectorIndex:
    """An opened index. `search` gives statement ids with cosine similarity, best first."""

    def __init__(self, folder: Path, name: str, embeddings: Embeddings) -> None:
        """Open a private copy of a finished index; raises IndexUnusable when it is missing or cannot be read."""
        if not is_built(folder, name):
            raise IndexUnusable("the index is missing or out of date; run: kei index")
        self._embeddings = embeddings
        self._vectors: dict[str, list[float]] = {}
        self._places: dict[str, dict[str, Any]] = {}
        source = folder / name
        try:
            private = self._copied(source)
            if not is_whole(private.parent, private.name):
                raise ValueError("it is damaged")
            self._shelves = Shelves(private, embeddings)
            held = self._shelves.count()
            expected = json.loads((private / MANIFEST).read_text("utf-8"))["passages"]
        except Exception as error:
            raise IndexUnusable(f"the index in {source} cannot be read ({error}); run: kei index --rebuild") from error
        if held != expected:
            raise IndexUnusable(f"the index holds {held} of {expected} passages; run: kei index --rebuild")

    def _copied(self, source: Path) -> Path:
        """A copy (a few megabytes) that this process alone opens, writable whatever the original is."""
        private = Path(tempfile.mkdtemp(prefix="kei-index-"))
        weakref.finalize(self, shutil.rmtree, private, ignore_errors=True)
        return copied(source, private)

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
        """The `k` nearest statements of those places that may speak for that date: id to cosine similarity."""
        day = day_number(as_of)
        found = sorted(pair for place in places for pair in self._shelves.search(place, vector, day, k))
        return {identifier: 1.0 - distance for distance, identifier in found[:k]}

    def vectors(self, places: frozenset[str]) -> tuple[tuple[str, ...], Any]:
        """The ids of those places in order, and their vectors, one row each."""
        import numpy as np

        held = [self._shelves.get(place, ["embeddings"]) for place in sorted(places)]
        ids = [i for one in held for i in one["ids"]]
        rows = np.concatenate([one["embeddings"] for one in held if one["ids"]])
        order = sorted(range(len(ids)), key=ids.__getitem__)
        return tuple(ids[n] for n in order), rows[order]

    def group(self, name: str, place: str) -> Any:
        """The vectors of the passages `name#0`, `name#1`, ... of a place, one row each, in that order."""
        if place not in self._places:
            self._places[place] = dict(zip(*self.vectors(frozenset({place})), strict=True))
        held = self._places[place]
        import numpy as np

        return np.array([held[f"{name}#{n}"] for n in range(sum(i.rpartition("#")[0] == name for i in held))])
