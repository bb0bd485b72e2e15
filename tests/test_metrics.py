"""The figures for Prometheus and for the proxy: counted by outcome and stage, without a word of a question."""

from __future__ import annotations

import ast
import datetime as dt
import re
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient
from prometheus_client import generate_latest

from assistant.answer import Assistant
from assistant.contract import Answer, Drafting
from assistant.index import VectorIndex, build
from assistant.passages import Passage
from assistant.settings import Settings
from assistant.threads import ThreadStore
from assistant.web.health import DATABASE_GONE, DATABASE_UNREAD, INDEX_UNREAD, readiness
from assistant.web.metrics import REASONS, STAGES, Counted, Metrics, MetricsUnusable
from tests.conftest import ROOT, HashEmbedder

SECRET = "PLANTED4711"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(book="b00c", answers="a45e", version="0.1.0")


def answered(**more: object) -> Answer:
    held = {"question": SECRET, "outcome": "answered", "answer": SECRET, "as_of": dt.date(2026, 11, 24)}
    return Answer.model_validate({**held, "id": SECRET, "places": ("US",), "fingerprint": "f", **more})


def shown(metrics: Metrics) -> dict[str, float]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_an_answer_is_counted_by_outcome_stage_and_reason(metrics: Metrics) -> None:
    stopped = {"speaks of Texas without a source of that state": 2, REASONS[0]: 1, SECRET: 3}
    draft = Drafting(model=SECRET, chosen=1, repaired=0, stopped=stopped, used=False)
    metrics.observe(answered(timings_ms={"retrieve": 20, "total": 300, SECRET: 5}), dropped=2)
    metrics.observe(answered(outcome="clarify", drafting=draft))
    metrics.failed()
    told = shown(metrics)
    assert told['kei_answers_total{outcome="answered"}'] == told['kei_answers_total{outcome="clarify"}'] == 1
    assert told['kei_answers_total{outcome="declined"}'] == 0
    assert told['kei_stage_seconds_sum{stage="retrieve"}'] == 0.02
    assert told['kei_stage_seconds_bucket{le="0.25",stage="total"}'] == 0
    assert told['kei_stage_seconds_bucket{le="0.5",stage="total"}'] == 1
    assert told["kei_dropped_sentences_total"] == 2
    assert told["kei_failed_answers_total"] == 1
    assert told['kei_model_drafts_total{used="no"}'] == 1
    reasons = {name: value for name, value in told.items() if name.startswith("kei_model_stops_total")}
    assert {re.findall('"(.*)"', name)[0]: n for name, n in reasons.items()} == {
        "speaks of": 2,
        REASONS[0]: 1,
        "other": 3,
    }
    assert told['kei_assistant_info{answers="a45e",book="b00c",version="0.1.0"}'] == 1
    assert told["process_resident_memory_bytes"] > 1e6
    text = generate_latest(metrics.registry).decode()
    assert SECRET not in text
    assert "Texas" not in text


def test_every_reason_and_stage_of_the_program_is_known() -> None:
    for name in ("claim_check.py", "verify.py"):
        tree = ast.parse((ROOT / "assistant" / name).read_text("utf-8"))
        for found in (node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value):
            for text in (node.value for node in ast.walk(found) if isinstance(node, ast.Constant)):
                if isinstance(text, str) and len(text) > 12 and not text.startswith((" without", "b(")):
                    assert text.startswith(REASONS), text
    named = re.findall(r'^ {12}\("(\w+)", self\._', (ROOT / "assistant/answer.py").read_text("utf-8"), re.M)
    assert (*named, "total") == STAGES


def test_open_and_refused_requests(metrics: Metrics) -> None:
    app = FastAPI()
    seen = []

    @app.get("/")
    def root(busy: bool = False) -> Response:
        seen.append(shown(metrics)["kei_open_requests"])
        return Response(status_code=429 if busy else 200)

    with TestClient(Counted(app, metrics)) as client:  # type: ignore[arg-type]
        client.get("/")
        client.get("/?busy=1")
    metrics.refused()
    told = shown(metrics)
    assert (seen, told["kei_open_requests"], told["kei_refused_requests_total"]) == ([1, 1], 0, 2)


def test_it_is_served_on_this_machine_only_and_ends(metrics: Metrics) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with metrics.served(None):
        pass
    with metrics.served(port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as response:
            assert b"kei_answers_total" in response.read()
        with pytest.raises(MetricsUnusable, match=r"port \d+ .*KEI_METRICS_PORT"), metrics.served(port):
            pass
        with socket.socket() as other:
            assert other.connect_ex(("127.0.0.2", port)) != 0
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Settings, Assistant, ThreadStore]]:
    """As much of an assistant as readiness looks at, on a folder of its own."""
    settings = Settings(data_dir=tmp_path / "data", database_url=None)
    build(settings.index_dir, "one", (Passage("a", "the ban on importing a truck", "US"),), HashEmbedder())
    index = VectorIndex(settings.index_dir, "one", HashEmbedder())
    parts: Any = SimpleNamespace(settings=settings, retriever=SimpleNamespace(index=index))
    with closing(ThreadStore.open(settings)) as store:
        yield settings, cast(Assistant, parts), store


def test_a_sound_process_is_ready_whatever_becomes_of_the_index_on_the_disk(
    serving: tuple[Settings, Assistant, ThreadStore],
) -> None:
    assert readiness(*serving) == []
    shutil.rmtree(serving[0].index_dir)
    assert readiness(*serving) == []


def test_a_database_that_is_gone_or_broken_is_told(serving: tuple[Settings, Assistant, ThreadStore]) -> None:
    settings, assistant, store = serving
    with store._database.transaction() as db:
        db.exec_driver_sql("drop table kei_turns")
        db.exec_driver_sql("drop table kei_threads")
    assert readiness(settings, assistant, store) == [DATABASE_UNREAD]
    for path in settings.data_dir.glob("kei.db*"):
        path.unlink()
    assert readiness(settings, assistant, store) == [DATABASE_GONE]


def test_an_index_that_cannot_be_searched_is_told(
    serving: tuple[Settings, Assistant, ThreadStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VectorIndex, "search", lambda *_, **__: {})
    assert readiness(*serving) == [INDEX_UNREAD]
    monkeypatch.setattr(VectorIndex, "search", lambda *_, **__: 1 / 0)
    assert readiness(*serving) == [INDEX_UNREAD]
