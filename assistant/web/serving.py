"""The pages as one app: FastAPI around Gradio, with the safe settings, a content security policy and the gate."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware

from assistant.database import StoreUnusable
from assistant.web import answer_desk, checker, desk, ledger_page, library_pages, memos, session, sign_in, states
from assistant.web.api import programs
from assistant.web.health import readiness
from assistant.web.limits import Limit
from assistant.web.metrics import Metrics
from assistant.web.page import QUESTIONS, THEME, build, css
from assistant.web.policy import guarded
from assistant.web.services import Services
from assistant.web.session import HOURS, Gate, session_key
from assistant.web.sites import HERE, STATIC, drawn

# Doors of Gradio that this page does not use.
CLOSED = ("/gradio_api/openapi.json", "/gradio_api/mcp", "/gradio_api/upload", "/monitoring")
# In the head of the chat; it must be there before Gradio asks for anything.
CONNECTION = (
    '<script src="/site/connection.js"></script><script src="/site/reconnect.js"></script>'
    '<link rel="stylesheet" href="/site/connection.css">'
)
log = logging.getLogger("kei.web")


def pages(services: Services, metrics: Metrics | None = None, often: Limit | None = None) -> FastAPI:
    """The app without the chat: the gate, signing in, the desks, exports, the API, health."""
    settings = services.settings
    app = FastAPI(title="Kei Assistant", openapi_url=None)

    @app.middleware("http")
    async def answered(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        closed = request.url.path.startswith(CLOSED)
        response = Response("Not found", 404) if closed else await call_next(request)
        if _lost(request, response):
            response = drawn(request, "refused.html", 404, told="There is no such page here.")
        return guarded(response)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return drawn(request, "refused.html", error.status_code, told=error.detail)

    @app.exception_handler(StoreUnusable)
    def unusable(request: Request, error: StoreUnusable) -> Response:
        log.error("the database cannot be used")
        return drawn(request, "refused.html", 503, told="The database cannot be used just now. Nothing was changed.")

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        log.error("request failed, reference %s", reference, exc_info=error)
        return drawn(request, "refused.html", 500, told=f"Something went wrong here. Please tell us {reference}.")

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        faults = readiness(services.settings, services.assistant, services.threads)
        told = {"status": "not ready", "faults": faults} if faults else {"status": "ready"}
        return JSONResponse({**told, "fingerprint": services.assistant.fingerprint}, 503 if faults else 200)

    app.include_router(session.routes(edition()))
    app.include_router(sign_in.routes(services.users, services.ledger, settings))
    app.include_router(memos.routes(services))
    app.include_router(answer_desk.routes(services))
    app.include_router(desk.routes(services))
    app.include_router(ledger_page.routes(services))
    app.include_router(states.routes(services))
    app.include_router(library_pages.routes(services))
    app.include_router(checker.routes(services))
    app.mount("/api", programs(services, metrics, often))
    app.mount("/site", StaticFiles(directory=STATIC))
    # The last one added is asked first: the session is read before the gate looks at it.
    app.middleware("http")(Gate(services.users, services.tokens))
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings),
        session_cookie="kei",
        max_age=HOURS * 3600,
        https_only=(settings.public_url or "").startswith("https:"),
    )
    return app


def _lost(request: Request, response: Response) -> bool:
    """Whether somebody who reads pages would get Gradio's JSON for an address that is none."""
    reads = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    kind = response.headers.get("content-type", "")
    ours = request.url.path.startswith(("/api/", "/gradio_api/"))
    return response.status_code == 404 and reads and not ours and not kind.startswith("text/html")


def application(services: Services, metrics: Metrics) -> FastAPI:
    """The whole app: the chat at `/`, behind the same gate as the pages."""
    often = Limit(*QUESTIONS)
    app = pages(services, metrics, often)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(services, metrics, often),
        path="/",
        auth_dependency=lambda request: request.state.person.id if request.state.person else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
        allowed_paths=[],
        blocked_paths=[str(Path.cwd())],
        max_file_size=1,
        theme=THEME,
        head=f"{CONNECTION}<style>{css()}</style>",  # the css argument would prefix every selector
        app_kwargs={"openapi_url": None},
    )
    return mounted


def edition() -> str:
    """What a page that is open must have in common with the server, so that the two understand each other."""
    kinds = {".py", ".js", ".css", ".html"}
    files = sorted(path for path in HERE.rglob("*") if path.suffix in kinds)
    return hashlib.sha256(gr.__version__.encode() + b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
