"""Run the application and a worker process until SIGTERM."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from types import FrameType

import uvicorn

from scaling_search.errors import InputError
from scaling_search.service.app import create_app
from scaling_search.service.context import AppContext
from scaling_search.service.settings import Settings
from scaling_search.store import Accounts, Store

GRACE_S, DRAIN_S, RESTART_S = 2, 6.0, 1.0
"""Time for open requests to end, for the worker to leave its study, and until a dead worker is replaced."""

log = logging.getLogger("scaling_search.service")


class _Server(uvicorn.Server):
    """A uvicorn server that ends event streams before it waits for open requests, which would otherwise never end.

    On a signal it returns. uvicorn's own would raise the signal again, and so die before the worker has left its study.
    """

    def __init__(self, config: uvicorn.Config, context: AppContext) -> None:
        super().__init__(config)
        self.context = context

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle SIGTERM or SIGINT."""
        self.context.broadcaster.close()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Listen, and print the address."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(f"http://{host}:{port}", flush=True)


class EmbeddedWorker:
    """A worker process that ends with this one, and is replaced if it dies."""

    def __init__(self, settings: Settings) -> None:
        slots = ["--slots", str(settings.slots)] if settings.slots else []
        self.command = [sys.executable, "-m", "scaling_search.cli", "work", "--tied", "--db", settings.db, *slots]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="worker")

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self.command, stdin=subprocess.PIPE, start_new_session=True)
            code = self._process.wait()
            if not self._stopping.is_set():
                log.error("the worker ended with code %d; another one starts", code)
                self._stopping.wait(RESTART_S)

    def stop(self) -> None:
        """Let the worker leave its study at the last checkpoint; kill it after DRAIN_S."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(DRAIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()


def serve(store: Store, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        InputError: other machines can reach the address, and there is no valid token.
    """
    if not settings.is_loopback and not any(t.state == "valid" for t in Accounts(store).tokens()):
        raise InputError(
            f"--host {settings.host}: other machines can reach it, and there is no valid token",
            "make one first: scaling-search token create NAME --role operator",
        )
    app = create_app(store, settings)
    config = uvicorn.Config(
        app,
        settings.host,
        settings.port,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=settings.tls,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        date_header=True,
    )
    context: AppContext = app.state.context
    threading.Thread(target=context.sandbox.warm, daemon=True).start()
    worker = EmbeddedWorker(settings) if settings.worker else None
    if worker:
        worker.start()
    try:
        _Server(config, context).run()
    finally:
        if worker:
            worker.stop()
