"""Wrong tokens by address: after a few of them it must wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

TRIES, WINDOW = 5, 60.0
"""Wrong tokens that an address may send in so many seconds."""


class LoginRateLimit:
    """Counts failures by address; a full window refuses. Bounded, so strangers cannot fill the memory."""

    def __init__(self, tries: int = TRIES, window: float = WINDOW, most: int = 10_000) -> None:
        self.tries, self.window, self.most = tries, window, most
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0: now."""
        with self._lock:
            recent = [t for t in self._failures.get(address, []) if time.monotonic() - t < self.window]
            return 0 if len(recent) < self.tries else max(1, round(self.window - (time.monotonic() - recent[0])))

    def failed(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            recent = [*self._failures.pop(address, []), time.monotonic()][-self.tries :]
            self._failures[address] = recent
            while len(self._failures) > self.most:
                self._failures.popitem(last=False)
