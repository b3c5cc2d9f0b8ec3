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

from scaling_search.engine import make_engine
from scaling_search.engine.local import default_slots
from scaling_search.errors import NotFound, ScalingSearchError, StoreError
from scaling_search.search.lease import take
from scaling_search.search.run import run_claimed
from scaling_search.spec.study import StudySpec
from scaling_search.store import CLAIMABLE, Claim, Control, Store, Workers
from scaling_search.store.workers import HEARTBEAT_S
from scaling_search.training.checkpoints import Location, folder_of, make_folder

POLL = 1.0
"""Seconds between looks at the queue."""
STARTING = 60.0
"""Seconds that a claim lasts while its engine starts: a Ray takes several."""

log = logging.getLogger("scaling_search.search.worker")


class Worker:
    """Runs queued studies. ``folder`` holds the checkpoints of those that name none, ``slots`` are those of studies that name none."""

    def __init__(self, store: Store, folder: Location, slots: int | None = None) -> None:
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
                claim = take(self.store, name, STARTING, CLAIMABLE)
                if claim is not None:
                    self._run(claim)
                    return True
            except NotFound:
                continue  # deleted meanwhile
            except StoreError as e:
                log.warning("study %s: %s", name, e)  # taken over
        return False

    def _run(self, claim: Claim) -> None:
        """Run a study to wherever it goes. Whatever is raised becomes its state and reason."""
        name = claim.name
        log.info("study %s: starting", name)
        try:
            row = self.store.study(name)
            spec = StudySpec.model_validate(row.spec)
            place = folder_of(spec, self.folder)
            make_folder(place)
            engine = make_engine(spec.run, row.slots or spec.run.slots or self.slots)
            ended = run_claimed(spec, self.store, engine, claim, place, left="queued")
            log.info("study %s: %s", name, ended.state)
        except KeyboardInterrupt:
            with suppress(StoreError):
                self.store.release(claim)
            raise
        except StoreError:
            raise
        except ScalingSearchError as e:
            log.warning("study %s failed: %s", name, e)
            if self.store.study(name).state != "failed":  # it never began, without an engine or a place for checkpoints
                self._fail(claim, e.message)
        except Exception as e:
            log.exception("study %s failed", name)
            self._fail(claim, f"internal error: {type(e).__name__}: {e}")

    def _fail(self, claim: Claim, reason: str) -> None:
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
            gone.wait(HEARTBEAT_S)
        if number is not None:
            with suppress(StoreError):
                workers.leave(number)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(timeout=HEARTBEAT_S)


def _when_parent_is_gone(act: Callable[[], None]) -> None:
    """Call ``act`` when standard input closes: whoever started this worker holds its other end."""

    def watch() -> None:
        sys.stdin.buffer.read()
        act()

    threading.Thread(target=watch, daemon=True).start()


def work(store: Store, folder: Location, slots: int | None, tied: bool = False) -> None:
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
