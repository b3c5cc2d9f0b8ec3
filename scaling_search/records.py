"""Values passed between packages: trial and study rows, epoch results, proposals, ends of attempts, recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.candidates import Candidate
from scaling_search.networks.coefficients import Shares, Triple
from scaling_search.networks.family import Family

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


class Result(BaseModel):
    """A frozen value that is stored as JSON; fields that older code did not write are optional."""

    model_config = ConfigDict(frozen=True)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: fields that were never set are absent, so a stored value is written as it was read."""
        return self.model_dump(mode="json", exclude_unset=True)


class NetworkShares(Result):
    """A network by its key, and its shares."""

    key: str
    shares: Shares


class PossibleOptimum(NetworkShares):
    """A network and the probability that it is the best."""

    probability: float


class Peaks(Result):
    """Probability that the surface has two maxima, and the shares of the likeliest two, the higher first."""

    probability: float
    shares: tuple[Shares, Shares]


class CrossCheck(NetworkShares):
    """The plain quadratic's choice: points ``behind`` the choice, and the probability of being worse by the indifference."""

    behind: float
    probability: float
    tops: Peaks | None = None
    two_tops: bool = False
    disagrees: bool


class LackOfFit(Result):
    """F test of a least-squares quadratic against replicate noise: the ratio, its degrees of freedom and its p-value."""

    ratio: float
    freedom: tuple[int, int]
    p_value: float


class Movement(Result):
    """The optimum of short and of long runs, their distance (in shares), whether the short one ties, and a sentence."""

    short: Shares
    long: Shares
    distance: float
    within_ties: bool
    words: str


class Choice(Result):
    """The chosen network and its uncertainty. Accuracies are fractions; differences and noise are percentage points.

    ``tie_region`` holds the networks that may be as good, ``optima`` those that may be the best. ``movement`` compares
    short with long runs, and is None without long ones.
    """

    shares: Shares
    key: str
    accuracy: float
    accuracy_interval: tuple[float, float]
    method: str
    runs: int
    networks: int
    seed_noise: float | None
    network_effect: float | None
    expected_regret: float | None
    tie_region: tuple[NetworkShares, ...]
    tie_fraction: float
    probability_better_than: dict[str, float | None]
    verdict: str
    optima: tuple[PossibleOptimum, ...] = ()
    cross_check: CrossCheck | None = None
    lack_of_fit: LackOfFit | None = None
    movement: Movement | None = None
    warnings: tuple[str, ...] = ()


class Coefficients(Result):
    """α, β and γ on the export base, and their nominal cost α·β²·γ²."""

    alpha: float
    beta: float
    gamma: float
    product: float


class Recommendation(Choice, Coefficients):
    """What a study recommends: coefficients, the choice behind them, and the family.

    ``intervals`` are 90 % intervals of the coefficients, None without a surface. ``network`` is the chosen network's
    architecture in JSON form. ``held`` is the budget's cost if it is not MACs; ``macs_shares`` are then the shares of the
    growth in MACs, which define the coefficients.
    """

    intervals: dict[str, tuple[float, float]] | None = None
    network: dict[str, Any] | None = None
    held: str | None = None
    macs_shares: Shares | None = None
    family: Family
