"""Shared parts: one real assistant a session, a hash-based embedder, and what to do when a part is missing."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Before any library reads them: one thread (spinning threads starve a shared machine), and no hub.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
from filelock import FileLock
from langchain_core.embeddings import Embeddings

from assistant.answer import Assistant
from assistant.contract import Answer, Ask
from assistant.settings import Settings
from corpus.library import Library
from evals.cases import cases
from evals.run import Row, rows_of

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
TODAY = dt.date(2026, 11, 24)


def missing(part: str) -> None:
    """Skip with the reason; under `.ci/run` (KEI_REQUIRE_ALL=1) a missing part is a failure."""
    if os.environ.get("KEI_REQUIRE_ALL") == "1":
        pytest.fail(f"{part} is missing, and KEI_REQUIRE_ALL=1 allows no skips")
    pytest.skip(f"{part} is missing")


class HashEmbedder(Embeddings):
    """Words hashed into 64 dimensions: the same text gives the same vector, shared words give nearness."""

    identity = "hash-64"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = [1e-6] * 64
        for word in text.lower().split():
            vector[hashlib.sha256(word.encode()).digest()[0] % 64] += 1.0
        length = sum(x * x for x in vector) ** 0.5
        return [x / length for x in vector]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.open()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's files come first: they are the longest, and a long one last would be waited for alone."""
    browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in browser)


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The index folder of this run, built by the process that is first to need it.

    KEI_TEST_INDEX names an index folder of before, from which unchanged passages are taken over (a minute less).
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with FileLock(shared / "index.lock"):
        made = Settings(data_dir=shared / "built")
        if not made.index_dir.is_dir():
            if before := os.environ.get("KEI_TEST_INDEX"):
                shutil.copytree(before, made.index_dir)
            Assistant.open(made)
    return made.index_dir


@pytest.fixture(scope="session")
def data_dir(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the session's assistant; subprocess tests use it too, so that the index is built once."""
    folder = tmp_path_factory.mktemp("kei-data")
    shutil.copytree(built_index, folder / "index")
    return folder


@pytest.fixture(scope="session")
def assistant(data_dir: Path) -> Assistant:
    """The real assistant: real book, real embedder. Built once a session."""
    return Assistant.open(Settings(data_dir=data_dir))


@pytest.fixture(scope="session")
def ask(assistant: Assistant) -> Callable[..., Answer]:
    def asked(question: str, *, as_of: dt.date = TODAY, state: str | None = None) -> Answer:
        return assistant.invoke(Ask(question=question, as_of=as_of, state=state))

    return asked


@pytest.fixture(scope="session")
def rows(assistant: Assistant) -> tuple[Row, ...]:
    """The whole suite asked once a session, in both wordings (half a minute)."""
    return tuple(rows_of(assistant, cases()))


@contextmanager
def serving(project: Path, data: Path, log: Path) -> Iterator[str]:
    """The address of `project`'s app, served in a process of its own on the data folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, str(project / "app.py"), "--port", str(port)],
            env={**os.environ, "KEI_DATA_DIR": str(data), "PYTHONPATH": str(project)},
            cwd=project,
            stdout=out,
            stderr=out,
        )
    try:
        for _ in range(360):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()  # an open page would keep a polite end waiting
        server.wait()


@pytest.fixture(scope="session")
def address(assistant: Assistant, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served by `app.py` in a process of its own on the session's index."""
    del assistant
    with serving(ROOT, data_dir, tmp_path_factory.mktemp("serve") / "log") as address:
        yield address
