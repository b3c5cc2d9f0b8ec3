"""A worker: claims queued studies one after the other and runs them, until it is told to leave."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from scaling_search.checkpoints import Place, folder_of
from scaling_search.engine import make_engine
from scaling_search.engine.local import default_slots
from scaling_search.errors import NotFound, ScalingSearchError, StoreError
from scaling_search.lease import claim_study, is_free
from scaling_search.search import run_study
from scaling_search.spec import StudySpec
from scaling_search.store import Control, Store, Workers
from scaling_search.store.workers import BEAT

POLL = 1.0
"""Seconds between looks at the queue."""

log = logging.getLogger("scaling_search.worker")


class Worker:
    """Runs queued studies. ``folder`` holds the checkpoints of those that name none, ``slots`` are those of studies that ask for none."""

    def __init__(self, store: Store, folder: Place, slots: int | None = None) -> None:
        self.store, self.folder, self.slots = store, folder, slots
        self.control = Control(store)

    def run(self, leave: threading.Event) -> None:
        """Until ``leave`` is set, or KeyboardInterrupt: then the study at hand is queued again at its last checkpoint."""
        while not leave.is_set():
            if not self._serve_one():
                leave.wait(POLL)

    def _serve_one(self) -> bool:
        """Run the first study that can be had; False when there is none."""
        for name in self.control.claimable():
            try:
                if is_free(self.store, name):
                    self._run(name)
                    return True
            except NotFound:
                continue  # deleted meanwhile
            except StoreError as e:
                log.warning("study %s: %s", name, e)  # taken by another worker, or taken over
        return False

    def _run(self, name: str) -> None:
        """Run a study to wherever it goes. Whatever is raised becomes its state and reason."""
        row = self.store.study(name)
        log.info("study %s: starting", name)
        try:
            spec = StudySpec.model_validate(row.spec)
            engine = make_engine(spec.run, row.slots or self.slots)
            ended = run_study(spec, self.store, engine, folder_of(spec, self.folder), wait=0)
            log.info("study %s: %s", name, ended.state)
        except KeyboardInterrupt:
            if self.store.study(name).state == "paused":
                self.control.resume(name, "worker")
            raise
        except StoreError:
            raise
        except ScalingSearchError as e:
            log.warning("study %s failed: %s", name, e)
            if self.store.study(name).state != "failed":  # without an engine or a place for checkpoints none claimed it
                self._fail(name, e.message)
        except Exception as e:
            log.exception("study %s failed", name)
            self._fail(name, f"internal error: {type(e).__name__}: {e}")

    def _fail(self, name: str, reason: str) -> None:
        claim = claim_study(self.store, name, wait=0)
        self.store.move_study(claim, "failed", reason)
        self.store.release(claim)


@contextmanager
def present(store: Store, slots: int) -> Iterator[None]:
    """Say in the database that this worker lives, all the while."""
    workers, gone = Workers(store), threading.Event()

    def beat() -> None:
        number = None
        while not gone.is_set():
            try:
                if number is None or not workers.beat(number):
                    number = workers.arrive(socket.gethostname(), os.getpid(), slots)
            except StoreError as e:
                log.warning("cannot say that this worker lives: %s", e.message)
            gone.wait(BEAT)
        if number is not None:
            with suppress(StoreError):
                workers.leave(number)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(timeout=BEAT)


def _when_parent_is_gone(act: Callable[[], None]) -> None:
    """Call ``act`` when standard input closes: whoever started this worker holds its other end."""

    def watch() -> None:
        sys.stdin.buffer.read()
        act()

    threading.Thread(target=watch, daemon=True).start()


def work(store: Store, folder: Place, slots: int | None, tied: bool = False) -> None:
    """Work until SIGTERM or SIGINT; with ``tied``, until standard input closes too."""
    leave = threading.Event()

    def interrupt(*_: object) -> None:
        leave.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    if tied:
        _when_parent_is_gone(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        with present(store, slots or default_slots()):
            Worker(store, folder, slots).run(leave)
    except KeyboardInterrupt:
        log.info("leaving; what was running waits at its last checkpoint")
