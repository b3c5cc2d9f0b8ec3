"""Sides by side: every comparison runs its sides in turn, several times over, and gives medians and ratios."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "torchvision", "optuna", "fvcore", "sqlalchemy", "pandas", "numpy")
Section = dict[str, Any]


def say(words: str) -> None:
    """Progress, on standard error."""
    print(words, file=sys.stderr, flush=True)


def interleaved(title: str, sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each side over ``rounds`` rounds, in each of which every side runs once."""
    seen: dict[str, list[float]] = {name: [] for name in sides}
    for k in range(rounds):
        for name, side in sides.items():
            seen[name].append(side())
            say(f"{title}, round {k + 1} of {rounds}: {name} {seen[name][-1]:.4g}")
    return {name: statistics.median(values) for name, values in seen.items()}


def hardware() -> dict[str, Any]:
    """The processor, the cores this process may use, memory in GiB, and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory, 1), "versions": versions}
