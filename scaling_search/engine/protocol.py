"""What a coordinator asks of an engine, and what it hears back. Runs are named by their trial's number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scaling_search.networks.architecture import Architecture
from scaling_search.records import EpochResult
from scaling_search.spec.proxy import ProxySpec

CPU_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # keep large blocks in the process instead of returning them to the kernel after every batch: a third more steps a second
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
    # and in huge pages, where the kernel has them: a tenth more (glibc 2.35 or newer; others do not look)
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Environment of processes that carry out runs on CPUs; an allocator reads it as its process starts."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run. With ``verify``, fvcore counts the built network first; ``checkpoint`` is a path or None, and is needed by
    ``test``: to judge the trained network once by the test split.
    """

    number: int
    architecture: Architecture
    seed: int
    proxy: ProxySpec
    checkpoint: str | None
    verify: bool
    test: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """fvcore's MACs of the built network, equal to the closed form."""

    number: int
    macs: int


@dataclass(frozen=True, slots=True)
class Progress:
    """An epoch ended."""

    number: int
    result: EpochResult


@dataclass(frozen=True, slots=True)
class Tested:
    """Accuracy of the trained network on the test images, a fraction."""

    number: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The run reached its last epoch."""

    number: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended early. A crash (signal, memory, bug) may be tried again; anything else would fail again.

    With ``outside`` the disk or the data stopped it, as it would stop every other run.
    """

    number: int
    error: str
    crashed: bool
    outside: bool = False


Event = Counted | Progress | Tested | Finished | Failed


class Engine(Protocol):
    """Runs up to ``slots`` tasks at a time."""

    slots: int

    def submit(self, task: Task) -> None:
        """Start a run. The caller keeps to ``slots``."""

    def events(self, timeout: float) -> list[Event]:
        """What happened since the last call; waits up to ``timeout`` seconds for something."""

    def cancel(self, number: int) -> None:
        """End a run at once; no more is heard of it."""

    def close(self) -> None:
        """End every run."""
