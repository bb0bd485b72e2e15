"""Serve the pages: FastAPI around Gradio, with the safe settings, a content security policy and the gate."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from assistant.access import Users
from assistant.answer import Assistant
from assistant.database import Database, StoreUnusable
from assistant.settings import Settings
from assistant.standing import States
from assistant.web import answer_desk, checker, desk, ledger_page, library_pages, memos, sign_in, states
from assistant.web.api import programs
from assistant.web.health import readiness
from assistant.web.limits import Limit
from assistant.web.logs import RequestLog, at_level, logging_as_json
from assistant.web.metrics import LOOPBACK, Counted, Metrics
from assistant.web.page import QUESTIONS, THEME, build, css
from assistant.web.services import Services
from assistant.web.session import HOURS, Gate, session_key
from assistant.web.sites import STATIC, drawn

# Gradio's templates need inline scripts and eval; nothing may be loaded from, or sent to, another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'none'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)

# Doors of Gradio that this page does not use.
CLOSED = ("/gradio_api/openapi.json", "/gradio_api/mcp", "/gradio_api/upload", "/monitoring")


# Under these names a browser of this machine reaches it; "[" is how the middleware reads the start of "[::1]:7860".
LOCAL_NAMES = ("localhost", "127.0.0.1", "[")
log = logging.getLogger("kei.web")


class AddressRefused(ValueError):  # noqa: N818 - says what is the matter
    """An address that cannot be served: another machine could look without sign-in, or the port is taken."""


def loopback_only(host: str) -> None:
    """Raises AddressRefused unless `host` is this machine alone."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise AddressRefused(
            f"{host} would show the chat to other machines and nobody has to sign in; "
            "add a person first (kei user add), or use 127.0.0.1"
        )


def free(host: str, port: int) -> None:
    """Raises AddressRefused unless the port can be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            told = f"port {port} on {host} cannot be used ({error.strerror}); name another, such as {port + 1}"
            raise AddressRefused(told) from error


def pages(services: Services, metrics: Metrics | None = None, often: Limit | None = None) -> FastAPI:
    """The app without the chat: the gate, signing in, the desks, exports, the API, health."""
    settings = services.settings
    app = FastAPI(title="Kei Assistant", openapi_url=None)

    @app.middleware("http")
    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        closed = request.url.path.startswith(CLOSED)
        response = Response("Not found", 404) if closed else await call_next(request)
        if _lost(request, response):
            response = drawn(request, "refused.html", 404, told="There is no such page here.")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Other hosts get no referrer; our own forms must name where they come from (session.foreign).
        response.headers["Referrer-Policy"] = "same-origin"
        return response

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
        head=f"<style>{css()}</style>",  # the css argument would prefix every selector
        app_kwargs={"openapi_url": None},
    )
    return mounted


def serve_chat(host: str, port: int, settings: Settings, opened: Callable[[States], Assistant]) -> None:
    """Open the database and the assistant, then serve until stopped.

    Raises AddressRefused or StoreUnusable before anything heavy is loaded, MetricsUnusable when that port was taken
    meanwhile.
    """
    database = Database.open(settings)
    if not Users(database).configured():
        loopback_only(host)
    free(host, port)
    if settings.metrics_port is not None:
        free(LOOPBACK, settings.metrics_port)
    services = Services.open(settings, database, opened)
    # The first question should not pay for loading the model.
    services.assistant.ask("Can I import a kei truck?")
    metrics = Metrics(
        book=services.assistant.library.fingerprint,
        answers=services.assistant.fingerprint,
        version=version("kei-assistant"),
    )
    app: ASGIApp = application(services, metrics)
    logs = at_level(settings.log_level)
    if not services.users.configured():
        # A page elsewhere could give its own name the address of this machine, and then read what nobody signs in to.
        public = urlsplit(settings.public_url or "").hostname
        app = TrustedHostMiddleware(app, allowed_hosts=[host, *LOCAL_NAMES, *([public] if public else [])])
    print(f"Kei Assistant: http://{host}:{port}  (Ctrl+C stops it)", flush=True)
    with metrics.served(settings.metrics_port), logging_as_json(logs):
        # Outside everything else, so that a failure has its id and is counted too.
        uvicorn.run(
            RequestLog(Counted(app, metrics)), host=host, port=port, log_config=logs, log_level=None, access_log=False
        )
