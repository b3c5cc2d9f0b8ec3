"""A worker: claims queued studies one after the other and runs them, until it is told to leave."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from scaling_search.engine.local import LocalEngine
from scaling_search.errors import NotFound, ScalingSearchError, StoreError
from scaling_search.lease import claim_study, is_free
from scaling_search.search import run_study
from scaling_search.spec import StudySpec
from scaling_search.store import Control, Store

POLL = 1.0
"""Seconds between looks at the queue."""

log = logging.getLogger("scaling_search.worker")


class Worker:
    """Runs queued studies. ``folder`` holds their checkpoints, ``slots`` are those of studies that ask for none."""

    def __init__(self, store: Store, folder: Path, slots: int | None = None) -> None:
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
            engine = LocalEngine(row.slots or self.slots or spec.run.slots)
            ended = run_study(spec, self.store, engine, self.folder / name, wait=0)
            log.info("study %s: %s", name, ended.state)
        except KeyboardInterrupt:
            if self.store.study(name).state == "paused":
                self.control.resume(name, "worker")
            raise
        except StoreError:
            raise
        except ScalingSearchError as e:
            log.warning("study %s failed: %s", name, e)
        except Exception as e:
            log.exception("study %s failed", name)
            claim = claim_study(self.store, name)
            self.store.move_study(claim, "failed", f"internal error: {type(e).__name__}: {e}")
            self.store.release(claim)


def _when_parent_is_gone(act: Callable[[], None]) -> None:
    """Call ``act`` when standard input closes: whoever started this worker holds its other end."""

    def watch() -> None:
        sys.stdin.buffer.read()
        act()

    threading.Thread(target=watch, daemon=True).start()


def work(store: Store, folder: Path, slots: int | None, tied: bool = False) -> None:
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
        Worker(store, folder, slots).run(leave)
    except KeyboardInterrupt:
        log.info("leaving; what was running waits at its last checkpoint")
