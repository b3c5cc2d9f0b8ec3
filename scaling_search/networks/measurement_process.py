"""A subprocess that answers each line of JSON with one line of JSON. It loads torch, so that the calling process need not."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from typing import Any


class JsonProcess:
    """``python -m module``: started by the first request, killed when the calling process exits."""

    def __init__(self, module: str, **environment: str) -> None:
        self.module, self.environment = module, environment
        self.process: subprocess.Popen[str] | None = None

    def request(self, values: dict[str, Any]) -> dict[str, Any]:
        """The reply; ``{"error": message}`` if the subprocess failed or exited."""
        process = self.process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(values) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        reply: dict[str, Any] = json.loads(line or '{"error": "it ended the process that measures it"}')
        return reply

    def _start(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        atexit.register(self.close)
        return self.process

    def close(self) -> None:
        """Kill the subprocess. A later request starts a new one."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
