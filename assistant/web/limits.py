"""How often somebody may do something, counted in this process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

# So many names are remembered at most; the ones that came first are forgotten first.
_MOST = 10_000


class Limit:
    """At most `times` in any `seconds`, for each key by itself."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times, self._seconds, self._clock = times, seconds, clock
        self._seen: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Whether it may be done once more; if so, it is counted."""
        with self._lock:
            now = self._clock()
            seen = self._seen.pop(key, deque())
            while seen and seen[0] <= now - self._seconds:
                seen.popleft()
            allowed = len(seen) < self._times
            if allowed:
                seen.append(now)
            self._seen[key] = seen
            if len(self._seen) > _MOST:
                del self._seen[next(iter(self._seen))]
            return allowed
