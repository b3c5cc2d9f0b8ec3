"""A helper process that answers one line of JSON with another: it loads torch, which this process need not."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from typing import Any


class JsonProcess:
    """``python -m module``, started when it is first asked, ended with this process."""

    def __init__(self, module: str, **environment: str) -> None:
        self.module, self.environment = module, environment
        self.process: subprocess.Popen[str] | None = None

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Its reply; ``{"error": words}`` where it failed or ended."""
        if self.process is None:
            code, env = [sys.executable, "-m", self.module], {**os.environ, **self.environment}
            self.process = subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
            atexit.register(self.close)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        reply: dict[str, Any] = json.loads(line or '{"error": "it ended the process that measures it"}')
        return reply

    def close(self) -> None:
        """End it; a later question starts another."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
