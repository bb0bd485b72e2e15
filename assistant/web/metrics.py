"""Figures for Prometheus, on a port of their own that only this machine reaches. No label holds a word or an id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, start_http_server

from assistant.contract import Answer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK: Final = "127.0.0.1"
TOO_MANY: Final = 429
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# How the reasons begin for which a sentence of a language model is stopped (claim_check, verify). What follows some of
# them is a place or a figure of the question, so a reason that is not here is counted as "other".
REASONS: Final = (
    "a source that was not given",
    "markup, an address or a hidden character",
    "a quote that its source does not hold",
    "a quote that is no whole sentence",
    "a quote that stops before its condition",
    "another figure than its source",
    "words that its source does not hold",
    "words of its source left out",
    "the words of its source in another order",
    "names a statement that is not in the book",
    "states law without a source",
    "decides on unconfirmed statements alone",
    "figures that no source holds",
    "speaks of",
    "a negation that no source holds",
    "a duty where the source gives leave",
    "a limit that no source holds",
    "a near copy with another number of negations than its source",
    "a negation of the source was dropped",
    "a condition of the source was dropped",
    "tells as law what is not in force",
)
STAGES: Final = ("understand", "recognise", "route", "retrieve", "draft", "verify", "word", "answer", "total")


class MetricsUnusable(RuntimeError):  # noqa: N818 - says what is the matter
    """The port for metrics cannot be opened; the message says what to do."""


class Metrics:
    """The figures of one process. `book` and `answers` are the fingerprints of the book and of the assistant."""

    def __init__(self, *, book: str, answers: str, version: str) -> None:
        self.registry = held = CollectorRegistry()
        self._answers = Counter("kei_answers", "Answers by outcome.", ["outcome"], registry=held)
        stage = "Seconds that each stage of an answer took."
        self._stages = Histogram("kei_stage_seconds", stage, ["stage"], buckets=_SECONDS, registry=held)
        self._dropped = Counter("kei_dropped_sentences", "Sentences that their sources did not bear.", registry=held)
        stops = "Sentences of a language model that were stopped, by reason."
        self._stops = Counter("kei_model_stops", stops, ["reason"], registry=held)
        self._drafts = Counter("kei_model_drafts", "Drafts of a language model.", ["used"], registry=held)
        self._failed = Counter("kei_failed_answers", "Questions that ended in an error.", registry=held)
        self._open = Gauge("kei_open_requests", "Requests that are being answered.", registry=held)
        self._refused = Counter("kei_refused_requests", "Requests refused because there were too many.", registry=held)
        told = Info("kei_assistant", "The version, and the fingerprints of the book and of the answers.", registry=held)
        told.info({"version": version, "book": book, "answers": answers})
        for outcome in ("answered", "declined", "clarify"):
            self._answers.labels(outcome)
        ProcessCollector(registry=held)

    def observe(self, answer: Answer, *, dropped: int = 0) -> None:
        """Count one answer; `dropped` is how many of its sentences `verify` left out."""
        self._answers.labels(answer.outcome).inc()
        for stage, spent in answer.timings_ms.items():
            if stage in STAGES:
                self._stages.labels(stage).observe(spent / 1000)
        self._dropped.inc(dropped)
        if answer.drafting is not None:
            self._drafts.labels("yes" if answer.drafting.used else "no").inc()
            for reason, count in answer.drafting.stopped.items():
                self._stops.labels(_kind(reason)).inc(count)

    def failed(self) -> None:
        """Count a question that ended in an error."""
        self._failed.inc()

    def refused(self) -> None:
        """Count a question that was refused because there were too many; responses of status 429 count themselves."""
        self._refused.inc()

    @contextmanager
    def served(self, port: int | None) -> Iterator[None]:
        """Answer Prometheus on 127.0.0.1 and that port meanwhile; nothing happens without one.

        Raises MetricsUnusable when the port is taken.
        """
        if port is None:
            yield
            return
        try:
            server, thread = start_http_server(port, LOOPBACK, registry=self.registry)
        except OSError as error:
            told = f"port {port} for metrics cannot be used ({error.strerror})"
            raise MetricsUnusable(f"{told}; set KEI_METRICS_PORT to a free one, or unset it") from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Counted:
    """ASGI: counts the requests that are open and those that were refused with status 429."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == TOO_MANY:
                self._metrics.refused()
            await send(message)

        with self._metrics._open.track_inprogress():
            await self._app(scope, receive, answered)


def _kind(reason: str) -> str:
    return next((known for known in REASONS if reason.startswith(known)), "other")
