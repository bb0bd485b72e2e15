"""Nothing leaves the machine: no look-up of a name and no connection beyond loopback, from import to answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from assistant.answer import Assistant
from tests.conftest import ROOT

WATCH = """
import socket, sys
said = []
def refuse(kind):
    def call(*args, **kwargs):
        said.append((kind, repr(args[:2])))
        raise OSError('no network in this test')
    return call
real = socket.socket.connect
def connect(self, address):
    if self.family == socket.AF_UNIX or (isinstance(address, tuple) and str(address[0]) in ('127.0.0.1', '::1')):
        return real(self, address)
    said.append(('connect', repr(address)))
    raise OSError('no network in this test')
socket.socket.connect = connect
socket.socket.connect_ex = lambda self, address: (said.append(('connect_ex', repr(address))), 111)[1]
look = socket.getaddrinfo
def getaddrinfo(host, *args, **kwargs):
    return (look if host in ('127.0.0.1', '::1', 'localhost', None) else refuse('look-up'))(host, *args, **kwargs)
socket.getaddrinfo = getaddrinfo
socket.gethostbyname = refuse('look-up')
"""

ASK = """
from assistant import Assistant
from assistant.database import Database
from assistant.settings import Settings
from assistant.web.metrics import Metrics
from assistant.web.services import Services
from assistant.web.serving import application
from fastapi.testclient import TestClient
import datetime
assistant = Assistant.open()
assert assistant.ask('Can I import a 1999 Suzuki Carry?', as_of=datetime.date(2026, 11, 24)).outcome == 'answered'
services = Services.open(Settings(), Database.open(Settings()), lambda standings: assistant)
with TestClient(application(services, Metrics(book='b', answers='a', version='0'))) as client:
    for page in ('/', '/review', '/states', '/library', '/checker', '/ledger', '/api/docs', '/sign-in'):
        assert client.get(page).status_code == 200, page
    assert client.get('/config').status_code == 200
import os
assert os.environ['GRADIO_ANALYTICS_ENABLED'] == 'False'
assert os.environ['HF_HUB_OFFLINE'] == '1'
assert os.environ['LANGSMITH_TRACING'] == 'false'
print('SAID', said)
"""


def test_no_connection_and_no_look_up(assistant: Assistant, data_dir: Path) -> None:
    del assistant
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "GRADIO_", "LANGSMITH", "TRANSFORMERS"))}
    done = subprocess.run(
        [sys.executable, "-c", WATCH + ASK],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**keep, "KEI_DATA_DIR": str(data_dir)},
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("SAID []"), done.stdout


def test_the_log_holds_no_question(assistant: Assistant, caplog: object) -> None:
    """A failure is logged with a reference, never with the words of the client."""
    from assistant.web.conversation import Page, ask

    class Broken:
        def events(self, _ask: object) -> object:
            raise RuntimeError("inside")

    pages = list(ask(Page(), Broken(), "SECRET-4711 kei truck", None, ""))  # type: ignore[arg-type]
    assert "Something went wrong" in pages[-1].messages[-1]["content"]
    assert "SECRET-4711" not in caplog.text  # type: ignore[attr-defined]
