"""An index in a folder of its own, named after the book and the model it was made from.

It is built beside the old one and renamed into place, so a kill at any moment leaves the old one serving. Chroma
allows one process per folder, so nobody opens the folder itself: every process works on a private copy, and a rebuild
never touches one that is being read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings, FakeEmbeddings

from assistant.index_filling import LAYOUT, IndexUnusable, Progress, Remembering, fill, vectors_of
from assistant.passages import Passage
from assistant.vectors import Shelves, ShelvesUnusable, folder_client

MANIFEST = "manifest.json"
PREFIX = "kei"
log = logging.getLogger("kei.index")


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


def build(
    folder: Path,
    name: str,
    passages: Sequence[Passage],
    embeddings: Embeddings,
    progress: Progress | None,
    *,
    model: str,
    rebuild: bool,
) -> None:
    """Embed every passage into a new index and put it into place, unless it is there and whole.

    Raises IndexUnusable when the folder cannot be written or another process is building.
    """
    target = folder / name
    if is_built(folder, name) and not rebuild:
        if is_whole(folder, name):
            return
        log.warning("the index is damaged and is built anew")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".building", timeout=0):
            if is_built(folder, name) and not rebuild and is_whole(folder, name):
                return
            work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            try:
                known = {} if rebuild else known_vectors(folder, model)
                fill(Shelves(folder_client(work), PREFIX, Remembering(embeddings, known)), passages, progress)
                files = {str(p.relative_to(work)): _sha256(p) for p in work.rglob("*") if p.is_file()}
                told = {"layout": LAYOUT, "passages": len(passages), "model": model, "files": files}
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


def opened(folder: Path, name: str, private: Path) -> Shelves:
    """A finished index, read from its copy in the empty folder `private`. Raises IndexUnusable when it is missing or
    cannot be read."""
    if not is_built(folder, name):
        raise IndexUnusable("the index is missing or out of date; run: kei index")
    try:
        copied(folder / name, private)
        if not is_whole(private.parent, private.name):
            raise ValueError("it is damaged")
        shelves = Shelves(folder_client(private), PREFIX, FakeEmbeddings(size=1))
        held = shelves.count()
        expected = json.loads((private / MANIFEST).read_text("utf-8"))["passages"]
    except Exception as error:
        told = f"the index in {folder / name} cannot be read ({error}); run: kei index --rebuild"
        raise IndexUnusable(told) from error
    if held != expected:
        raise IndexUnusable(f"the index holds {held} of {expected} passages; run: kei index --rebuild")
    return shelves


def known_vectors(folder: Path, model: str) -> dict[str, list[float]]:
    """The vectors of every passage of the finished indexes of this model; empty when there is none to be read."""
    known: dict[str, list[float]] = {}
    for manifest in folder.glob(f"*/{MANIFEST}"):
        try:
            told = json.loads(manifest.read_text("utf-8"))
            if not model or told.get("model") != model or told.get("layout") != LAYOUT:
                continue
            with tempfile.TemporaryDirectory(prefix="kei-index-") as private:
                known.update(vectors_of(opened(folder, manifest.parent.name, Path(private))))
        except Exception:
            continue
    return known


def copied(source: Path, target: Path) -> Path:
    """The files of `source` in `target` (a few megabytes), writable whatever the original is."""
    for file in (f for f in source.rglob("*") if f.is_file()):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return target


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _swap(work: Path, target: Path) -> None:
    """Put a finished index into place; the old one is moved aside first, for a folder cannot be replaced at once."""
    old = target.with_name(f".old-{target.name}-{os.getpid()}")
    if target.exists():
        target.rename(old)
    work.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _remove_others(folder: Path, keep: str) -> None:
    for old in folder.iterdir():
        if old.is_dir() and old.name != keep:
            shutil.rmtree(old, ignore_errors=True)
