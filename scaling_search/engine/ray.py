"""Runs on a Ray cluster: a generator task a run, whose events stream to the coordinator as they happen.

Ray never repeats a task: attempts are the coordinator's, so that each of them is logged. Ray's dashboard and
Jobs API, which let whoever reaches them run code, are never started. Every node needs this package; none needs the database.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.exceptions import (
    NodeDiedError,
    OutOfMemoryError,
    RayError,
    RayTaskError,
    TaskCancelledError,
    WorkerCrashedError,
)

from scaling_search.engine.protocol import CPU_ENVIRONMENT, Event, Failed, Finished, Task
from scaling_search.errors import EngineError
from scaling_search.training.checkpoints import absolute

GRACE = 30.0
"""Seconds that Ray may take to let go of a cancelled run."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""What Ray is told before it starts, unless the environment says otherwise: send no statistics, leave GPUs' names alone."""
LOST: dict[type[Exception], str] = {
    OutOfMemoryError: "Ray ended the run, for its node ran out of memory",
    NodeDiedError: "the run's node was lost",
    WorkerCrashedError: "the run's worker process was lost: killed, or its node went down",
    TaskCancelledError: "somebody else cancelled the run's Ray task",
}
"""What Ray raises when a run ends without a word of its own, the special before the general."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one run asks of a node."""

    cpus: float = 1.0
    gpus: float = 0.0
    resources: dict[str, float] = field(default_factory=dict)

    def amounts(self) -> dict[str, float]:
        """By Ray's names; what is not asked for is left out."""
        asked = {"CPU": self.cpus, "GPU": self.gpus, **self.resources}
        return {name: amount for name, amount in asked.items() if amount > 0}

    def __str__(self) -> str:
        return ", ".join(f"{name} {amount:g}" for name, amount in self.amounts().items())


def carry_out(task: Task, device: str) -> Iterator[Event]:
    """A run on a worker of the cluster."""
    from scaling_search.engine.run_task import prepare, work

    prepare(device)
    yield from work(task, device)


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself when it starts; it is given back to whoever had it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _place(address: str | None) -> str:
    """Where the cluster is: ``address``, $RAY_ADDRESS, or "local" for one on this machine.

    Raises:
        EngineError: it is a Ray Client's address.
    """
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    if where.startswith("ray://"):
        raise EngineError(
            f"run.address: {where!r} is a Ray Client's", "give the cluster's own, host:6379, on one of its nodes"
        )
    return where


def _own_cpus(slots: int | None, request: Request) -> int | None:
    """The CPUs of a Ray on this machine: what runs in all slots reserve, or None, its cores."""
    return None if slots is None else math.ceil(slots * request.cpus)


def _connect(where: str, cpus: int | None) -> None:
    """Join the cluster there, or start one of so many ``cpus`` on this machine.

    Raises:
        EngineError: there is none there.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    more: dict[str, Any] = {"include_dashboard": False, "num_cpus": cpus} if where == "local" else {}
    try:
        with warnings.catch_warnings(), _own_signals():
            warnings.simplefilter("ignore")
            ray.init(address=where, log_to_driver=False, logging_level=logging.ERROR, **more)
    except Exception as e:  # Ray raises that very class when a node does not start in time
        ray.shutdown()
        reason = (str(e).strip() or type(e).__name__).splitlines()[0]
        raise EngineError(f"cannot join the Ray cluster at {where}: {reason}", "see run.address, RAY_ADDRESS") from e


def _nodes() -> list[dict[str, float]]:
    """What each live node has in all, by Ray's names."""
    found = ray.nodes()
    return [node["Resources"] for node in found if node["Alive"]]


def _room(request: Request) -> int:
    """How many runs the cluster's live nodes hold together."""
    asked = request.amounts().items()
    return sum(int(min(node.get(name, 0.0) / amount for name, amount in asked)) for node in _nodes())


def _offers() -> str:
    hidden = ("node:", "object_store", "memory")
    kept = [{k: v for k, v in node.items() if not k.startswith(hidden)} for node in _nodes()]
    return "; ".join(", ".join(f"{k} {v:g}" for k, v in sorted(n.items())) or "nothing" for n in kept) or "no node"


