"""Serve the chat: listen at once, say how far it is while the law book is opened, then answer until stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version

import uvicorn
from starlette.types import ASGIApp

from assistant.access import Users
from assistant.answer import Assistant
from assistant.database import Database
from assistant.index import Progress
from assistant.settings import Settings
from assistant.standing import States
from assistant.web.addresses import listening, loopback_only, named
from assistant.web.logs import RequestLog, at_level, logging_as_json
from assistant.web.metrics import LOOPBACK, Counted, Metrics
from assistant.web.opening import Opening, served
from assistant.web.services import Services

# So many seconds may those who are being answered keep a server that was told to end.
PATIENCE = 5


def serve_chat(host: str, port: int, settings: Settings, opened: Callable[[States, Progress], Assistant]) -> None:
    """Listen at once and say how far it is while the assistant is opened, then serve until stopped.

    Raises AddressRefused or StoreUnusable before anything heavy is loaded, what opening the assistant raises, and
    MetricsUnusable when that port was taken meanwhile.
    """
    database = Database.open(settings)
    alone = not Users(database).configured()
    if alone:
        loopback_only(host)
    if settings.metrics_port is not None:
        listening(LOOPBACK, settings.metrics_port).close()
    opening, logs = Opening(), at_level(settings.log_level)
    with listening(host, port) as door:
        print(f"Kei Assistant: http://{host}:{port}  (Ctrl+C stops it)", flush=True)
        with served(named(opening.app, host, settings) if alone else opening.app, door):
            # Gradio takes seconds to import; people who look meanwhile see a page.
            from assistant.web.serving import application

            services = Services.open(settings, database, lambda states: opened(states, opening.progress))
            # The first question should not pay for loading the model.
            services.assistant.ask("Can I import a kei truck?")
            metrics = Metrics(
                book=services.assistant.library.fingerprint,
                answers=services.assistant.fingerprint,
                version=version("kei-assistant"),
            )
            app: ASGIApp = application(services, metrics)
        # Outside everything else, so that a failure has its id and is counted too.
        app = RequestLog(Counted(named(app, host, settings) if alone else app, metrics))
        config = uvicorn.Config(
            app, log_config=logs, log_level=None, access_log=False, timeout_graceful_shutdown=PATIENCE
        )
        with metrics.served(settings.metrics_port), logging_as_json(logs), suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])
