"""Runs on a Ray cluster: one streaming generator task for each run, whose events reach the coordinator as they happen.

Ray never retries a task: the coordinator does, so that every attempt is recorded. Ray's dashboard and Jobs API, through which
anybody who reaches them can run code, are never started. Every node needs this package; none needs the database.
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

GRACE_S = 30.0
"""How long to wait for Ray to end a cancelled run."""
RAY_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Defaults of environment variables that Ray reads when it starts: no usage statistics, CUDA_VISIBLE_DEVICES left as it is."""
LOST_RUN_REASONS: dict[type[Exception], str] = {
    OutOfMemoryError: "Ray ended the run because its node ran out of memory",
    NodeDiedError: "the run's node was lost",
    WorkerCrashedError: "the run's worker process was lost: killed, or its node went down",
    TaskCancelledError: "the run's Ray task was cancelled from outside",
}
"""Ray's exceptions for a run that ended without an event of its own, subclasses before their bases."""


@dataclass(frozen=True, slots=True)
class RayRequest:
    """The resources that one run reserves on a node."""

    cpus: float = 1.0
    gpus: float = 0.0
    resources: dict[str, float] = field(default_factory=dict)

    def amounts(self) -> dict[str, float]:
        """Amounts by Ray's resource names, without those that are zero."""
        amounts = {"CPU": self.cpus, "GPU": self.gpus, **self.resources}
        return {name: amount for name, amount in amounts.items() if amount > 0}

    def __str__(self) -> str:
        return ", ".join(f"{name} {amount:g}" for name, amount in self.amounts().items())


def carry_out(task: Task, device: str) -> Iterator[Event]:
    """Run a task in a worker process of the cluster."""
    from scaling_search.engine.run_task import prepare_process, run_task

    prepare_process(device)
    yield from run_task(task, device)


@contextlib.contextmanager
def _restored_signals() -> Iterator[None]:
    """Restore the SIGTERM handler, which Ray replaces when it starts or stops."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _cluster_address(address: str | None) -> str:
    """The cluster's address: ``address``, $RAY_ADDRESS, or "local" for a new one on this machine.

    Raises:
        EngineError: it is a Ray Client address.
    """
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    if address.startswith("ray://"):
        raise EngineError(
            f"run.address: {address!r} is a Ray Client address",
            "give the cluster's own address, host:6379, and run this on one of its nodes",
        )
    return address


def _cpus_of_new_cluster(slots: int | None, request: RayRequest) -> int | None:
    """CPUs of a new Ray on this machine: those that runs in all slots reserve together; None, its cores, without ``slots``."""
    return None if slots is None else math.ceil(slots * request.cpus)


def _connect(address: str, cpus: int | None) -> None:
    """Join the cluster at ``address``; at "local", start one with this number of CPUs on this machine.

    Raises:
        EngineError: no cluster can be joined or started.
    """
    for name, value in RAY_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    options: dict[str, Any] = {"include_dashboard": False, "num_cpus": cpus} if address == "local" else {}
    try:
        with warnings.catch_warnings(), _restored_signals():
            warnings.simplefilter("ignore")
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as e:  # Ray raises Exception itself when a node does not start in time
        ray.shutdown()
        reason = (str(e).strip() or type(e).__name__).splitlines()[0]
        hint = "check run.address, $RAY_ADDRESS and `ray status`"
        raise EngineError(f"cannot join the Ray cluster at {address}: {reason}", hint) from e


def _node_resources() -> list[dict[str, float]]:
    """All resources of each live node, by Ray's names."""
    nodes = ray.nodes()
    return [node["Resources"] for node in nodes if node["Alive"]]


def _capacity(request: RayRequest) -> int:
    """How many runs the cluster's live nodes hold at a time."""
    amounts = request.amounts().items()
    return sum(int(min(node.get(name, 0.0) / amount for name, amount in amounts)) for node in _node_resources())


def _listed_resources() -> str:
    hidden = ("node:", "object_store", "memory")
    shown = [{k: v for k, v in node.items() if not k.startswith(hidden)} for node in _node_resources()]
    return "; ".join(", ".join(f"{k} {v:g}" for k, v in sorted(n.items())) or "nothing" for n in shown) or "no node"


