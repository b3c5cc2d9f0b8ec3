"""The values that rooms hand to each other: what is proposed, what a run reports, and what the store keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.candidates import Candidate
from scaling_search.networks.coefficients import Shares, Triple

StudyState = Literal["queued", "running", "paused", "complete", "stopped", "failed"]
TrialState = Literal["waiting", "running", "complete", "pruned", "failed"]
Role = Literal["candidate", "base"]
Request = Literal["pause", "stop", "cancel"]
"""pause: runs end at their last checkpoint, and the study waits. stop: no new runs, those running end well, the study is
stopped. cancel: runs are killed, the study is stopped."""

TRIAL_STATES: tuple[TrialState, ...] = ("waiting", "running", "complete", "pruned", "failed")
FINISHED: tuple[TrialState, ...] = ("complete", "pruned", "failed")


@dataclass(frozen=True, slots=True)
class EpochResult:
    """One epoch of one run: losses in nats, ``accuracy`` a fraction of the validation images, ``epoch`` from 0."""

    epoch: int
    train_loss: float
    validation_loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trial to be run: the triple that was asked for, the real network nearest to it, and its epochs if not the spec's."""

    number: int
    round: int
    role: Role
    seed: int
    proposed: Triple
    candidate: Candidate
    planned: int | None = None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as stored. ``alpha, beta, gamma`` is the triple asked for; everything else is the real network's.

    ``depth``, ``width`` and ``resolution_ratio`` are its blocks, channels and px over the base's; ``shares`` (None for the
    base) says how its cost was spent; ``accuracy`` and ``loss`` are those of the last epoch on the validation images. ``planned``
    is the number of epochs of a longer run, None for the spec's; ``test_accuracy`` is read in validations alone.
    """

    number: int
    round: int
    role: Role
    state: TrialState
    seed: int
    alpha: float
    beta: float
    gamma: float
    key: str
    shares: Shares | None
    depth: float
    width: float
    resolution_ratio: float
    blocks: list[int]
    channels: list[int]
    resolution: int
    macs: int
    macs_ratio: float
    params: int
    activations: int
    counted_macs: int | None
    architecture: Architecture
    attempts: int
    epochs: int
    accuracy: float | None
    loss: float | None
    seconds: float | None
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None
    planned: int | None = None
    test_accuracy: float | None = None

    @property
    def is_long_run(self) -> bool:
        """Whether it trains longer than the spec's proxy runs do."""
        return self.planned is not None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study as stored: ``spec`` is the filled-in spec, ``versions`` those of the libraries at its first start.

    ``launched_by`` is who queued it for a worker, None when it is run by hand; ``request`` what its coordinator was asked.
    """

    name: str
    description: str
    state: StudyState
    reason: str | None
    spec: dict[str, Any]
    spec_hash: str
    versions: dict[str, str]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    launched_by: str | None = None
    priority: int = 0
    request: Request | None = None
    slots: int | None = None
    archived: bool = False
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class TrialEnd:
    """How an attempt ended. ``waiting`` gives the trial back: to be resumed, or tried again after a crash."""

    number: int
    state: TrialState
    error: str | None = None
    crashed: bool = False
    last: EpochResult | None = None
    seconds: float | None = None
    test_accuracy: float | None = None


Epochs = Sequence[tuple[int, int, EpochResult]]
"""(trial number, attempt, epoch result), as the store gives them."""


def last_curves(rows: Iterable[TrialRow], epochs: Epochs) -> dict[int, list[EpochResult]]:
    """Trial number → the epochs of its last attempt, of those of the trials that have any."""
    attempts = {row.number: row.attempts for row in rows}
    curves: dict[int, list[EpochResult]] = {}
    for number, attempt, result in epochs:
        if attempts.get(number) == attempt:
            curves.setdefault(number, []).append(result)
    return curves
