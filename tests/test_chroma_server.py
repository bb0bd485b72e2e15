"""An index on a Chroma server: built beside, marked when finished, shared by processes, and every trouble in words."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.index import IndexUnusable, VectorIndex, build, is_whole
from assistant.index_server import ChromaServer
from assistant.passages import NO_END, Passage
from tests import chroma
from tests.conftest import ROOT, HashEmbedder
from tests.test_index import PASSAGES, ids

TODAY = dt.date(2026, 11, 24)
OTHER = (*PASSAGES, Passage("e", "another ban on importing a truck", "replies:US-TX"))


class Counting(HashEmbedder):
    """Counts the texts that are embedded; `dies` on the second batch."""

    def __init__(self, *, dies: bool = False) -> None:
        self.texts, self.batches, self.dies = 0, 0, dies

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts, self.batches = self.texts + len(texts), self.batches + 1
        if self.dies and self.batches > 1:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma.running(tmp_path_factory.mktemp("chroma") / "data", chroma.free_port()) as url:
        yield url


@pytest.fixture
def server(url: str) -> ChromaServer:
    """The server with nothing on it."""
    server = ChromaServer(url, patience=0.3)
    for one in server._client.list_collections():
        server._client.delete_collection(one.name)
    return server


def built(server: ChromaServer, name: str = "one", passages: tuple[Passage, ...] = PASSAGES, **more: Any) -> None:
    build(server, name, passages, more.pop("embeddings", HashEmbedder()), **more)


def names(server: ChromaServer) -> set[str]:
    return {one.name for one in server._client.list_collections()}


def test_place_and_date_are_hard_filters_and_similarity_is_cosine(server: ChromaServer) -> None:
    built(server, passages=OTHER)
    index = VectorIndex(server, "one", HashEmbedder())
    assert ids(index, {"US"}) == {"a"}
    assert ids(index, {"US", "US-TX"}) == {"a", "b"}
    assert ids(index, {"replies:US-TX"}) == {"e"}
    assert ids(index, {"US"}, dt.date(2019, 12, 31)) == {"a", "c"}
    assert ids(index, {"US"}, dt.date(2020, 1, 1)) == {"a"}
    assert ids(index, {"US"}, dt.date(2030, 1, 1)) == {"a", "d"}
    assert ids(index, {"US-GA"}) == set()
    found = index.search(index.embed(PASSAGES[0].text), places=frozenset({"US"}), as_of=TODAY, k=1)
    assert found["a"] == pytest.approx(1.0, abs=1e-5)


def test_it_finds_the_same_as_a_folder_beyond_what_one_reply_holds(server: ChromaServer, tmp_path: Path) -> None:
    many = [
        Passage(f"p{n}", f"rule {n % 97} of {n % 13} on trucks {n}", "US", n % 3, NO_END - n % 2) for n in range(1100)
    ]
    found = []
    for place in (server, tmp_path):
        build(place, "many", many, HashEmbedder())
        index = VectorIndex(place, "many", HashEmbedder())
        held, rows = index.vectors(frozenset({"US"}))
        near = index.search(index.embed("rule 5 of 7 on trucks"), places=frozenset({"US"}), as_of=TODAY, k=60)
        found.append((held, rows.tolist(), sorted(round(one, 5) for one in near.values())))
    assert len(found[0][0]) == 1100
    assert found[0] == found[1]


def test_vectors_of_a_folder_and_of_the_server_are_taken_over(server: ChromaServer, url: str, tmp_path: Path) -> None:
    build(tmp_path, "before", PASSAGES, HashEmbedder(), model="hash")
    moved, grown, anew = Counting(), Counting(), Counting()
    built(ChromaServer(url, tmp_path), embeddings=moved, model="hash")
    built(server, "two", OTHER, embeddings=grown, model="hash")
    built(server, "two", OTHER, embeddings=anew, model="hash", rebuild=True)
    assert (moved.texts, grown.texts, anew.texts) == (0, 1, 5)
    assert ids(VectorIndex(server, "two", HashEmbedder()), {"US", "replies:US-TX"}) == {"a", "e"}


def test_a_finished_index_is_kept_and_the_one_before_it_serves_on(server: ChromaServer) -> None:
    built(server)
    serving, again = VectorIndex(server, "one", HashEmbedder()), Counting()
    built(server, embeddings=again)
    built(server, "two")
    assert again.texts == 0
    assert ids(serving, {"US"}) == {"a"}
    assert is_whole(server, "one")
    built(server, "three")
    assert not is_whole(server, "one")
    assert is_whole(server, "two")
    with pytest.raises(IndexUnusable, match=r"no longer holds this index.*kei doctor"):
        ids(serving, {"US"})


def test_a_rebuild_does_not_touch_an_open_index(server: ChromaServer) -> None:
    built(server)
    serving = VectorIndex(server, "one", HashEmbedder())
    built(server, passages=OTHER, rebuild=True)
    assert ids(serving, {"US", "replies:US-TX"}) == {"a"}
    assert ids(VectorIndex(server, "one", HashEmbedder()), {"US", "replies:US-TX"}) == {"a", "e"}


def test_a_build_that_dies_leaves_nothing_and_one_that_was_killed_is_taken_over(server: ChromaServer, url: str) -> None:
    many = tuple(Passage(f"p{n}", f"passage {n}", "US") for n in range(200))
    with pytest.raises(KeyboardInterrupt):
        built(server, "one", many, embeddings=Counting(dies=True))
    assert names(server) == set()
    code = (
        "import os, sys\nfrom tests.test_chroma_server import *\n"
        "class Killed(HashEmbedder):\n"
        "    def embed_documents(self, texts):\n"
        "        if len(texts) < 64: os.kill(os.getpid(), 9)\n"
        "        return super().embed_documents(texts)\n"
        "built(ChromaServer(sys.argv[1]), 'one', tuple(Passage(f'p{n}', f'passage {n}', 'US') for n in range(200)),"
        " embeddings=Killed())"
    )
    ended = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=False, env={**os.environ})
    assert ended.returncode == -9
    left = names(server)
    assert len(left) == 2
    assert not is_whole(server, "one")
    with pytest.raises(IndexUnusable, match="kei index"):
        VectorIndex(server, "one", HashEmbedder())
    built(server, "one", many)
    assert len(VectorIndex(server, "one", HashEmbedder()).vectors(frozenset({"US"}))[0]) == 200
    assert not left & names(server)


def test_of_two_that_build_one_waits_and_is_told_how_far_the_other_is(server: ChromaServer, url: str) -> None:
    many = tuple(Passage(f"p{n}", f"passage {n}", "US") for n in range(200))
    begun, go, seen = threading.Event(), threading.Event(), []

    class Slow(Counting):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            if self.batches == 1:
                begun.set()
                assert go.wait(30)
            return super().embed_documents(texts)

    def told(done: int, total: int) -> None:
        seen.append((done, total))
        go.set()

    slow, waiting = Slow(), Counting()
    other = threading.Thread(target=built, args=(ChromaServer(url), "one", many), kwargs={"embeddings": slow})
    other.start()
    assert begun.wait(30)
    built(ChromaServer(url), "one", many, embeddings=waiting, progress=told)
    other.join()
    assert (slow.texts, waiting.texts) == (200, 0)
    assert seen[0] == (64, 200)
    assert is_whole(server, "one")
    assert not any("lease" in name for name in names(server))


def test_two_that_build_without_a_lease_do_not_mix(
    server: ChromaServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.index_server.Lease.taken", lambda *_: True)
    both = [threading.Thread(target=built, args=(ChromaServer(url), "one", passages)) for passages in (PASSAGES, OTHER)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    found = ids(VectorIndex(server, "one", HashEmbedder()), {"US", "replies:US-TX"})
    assert found in ({"a"}, {"a", "e"})
    assert is_whole(server, "one")


def test_a_half_index_is_never_opened_and_built_anew(server: ChromaServer, caplog: pytest.LogCaptureFixture) -> None:
    built(server)
    (place,) = (one for one in server._client.list_collections() if one.name.endswith(".US"))
    place.delete(ids=["c"])
    with pytest.raises(IndexUnusable, match=r"holds 3 of 4 passages; run: kei index --rebuild"):
        VectorIndex(server, "one", HashEmbedder())
    built(server)
    assert "the index is damaged and is built anew" in caplog.text
    assert ids(VectorIndex(server, "one", HashEmbedder()), {"US"}) == {"a"}


@pytest.mark.parametrize(
    ("vector", "space", "told"), [([0.1] * 3, "cosine", "several kinds"), ([0.1] * 64, "l2", "not compared by")]
)
def test_vectors_of_another_kind_are_refused(server: ChromaServer, vector: list[float], space: str, told: str) -> None:
    built(server)
    (place,) = (one for one in server._client.list_collections() if one.name.endswith(".US-TX"))
    server._client.delete_collection(place.name)
    other = server._client.create_collection(
        place.name, metadata=place.metadata, configuration={"hnsw": {"space": space}}, embedding_function=None
    )
    other.add(ids=["b"], embeddings=[vector], documents=["b"], metadatas=[{"starts": 0, "ends": NO_END}])
    with pytest.raises(IndexUnusable, match=told):
        VectorIndex(server, "one", HashEmbedder())


def test_what_is_not_ours_stays(server: ChromaServer) -> None:
    for name in ("keichain", "kei.of-somebody"):
        server._client.create_collection(name, embedding_function=None)
    for name in ("one", "two", "three"):
        built(server, name)
    assert {"keichain", "kei.of-somebody"} <= names(server)


def test_no_stored_configuration_is_made_into_a_function(server: ChromaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection may name a function that loads code (CVE-2026-45829)."""
    from chromadb.api.models.CollectionCommon import CollectionCommon

    monkeypatch.setattr(CollectionCommon, "configuration", property(lambda _: pytest.fail("it was looked at")))
    built(server)
    index = VectorIndex(server, "one", HashEmbedder())
    assert ids(index, {"US"}) == {"a"}
    assert index.vectors(frozenset({"US"}))[0] == ("a", "c", "d")