class RayEngine:
    """Runs tasks on a Ray cluster. Runs beyond the capacity of its nodes wait in Ray's queue."""

    def __init__(self, slots: int | None = None, address: str | None = None, request: RayRequest | None = None) -> None:
        """Join or start a cluster; if this process has joined one already, that is used, and not left at the end.

        Raises:
            EngineError: no cluster can be joined or started, or no node has the resources for a run.
        """
        address = _cluster_address(address)
        self.request = request or RayRequest()
        self._joined = not ray.is_initialized()
        self._runs: dict[int, ray.ObjectRefGenerator] = {}
        if self._joined:
            _connect(address, _cpus_of_new_cluster(slots, self.request))
        capacity = _capacity(self.request)
        if capacity == 0:
            resources = _listed_resources()
            self.close()
            raise EngineError(
                f"no node of the Ray cluster can hold a trial: it needs {self.request}; nodes have {resources}",
                "lower run.cpus, run.gpus, run.resources, or add a node",
            )
        self.slots = slots or capacity
        self._device = "cuda" if self.request.gpus else "cpu"
        task = ray.remote(num_returns="streaming", max_retries=0)(carry_out)
        reserved = {"num_cpus": self.request.cpus, "num_gpus": self.request.gpus, "resources": self.request.resources}
        environment = {"env_vars": CPU_ENVIRONMENT} if self._device == "cpu" else {}
        self._task = task.options(**reserved, runtime_env=environment)

    def submit(self, task: Task) -> None:
        """Submit a run to the cluster.

        Raises:
            EngineError: no slot is free, or the cluster does not accept the run.
        """
        if len(self._runs) >= self.slots:
            raise EngineError(f"all {self.slots} slots are taken")
        if task.checkpoint is not None:  # a worker process has another working folder
            task = replace(task, checkpoint=absolute(task.checkpoint))
        try:
            self._runs[task.number] = self._task.remote(task, self._device)
        except RayError as e:
            hint = "check `ray status` and the Ray logs"
            raise EngineError(f"cannot start a trial on the Ray cluster: {e}", hint) from e

    def events(self, timeout: float) -> list[Event]:
        """Events that runs sent since the last call; a run that ended before its last event has crashed.

        Raises:
            EngineError: the cluster does not answer.
        """
        numbers = {run: number for number, run in self._runs.items()}
        if not numbers:
            return []
        try:
            first, _ = ray.wait(list(numbers), timeout=timeout, fetch_local=False)
            others, _ = ray.wait(list(numbers), num_returns=len(numbers), timeout=0, fetch_local=False)
        except RayError as e:
            hint = "check `ray status` and the Ray logs, then run the study again"
            raise EngineError(f"the Ray cluster does not answer: {e}", hint) from e
        events: list[Event] = []
        for run in dict.fromkeys([*first, *others]):
            new = self._receive(numbers[run], run)
            events += new
            if new and isinstance(new[-1], Finished | Failed):
                del self._runs[numbers[run]]
        return events

    @staticmethod
    def _receive(number: int, run: ray.ObjectRefGenerator) -> list[Event]:
        """The events that one run has sent, up to its last."""
        events: list[Event] = []
        try:
            while ray.wait([run], timeout=0, fetch_local=False)[0]:
                events.append(ray.get(next(run)))
                if isinstance(events[-1], Finished | Failed):
                    break
        except StopIteration:
            events.append(Failed(number, "the run ended without a result", crashed=True))
        except RayTaskError as e:
            events.append(Failed(number, f"the run's Ray task failed: {e.cause!r}", crashed=True))
        except RayError as e:
            reasons = (reason for kind, reason in LOST_RUN_REASONS.items() if isinstance(e, kind))
            events.append(Failed(number, next(reasons, f"Ray lost the run: {e}"), crashed=True))
        return events

    def cancel(self, number: int) -> None:
        """Kill a run's process, and wait until Ray has dropped its task, moments before the process ends."""
        run = self._runs.pop(number, None)
        if run is not None:
            self._end([run])

    @staticmethod
    def _end(runs: list[ray.ObjectRefGenerator]) -> None:
        for run in runs:
            ray.cancel(run, force=True)
        deadline = time.monotonic() + GRACE_S
        for run in runs:
            with contextlib.suppress(StopIteration, RayError):
                while ray.wait([run], timeout=max(0.0, deadline - time.monotonic()), fetch_local=False)[0]:
                    with contextlib.suppress(RayTaskError):
                        ray.get(next(run))

    def close(self) -> None:
        """Kill every run and leave the cluster; a cluster started by this engine is shut down."""
        runs, self._runs = list(self._runs.values()), {}
        if ray.is_initialized():
            self._end(runs)
        if self._joined and ray.is_initialized():
            with _restored_signals():
                ray.shutdown()
