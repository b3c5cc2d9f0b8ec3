"""Values passed between packages: trial and study rows, epoch results, proposals, and how an attempt ended."""

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
"""pause: runs stop at their last checkpoint, the study is paused. stop: running trials finish, no new ones start, the study is
stopped. cancel: runs are killed, the study is stopped."""

TRIAL_STATES: tuple[TrialState, ...] = ("waiting", "running", "complete", "pruned", "failed")
FINISHED: tuple[TrialState, ...] = ("complete", "pruned", "failed")


@dataclass(frozen=True, slots=True)
class EpochResult:
    """One epoch of one run. ``epoch`` starts at 0, losses are in nats, ``accuracy`` is a fraction of the validation images."""

    epoch: int
    train_loss: float
    validation_loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trial to run: the proposed triple and the real network nearest to it. ``planned`` is its number of epochs, None for the spec's."""

    number: int
    round: int
    role: Role
    seed: int
    proposed: Triple
    candidate: Candidate
    planned: int | None = None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A stored trial. ``alpha, beta, gamma`` is the proposed triple; everything else describes the real network.

    ``depth``, ``width`` and ``resolution_ratio`` are blocks, channels and px divided by the base's. ``shares`` (None for the
    base) split the growth in cost over the axes. ``accuracy`` and ``loss`` are those of the last epoch on the validation images.
    ``planned`` is the number of epochs of a longer run, None for the spec's. Only validations set ``test_accuracy``.
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
        """Whether the trial trains longer than the spec's proxy runs."""
        return self.planned is not None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A stored study. ``spec`` has all defaults filled in; ``versions`` are the library versions at the first start.

    ``launched_by`` is the user who queued the study for a worker, None for a run from the command line. ``request`` is the
    request to the coordinator that has not been carried out yet.
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
    """How an attempt ended. The state ``waiting`` means that the trial is to be resumed, or tried again after a crash."""

    number: int
    state: TrialState
    error: str | None = None
    crashed: bool = False
    last: EpochResult | None = None
    seconds: float | None = None
    test_accuracy: float | None = None


Epochs = Sequence[tuple[int, int, EpochResult]]
"""(trial number, attempt, epoch result), as the store returns them."""


def last_curves(rows: Iterable[TrialRow], epochs: Epochs) -> dict[int, list[EpochResult]]:
    """Trial number → epochs of its last attempt. A trial without epochs is left out."""
    attempts = {row.number: row.attempts for row in rows}
    curves: dict[int, list[EpochResult]] = {}
    for number, attempt, result in epochs:
        if attempts.get(number) == attempt:
            curves.setdefault(number, []).append(result)
    return curves
