"""What is served while the law book is being opened: how far it is, on a page for people and as JSON for programs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from assistant.web.policy import guarded
from assistant.web.sites import STATIC, drawn

# Seconds after which a program may ask again; the page looks sooner.
AGAIN = 5
# Seconds in which who was let in last asks and is answered.
LAST = 0.3
# What /readyz and the chat call this state.
STARTING = "starting"


class Opening:
    """How far it is. Told by the thread that opens the book, read by the one that serves; `app` shows it."""

    def __init__(self) -> None:
        self._done = self._total = 0
        self.app = _app(self)

    def progress(self, done: int, total: int) -> None:
        """So many of all passages are embedded (assistant.index.Progress)."""
        self._done, self._total = done, total

    @property
    def told(self) -> str:
        """The state in words."""
        if not self._total or self._done >= self._total:
            return "The law book is being opened. This takes a little while."
        return f"The law book is being prepared: {self._done:,} of {self._total:,} passages."

    @property
    def state(self) -> dict[str, object]:
        """The same for programs and for the page's script."""
        return {
            "status": "not ready",
            "faults": [STARTING],
            "told": self.told,
            "done": self._done,
            "total": self._total,
        }


@contextmanager
def served(app: ASGIApp, door: socket.socket) -> Iterator[None]:
    """Answer at a listening socket from a thread of its own; who comes while it ends waits in the socket's queue.

    Signals stay with the caller: Ctrl+C ends the block as it ends any other work.
    """
    # Without a connection that is kept alive, none is cut off when the block ends.
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        headers=[("Connection", "close")],
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door.dup()]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # The end closes every connection over which nothing was asked yet; so nobody is let in for a moment before it.
        for one in getattr(server, "servers", ()):
            one.get_loop().call_soon_threadsafe(one.close)
        time.sleep(LAST)
        server.should_exit = True
        thread.join()


def _app(opening: Opening) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def headed(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = guarded(await call_next(request))
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == 503:
            response.headers["Retry-After"] = str(AGAIN)
        return response

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/site", StaticFiles(directory=STATIC))

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def anything(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse(opening.state, 503)
        return drawn(request, "opening.html", 503, state=opening.state, sent=request.method not in ("GET", "HEAD"))

    return app
