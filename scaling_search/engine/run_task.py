"""Runs a task in an engine's process: a task in, events out. Loads torch."""

from __future__ import annotations

import os
import signal
import threading
import traceback
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from scaling_search.engine.protocol import Counted, Event, Failed, Finished, Progress, Task, Tested
from scaling_search.errors import InfrastructureError, ScalingSearchError
from scaling_search.training.build import build_model
from scaling_search.training.count import verify_cost
from scaling_search.training.proxy_run import evaluate_on_test, train

with warnings.catch_warnings():  # training.count needs it; load it once in the fork server instead of in every run
    warnings.simplefilter("ignore", FutureWarning)
    import fvcore.nn  # noqa: F401


def run_task(task: Task, device: str) -> Iterator[Event]:
    """Run a task. Every end, a failure too, is an event; nothing is raised."""
    try:
        if task.verify:
            counted = verify_cost(build_model(task.architecture), task.architecture)
            yield Counted(task.number, counted.macs)
        for result in train(task.architecture, task.seed, task.proxy, task.checkpoint, device):
            yield Progress(task.number, result)
        if task.test and task.checkpoint is not None:
            accuracy = evaluate_on_test(task.architecture, task.seed, task.proxy, task.checkpoint, device)
            yield Tested(task.number, accuracy)
        yield Finished(task.number)
    except InfrastructureError as e:
        yield Failed(task.number, str(e), crashed=False, outside=True)
    except ScalingSearchError as e:
        yield Failed(task.number, str(e), crashed=False)
    except Exception as e:
        frame = traceback.extract_tb(e.__traceback__)[-1]
        yield Failed(task.number, f"{type(e).__name__}: {e} ({Path(frame.filename).name}:{frame.lineno})", crashed=True)


def prepare_process(device: str) -> None:
    """Set this process up for training on a device: one thread on a CPU."""
    if device == "cpu":
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)


def _die_with(coordinator: Connection) -> None:
    """Kill this process group when the coordinator dies, which closes its end of the pipe."""

    def watch() -> None:
        try:
            coordinator.recv()
        except (EOFError, OSError):
            os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def run_task_in_process(coordinator: Connection, task: Task, device: str) -> None:
    """Main function of a local engine's process: a process group of its own, events sent as they happen."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(coordinator)
    prepare_process(device)
    for event in run_task(task, device):
        coordinator.send(event)
