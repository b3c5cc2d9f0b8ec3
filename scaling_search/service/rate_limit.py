"""Limit on wrong tokens for each client address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

MAX_FAILURES, WINDOW_S = 5, 60.0
"""An address may send this many wrong tokens in this time."""
MAX_ADDRESSES = 10_000
"""Addresses remembered, so that many clients cannot fill the memory."""


class LoginRateLimit:
    """Counts failures of each address within a moving window."""

    def __init__(
        self, max_failures: int = MAX_FAILURES, window_s: float = WINDOW_S, max_addresses: int = MAX_ADDRESSES
    ) -> None:
        self.max_failures, self.window_s, self.max_addresses = max_failures, window_s, max_addresses
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until an address may try again; 0: now."""
        with self._lock:
            now = time.monotonic()
            recent = [t for t in self._failures.get(address, []) if now - t < self.window_s]
            return 0 if len(recent) < self.max_failures else max(1, round(self.window_s - (now - recent[0])))

    def failed(self, address: str) -> None:
        """Count a failure of an address."""
        with self._lock:
            recent = [*self._failures.pop(address, []), time.monotonic()][-self.max_failures :]
            self._failures[address] = recent
            while len(self._failures) > self.max_addresses:
                self._failures.popitem(last=False)
