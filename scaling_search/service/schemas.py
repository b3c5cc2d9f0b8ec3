"""What the API takes and gives. Accuracies are fractions, times are UTC, MACs are of one image."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scaling_search.records import EpochResult, Request, Role, StudyState, TrialRow, TrialState
from scaling_search.service.errors import Fault
from scaling_search.store.summaries import Summary

EXAMPLE = "name: tiny\nbase: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}\nbudget: {divisor: 2}\n"
SpecText = Annotated[str, Field(max_length=256 * 1024, examples=[EXAMPLE])]
Slots = Annotated[int, Field(ge=1, le=4096)]


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SpecIn(Strict):
    """A study file: its YAML text, or its fields."""

    spec: SpecText | dict[str, Any] = Field(examples=[EXAMPLE])
    slots: Slots | None = Field(None, description="Runs at a time. Default: the spec's, or the machine's.")


class Launch(SpecIn):
    """A study to be queued."""

    priority: int = Field(0, ge=-100, le=100, description="Higher ones start first.")
    webhook: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="URL that is told when the study completes, fails, stops or pauses."
    )


class CheckIn(SpecIn):
    """A spec, and fields to set in it first."""

    changes: dict[Annotated[str, Field(max_length=100)], Any] = Field(
        {}, max_length=200, description="Field → value, for example `search.trials`; null takes it out.", examples=[{}]
    )


class Checked(BaseModel):
    """Whether a spec is valid and what is wrong with each field. ``text`` is the spec as given, with the changes;
    ``values`` has every default filled in."""

    valid: bool
    faults: list[Fault]
    text: str
    values: dict[str, Any] | None


class PlanOut(BaseModel):
    """What a study will run and cost, as `scaling-search plan --json` prints it; ``svg`` is its triangle."""

    model_config = ConfigDict(extra="allow")
    study: str
    runs: int
    training_macs: int
    slots: int
    estimated_seconds: float
    detectable_difference: float
    iso_cost_networks: int
    warnings: list[str]
    svg: str


class ChoiceBrief(BaseModel):
    """The newest choice in short."""

    alpha: float
    beta: float
    gamma: float
    shares: list[float]
    accuracy: float
    tie_fraction: float


class StudyOut(BaseModel):
    """A study. ``eta`` is in seconds; ``request`` is what its coordinator was asked and has not done yet."""

    name: str
    description: str
    state: StudyState
    reason: str | None
    request: Request | None
    launched_by: str | None
    priority: int
    slots: int | None
    archived: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: dict[str, int]
    done: int
    total: int
    best: float | None
    eta: float | None
    choice: ChoiceBrief | None

    @classmethod
    def of(cls, summary: Summary) -> StudyOut:
        """A summary in JSON form."""
        own = {f: getattr(summary.study, f) for f in cls.model_fields if hasattr(summary.study, f)}
        sums = {f: getattr(summary, f) for f in ("counts", "done", "total", "best", "eta")}
        return cls(**own, **sums, choice=ChoiceBrief(**summary.choice) if summary.choice else None)


class StudyDetail(StudyOut):
    """A study with its filled-in spec and the library versions at its first start."""

    spec: dict[str, Any]
    spec_hash: str
    versions: dict[str, str]

    @classmethod
    def of(cls, summary: Summary) -> StudyDetail:
        """A summary in JSON form."""
        rest = {f: getattr(summary.study, f) for f in ("spec", "spec_hash", "versions")}
        return cls(**StudyOut.of(summary).model_dump(), **rest)


class StudyList(BaseModel):
    """A page of studies."""

    studies: list[StudyOut]
    next: str | None = Field(description="Give it as `after` to get the next page; null at the end.")


class Changes(Strict):
    """What may be changed; fields that are left out stay."""

    slots: Slots | None = Field(None, description="Runs at a time, from now on; null: the spec's.")
    priority: int = Field(0, ge=-100, le=100)
    archived: bool = False


class Extension(Strict):
    """More trials for a study."""

    trials: int = Field(ge=1, le=100_000, examples=[8])


class TrialOut(BaseModel):
    """A trial, in the columns of the ``trial`` table."""

    number: int
    round: int
    role: Role
    state: TrialState
    seed: int
    alpha: float
    beta: float
    gamma: float
    key: str
    shares: list[float] | None
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
    attempts: int
    epochs: int
    accuracy: float | None
    loss: float | None
    seconds: float | None
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None
    planned: int | None = Field(description="Epochs of a longer run; null: the spec's.")
    test_accuracy: float | None = Field(description="On the test images; in validations alone.")

    @classmethod
    def values(cls, row: TrialRow) -> dict[str, Any]:
        """A row's columns."""
        return {f.name: getattr(row, f.name) for f in fields(row) if f.name != "architecture"}


class TrialList(BaseModel):
    """A page of trials, and how many match in all."""

    trials: list[TrialOut]
    matching: int
    next: str | None


class EpochOut(BaseModel):
    """One epoch of one attempt; losses in nats."""

    attempt: int
    epoch: int
    train_loss: float
    validation_loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float

    @classmethod
    def of(cls, attempt: int, result: EpochResult) -> EpochOut:
        """An epoch in JSON form."""
        return cls(attempt=attempt, **asdict(result))


class TrialDetail(TrialOut):
    """A trial with its epochs, its network and what is known of how it went."""

    architecture: dict[str, Any]
    curve: list[EpochOut]
    log: list[str]


class ChoiceOut(BaseModel):
    """The newest choice: as `scaling-search choose --json` prints it, and its portrait with the surface over a grid."""

    made_at: datetime
    result: dict[str, Any]
    portrait: dict[str, Any] | None


class AuditOut(BaseModel):
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    study: str | None
    detail: str | None


class WorkerOut(BaseModel):
    """A worker process; ``heard`` is seconds since its last sign of life, ``runs`` those in flight in its study."""

    host: str
    pid: int
    state: Literal["busy", "idle", "lost"]
    slots: int
    study: str | None
    runs: int
    heard: float
    started_at: datetime


class Health(BaseModel):
    """Whether the service, and its database, answer."""

    status: str = Field(examples=["ok"])
    schema_version: str | None = None
