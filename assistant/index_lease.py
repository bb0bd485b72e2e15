"""Who builds an index on a Chroma server: a small collection that is taken, renewed and given up.

It only saves work. Were two to build at once, each would fill collections of its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assistant.index_filling import Progress
from assistant.vectors import ShelvesUnusable, told

PAUSE = 1.0
# So long after its last sign of life a lease that nobody waits for counts no more.
ABANDONED = 86_400.0
log = logging.getLogger("kei.index")


def holder(collection: Any) -> str | None:
    """The token of the build that a collection is the lease of; None when it is none, or was abandoned."""
    lease = collection.metadata
    return lease["building"] if "building" in lease and time.time() - lease["renewed"] < ABANDONED else None


@dataclass(frozen=True)
class Lease:
    """The right of the build `token` to build what `name` names. Every verb may raise ShelvesUnusable."""

    client: Any
    name: str
    token: str

    def taken(self, patience: float, finished: Callable[[], bool], progress: Progress | None) -> bool:
        """Wait until it is this build's (True), or until another has finished (False).

        Of a holder that shows no sign of life for `patience` seconds it is taken away.
        """
        seen, since = None, time.monotonic()
        while True:
            lease = self._held().metadata
            if finished():
                self.release()
                return False
            if lease["building"] == self.token:
                return True
            if lease != seen:
                seen, since = lease, time.monotonic()
                if progress and lease["total"]:
                    progress(int(lease["done"]), int(lease["total"]))
            elif time.monotonic() - since > patience:
                log.warning("the process that was building the index is gone; this one builds it")
                self._remove(lease["building"])
            else:
                time.sleep(min(PAUSE, patience))

    def renew(self, done: int, total: int) -> None:
        """A sign of life: so many passages are done, of so many."""
        held = self._held()
        if held.metadata["building"] == self.token:
            with told():
                held.modify(metadata=self._told(done, total))

    def release(self) -> None:
        """Give it up, if it is this build's."""
        self._remove(self.token)

    def _told(self, done: int, total: int) -> dict[str, Any]:
        return {"building": self.token, "done": done, "total": total, "renewed": time.time()}

    def _held(self) -> Any:
        """The collection, made with this build as its holder where nobody has it."""
        with told():
            return self.client.get_or_create_collection(self.name, metadata=self._told(0, 0), embedding_function=None)

    def _remove(self, token: str) -> None:
        with suppress(ShelvesUnusable), told():  # another process may have removed it
            if self.client.get_collection(self.name, embedding_function=None).metadata["building"] == token:
                self.client.delete_collection(self.name)
