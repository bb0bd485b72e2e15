"""A Chroma server of the tests' own (`chroma run`, the Rust one), and addresses at which there is none."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import missing


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program() -> str:
    """The `chroma` that belongs to the library."""
    found = shutil.which("chroma", path=str(Path(sys.executable).parent))
    return found or str(missing("the program chroma of chromadb"))


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """A server that keeps its collections in `folder`; killed at the end, as a machine that loses its power."""
    command = [program(), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, (folder.parent / f"{folder.name}.log").read_text("utf-8")
                time.sleep(0.1)
        yield url
    finally:
        server.kill()
        server.wait()
