"""Serve the page on this machine: FastAPI around Gradio, with the safe settings and a content security policy."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response

from assistant.answer import Assistant
from assistant.settings import Settings
from assistant.threads import ThreadStore
from assistant.web.page import THEME, build, css

# Gradio's templates need inline scripts and eval; nothing may be loaded from, or sent to, another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'none'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)

# Doors of Gradio that this page does not use.
CLOSED = ("/gradio_api/openapi.json", "/gradio_api/mcp", "/gradio_api/upload", "/monitoring")


class AddressRefused(ValueError):  # noqa: N818 - says what is the matter
    """An address that cannot be served: another machine could look without sign-in, or the port is taken."""


def loopback_only(host: str) -> None:
    """Raises AddressRefused unless `host` is this machine alone: sign-in is not part of this version."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise AddressRefused(
            f"{host} would show the chat to other machines and no sign-in is configured; use 127.0.0.1, or put a proxy "
            "with sign-in in front"
        )


def application(assistant: Assistant, store: ThreadStore) -> FastAPI:
    """The app: the chat at `/`, `/healthz` and `/readyz` beside it."""
    app = FastAPI(title="Kei Assistant", openapi_url=None)

    @app.middleware("http")
    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        closed = request.url.path.startswith(CLOSED)
        response = Response("Not found", 404) if closed else await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ready", "fingerprint": assistant.fingerprint}

    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(assistant, store),
        path="/",
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


def serve_chat(host: str, port: int, settings: Settings, opened: Callable[[], Assistant]) -> None:
    """Open the stored conversations and the assistant, then serve until stopped.

    Raises AddressRefused or StoreUnusable before anything heavy is loaded.
    """
    loopback_only(host)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressRefused(
                f"port {port} on {host} cannot be used ({error.strerror}); try --port {port + 1}"
            ) from error
    store = ThreadStore.open(settings)
    assistant = opened()
    # The first question should not pay for loading the model.
    assistant.ask("Can I import a kei truck?")
    print(f"Kei Assistant: http://{host}:{port}  (Ctrl+C stops it)", flush=True)
    uvicorn.run(application(assistant, store), host=host, port=port, log_level="warning", access_log=False)
