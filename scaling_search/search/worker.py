"""A worker process: claims queued studies one after the other and runs each, until it is asked to leave."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from scaling_search.engine import make_engine
from scaling_search.engine.local import default_slots
from scaling_search.errors import NotFound, ScalingSearchError, StoreError
from scaling_search.search.lease import try_claim
from scaling_search.search.run import run_claimed
from scaling_search.spec.study import StudySpec
from scaling_search.store import Claim, Control, Store, Workers
from scaling_search.store.states import CLAIMABLE
from scaling_search.store.workers import HEARTBEAT_S
from scaling_search.training.checkpoints import Location, folder_of, make_folder

POLL_S = 1.0
"""Pause between two looks at an empty queue."""
STARTING_LEASE_S = 60.0
"""Lease while the engine of a claimed study starts: a Ray cluster takes several seconds."""

log = logging.getLogger("scaling_search.search.worker")


class Worker:
    """Runs queued studies. ``folder`` and ``slots`` apply to studies that name no folder for checkpoints and no slots."""

    def __init__(self, store: Store, folder: Location, slots: int | None = None) -> None:
        self.store, self.folder, self.slots = store, folder, slots
        self.control = Control(store)

    def run(self, leave: threading.Event) -> None:
        """Run studies until ``leave`` is set. A KeyboardInterrupt queues the present study again, at its last checkpoints."""
        while not leave.is_set():
            if not self._run_next():
                leave.wait(POLL_S)

    def _run_next(self) -> bool:
        """Run the first study that can be claimed; False if there is none."""
        for name in self.control.claimable():
            try:
                claim = try_claim(self.store, name, STARTING_LEASE_S, CLAIMABLE)
                if claim is not None:
                    self._run(claim)
                    return True
            except NotFound:
                continue  # deleted since it was listed
            except StoreError as e:
                log.warning("study %s: %s", name, e)  # another coordinator took it over, or the database failed
        return False

    def _run(self, claim: Claim) -> None:
        """Run a study. An error becomes the study's state and reason; the worker goes on."""
        name = claim.name
        log.info("study %s: starting", name)
        try:
            row = self.store.study(name)
            spec = StudySpec.model_validate(row.spec)
            checkpoints = folder_of(spec, self.folder)
            make_folder(checkpoints)
            engine = make_engine(spec.run, row.slots or spec.run.slots or self.slots)
            row = run_claimed(spec, self.store, engine, claim, checkpoints, state_if_interrupted="queued")
            log.info("study %s: %s", name, row.state)
        except KeyboardInterrupt:
            with suppress(StoreError):
                self.store.release(claim)
            raise
        except StoreError:
            raise
        except ScalingSearchError as e:
            log.warning("study %s failed: %s", name, e)
            if self.store.study(name).state != "failed":  # it failed before it ran: no engine, or no checkpoint folder
                self._fail(claim, e.message)
        except Exception as e:
            log.exception("study %s failed", name)
            self._fail(claim, f"internal error: {type(e).__name__}: {e}")

    def _fail(self, claim: Claim, reason: str) -> None:
        self.store.move_study(claim, "failed", reason)
        self.store.release(claim)


@contextmanager
def registered(store: Store, slots: int) -> Iterator[None]:
    """Register this process as a worker, and renew that from a thread until the block ends."""
    workers, is_over = Workers(store), threading.Event()

    def beat() -> None:
        number = None
        while not is_over.is_set():
            try:
                if number is None or not workers.beat(number):
                    number = workers.arrive(socket.gethostname(), os.getpid(), slots)
            except StoreError as e:
                log.warning("cannot register this worker: %s", e.message)
            is_over.wait(HEARTBEAT_S)
        if number is not None:
            with suppress(StoreError):
                workers.leave(number)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=HEARTBEAT_S)


def _when_stdin_closes(act: Callable[[], None]) -> None:
    """Call ``act`` when standard input closes: the parent process holds the other end."""

    def watch() -> None:
        sys.stdin.buffer.read()
        act()

    threading.Thread(target=watch, daemon=True).start()


def run_worker(store: Store, folder: Location, slots: int | None, tied: bool = False) -> None:
    """Run a worker until SIGTERM or SIGINT; with ``tied``, also until standard input closes."""
    leave = threading.Event()

    def interrupt(*_: object) -> None:
        leave.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    if tied:
        _when_stdin_closes(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        with registered(store, slots or default_slots()):
            Worker(store, folder, slots).run(leave)
    except KeyboardInterrupt:
        log.info("leaving; the study that was running waits at its last checkpoints")
