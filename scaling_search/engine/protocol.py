"""The protocol between a coordinator and an engine: tasks in, events out. A run is identified by its trial's number."""

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
    # and in huge pages, where the kernel has them: a tenth more (glibc 2.35 or newer; older versions ignore it)
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Environment of processes that train on CPUs. The memory allocator reads it when its process starts."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run of a trial.

    With ``verify``, fvcore first counts the built network's MACs. With ``test``, the trained network is evaluated once on the
    test split; that needs ``checkpoint``, a path or URL.
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
    """fvcore's MACs of the built network, which equal the closed form."""

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
    """The run ended early. After a crash (signal, out of memory, bug) it may be tried again; other failures would repeat.

    ``outside``: the disk or the data stopped it, and would stop every other run as well.
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
        """Start a run. The caller starts at most ``slots`` at a time."""

    def events(self, timeout: float) -> list[Event]:
        """Events since the last call; waits up to ``timeout`` seconds for the first."""

    def cancel(self, number: int) -> None:
        """End a run at once; it sends no more events."""

    def close(self) -> None:
        """End every run."""
