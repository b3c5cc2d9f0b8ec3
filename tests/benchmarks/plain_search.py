"""A small search as Optuna's documentation has it: ``study.optimize`` with two jobs, each training torchvision's network.

Prints the seconds of the whole, imports left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import optuna

from tests.benchmarks.plain_loop import train
from tests.benchmarks.recipe import parse


def main() -> None:
    """Read the jobs, train each once as a trial, print the seconds. None is enqueued: on SQLite two jobs may be given the same."""
    jobs = [parse(text) for text in json.loads(sys.stdin.read())]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=f"sqlite:///{Path(folder) / 'o.db'}", direction="maximize")

        def objective(trial: optuna.Trial) -> float:
            return train(jobs[trial.number], channels_last=False)

        study.optimize(objective, n_trials=len(jobs), n_jobs=2)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
