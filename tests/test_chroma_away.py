"""A Chroma server that is away, goes away, is slow, or is none; and addresses that are refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from assistant import vectors
from assistant.answer import Assistant
from assistant.doctor import _index
from assistant.index import IndexUnusable, VectorIndex, build, home
from assistant.index_server import ChromaServer
from assistant.settings import Settings
from assistant.threads import ThreadStore
from assistant.web.health import INDEX_UNREAD, readiness
from tests import chroma
from tests.conftest import HashEmbedder
from tests.test_index import PASSAGES, ids


def test_a_server_that_goes_away_is_told_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    port, folder = chroma.free_port(), tmp_path / "chroma"
    settings = Settings(data_dir=tmp_path / "data", database_url=None, chroma_url=f"http://127.0.0.1:{port}")
    with ExitStack() as running:
        running.enter_context(chroma.running(folder, port))
        build(home(settings), "one", PASSAGES, HashEmbedder())
        index = VectorIndex(home(settings), "one", HashEmbedder())
        assert ids(index, {"US"}) == {"a"}
    parts: Any = SimpleNamespace(settings=settings, retriever=SimpleNamespace(index=index))
    store = ThreadStore.open(settings)
    with pytest.raises(
        IndexUnusable, match=rf"http://127.0.0.1:{port} cannot be searched \(it does not answer.*doctor"
    ):
        ids(index, {"US"})
    assert readiness(settings, cast(Assistant, parts), store) == [INDEX_UNREAD]
    with chroma.running(folder, port):
        assert ids(index, {"US"}) == {"a"}
        assert readiness(settings, cast(Assistant, parts), store) == []
    store.close()


def test_an_address_without_a_server_is_told(tmp_path: Path) -> None:
    away = ChromaServer(f"http://127.0.0.1:{chroma.free_port()}")
    for refused in (
        lambda: build(away, "one", PASSAGES, HashEmbedder()),
        lambda: VectorIndex(away, "one", HashEmbedder()),
    ):
        with pytest.raises(IndexUnusable, match=r"does not answer.*see that it runs, and that KEI_CHROMA_URL is right"):
            refused()


class Other(BaseHTTPRequestHandler):
    """A server of something else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>nanosecond heartbeat</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_another_server_is_told(other: str) -> None:
    with pytest.raises(IndexUnusable, match="what answers there is no Chroma server"):
        build(ChromaServer(other), "one", PASSAGES, HashEmbedder())


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vectors, "WAIT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(IndexUnusable, match="it does not answer: timed out"):
            build(ChromaServer(address), "one", PASSAGES, HashEmbedder())
    with chroma.running(tmp_path / "chroma", chroma.free_port()) as url:
        server = ChromaServer(url)
        build(server, "one", PASSAGES, HashEmbedder())
        assert server._client._server._session.timeout.read == 0.5


def test_what_is_sent_goes_past_every_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: str) -> None:
    with chroma.running(tmp_path / "chroma", chroma.free_port()) as url:
        server = ChromaServer(url)
        build(server, "one", PASSAGES, HashEmbedder())
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other)
        assert ids(VectorIndex(server, "one", HashEmbedder()), {"US"}) == {"a"}


def test_the_doctor_tells_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.doctor.SentenceEmbedder", lambda _: HashEmbedder())
    port = chroma.free_port()
    settings = Settings(data_dir=tmp_path / "data", chroma_url=f"http://127.0.0.1:{port}")
    found = _index(settings)
    assert not found.ok
    assert "does not answer" in found.what
    assert "KEI_CHROMA_URL" in found.fix
    with chroma.running(tmp_path / "chroma", port):
        found = _index(settings)
        assert (found.ok, found.fix) == (False, "kei index")
        assert f"on the Chroma server at http://127.0.0.1:{port}" in found.what


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://ann:s3cret@chroma:8000", "holds a name or a password"),
        ("http://chroma:8000/api", "goes on after the port"),
        ("http://chroma:8000?token=s3cret", "goes on after the port"),
        ("chroma:8000", "is no address"),
        ("http://chroma:s3cret", "is no address"),
        ("ftp://chroma", "is no address"),
        ("", "is no address"),
    ],
)
def test_addresses_that_are_none_are_refused_without_being_shown(url: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told) as error:
        Settings(chroma_url=url)
    assert "s3cret" not in str(error.value)


def test_an_address_is_taken_and_changes_no_answer() -> None:
    with_server = Settings(chroma_url="http://chroma:8000/")
    assert with_server.chroma_url == "http://chroma:8000"
    assert with_server.fingerprint == Settings().fingerprint


def test_secrets_are_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "KEI_SESSION_KEY").write_text("k" * 40 + "\n")
    (tmp_path / "KEI_DATABASE_URL").write_text("postgresql://kei:s3cret@postgres/kei")
    monkeypatch.setenv("KEI_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("KEI_DATABASE_URL", "sqlite:///other.db")
    settings = Settings()
    assert settings.session_key is not None
    assert settings.session_key.get_secret_value() == "k" * 40
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "sqlite:///other.db"
    monkeypatch.setenv("KEI_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(ValidationError, match="is no folder"):
        Settings()