class RayEngine:
    """The Engine of a Ray cluster. Runs beyond what its nodes hold wait in Ray's queue."""

    def __init__(self, slots: int | None = None, address: str | None = None, request: Request | None = None) -> None:
        """Join or start a cluster; one that this process is in already is used, and left as it is.

        Raises:
            EngineError: there is no cluster there, or none of its nodes could ever hold a run.
        """
        where = _place(address)
        self.request = request or Request()
        self._joined = not ray.is_initialized()
        self._runs: dict[int, ray.ObjectRefGenerator] = {}
        if self._joined:
            _connect(where, _own_cpus(slots, self.request))
        room = _room(self.request)
        if room == 0:
            offers = _offers()
            self.close()
            raise EngineError(
                f"no node of the Ray cluster can ever hold a run: it asks for {self.request}; nodes have {offers}",
                "lower run.cpus, run.gpus, run.resources, or add a node",
            )
        self.slots = slots or room
        self._device = "cuda" if self.request.gpus else "cpu"
        task = ray.remote(num_returns="streaming", max_retries=0)(carry_out)
        asked = {"num_cpus": self.request.cpus, "num_gpus": self.request.gpus, "resources": self.request.resources}
        settings = {"env_vars": CPU_ENVIRONMENT} if self._device == "cpu" else {}
        self._task = task.options(**asked, runtime_env=settings)

    def submit(self, task: Task) -> None:
        """Hand a run to the cluster.

        Raises:
            EngineError: every slot is taken, or the cluster does not take it.
        """
        if len(self._runs) >= self.slots:
            raise EngineError(f"all {self.slots} slots are taken")
        if task.checkpoint is not None:  # a worker has a working folder of its own
            task = replace(task, checkpoint=absolute(task.checkpoint))
        try:
            self._runs[task.number] = self._task.remote(task, self._device)
        except RayError as e:
            raise EngineError(f"cannot start a run: {e}", "see to the Ray cluster") from e

    def events(self, timeout: float) -> list[Event]:
        """What runs sent since the last call; a run that ended without a last word has crashed.

        Raises:
            EngineError: the cluster is gone.
        """
        numbers = {run: number for number, run in self._runs.items()}
        if not numbers:
            return []
        try:
            ready, _ = ray.wait(list(numbers), timeout=timeout, fetch_local=False)
            also, _ = ray.wait(list(numbers), num_returns=len(numbers), timeout=0, fetch_local=False)
        except RayError as e:
            raise EngineError(f"the Ray cluster does not answer: {e}", "run the study again once it does") from e
        found: list[Event] = []
        for run in dict.fromkeys([*ready, *also]):
            heard = self._hear(numbers[run], run)
            found += heard
            if heard and isinstance(heard[-1], Finished | Failed):
                del self._runs[numbers[run]]
        return found

    @staticmethod
    def _hear(number: int, run: ray.ObjectRefGenerator) -> list[Event]:
        """What one run has sent, up to its last word."""
        heard: list[Event] = []
        try:
            while ray.wait([run], timeout=0, fetch_local=False)[0]:
                heard.append(ray.get(next(run)))
                if isinstance(heard[-1], Finished | Failed):
                    break
        except StopIteration:
            heard.append(Failed(number, "the run ended without a result", crashed=True))
        except RayTaskError as e:
            heard.append(Failed(number, f"the run could not be carried out: {e.cause!r}", crashed=True))
        except RayError as e:
            words = next((words for kind, words in LOST.items() if isinstance(e, kind)), f"Ray lost the run: {e}")
            heard.append(Failed(number, words, crashed=True))
        return heard

    def cancel(self, number: int) -> None:
        """Kill a run's process, and wait until Ray has let go of it, moments before it is gone."""
        run = self._runs.pop(number, None)
        if run is not None:
            self._end([run])

    @staticmethod
    def _end(runs: list[ray.ObjectRefGenerator]) -> None:
        for run in runs:
            ray.cancel(run, force=True)
        until = time.monotonic() + GRACE
        for run in runs:
            with contextlib.suppress(StopIteration, RayError):
                while ray.wait([run], timeout=max(0.0, until - time.monotonic()), fetch_local=False)[0]:
                    with contextlib.suppress(RayTaskError):
                        ray.get(next(run))

    def close(self) -> None:
        """Kill every run, and leave the cluster; one that was started here ends."""
        runs, self._runs = list(self._runs.values()), {}
        if ray.is_initialized():
            self._end(runs)
        if self._joined and ray.is_initialized():
            with _own_signals():
                ray.shutdown()
