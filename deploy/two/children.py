"""Programs that are started one after the other, watched, and ended in the opposite order."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# So long may a program take to end before it is killed.
PATIENCE = 15


class Failed(RuntimeError):  # noqa: N818 - says what is the matter
    """A program that is missing, did not start, or ended; the message says what to do."""


@dataclass(frozen=True)
class Child:
    """A running program and where its words are."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ends_on: signal.Signals

    def failed(self) -> Failed:
        """What to say of one that ended by itself."""
        words = self.log.read_text("utf-8", "replace").strip().splitlines()
        # One that was killed could say nothing of it.
        last = f": {words[-1]}" if words and self.process.returncode > 0 else ""
        return Failed(f"{self.name} ended (exit code {self.process.returncode}){last}\nits log is {self.log}")


@dataclass
class Children:
    """All that was started, in order; `logs` is the folder of what they say."""

    logs: Path
    held: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        ends_on: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start a program; `user` is whom it runs as instead of root. It gets no Ctrl+C of ours."""
        log = self.logs / f"{name}.log"
        as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
        with log.open("ab") as out:
            process = subprocess.Popen(  # type: ignore[call-overload]
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
                **as_user,
            )  # fmt: skip
        child = Child(name, process, log, ends_on)
        self.held.append(child)
        return child

    def wait_for(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until it is ready. Raises Failed when that takes longer, or any program ends meanwhile."""
        until = time.monotonic() + seconds
        while not ready():
            if gone := self.gone():
                raise gone[0].failed()
            if time.monotonic() > until:
                raise Failed(f"{what} was not ready after {seconds:.0f} seconds; look into {self.logs}")
            time.sleep(0.2)

    def gone(self) -> list[Child]:
        """Those that ended by themselves."""
        return [child for child in self.held if child.process.poll() is not None]

    def stop(self) -> None:
        """End all, the last one first, so that none misses what it works with."""
        for child in reversed(self.held):
            if child.process.poll() is None:
                child.process.send_signal(child.ends_on)
                try:
                    child.process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
        self.held.clear()


def answers(url: str) -> bool:
    """Whether an address answers with success; asked past every proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
