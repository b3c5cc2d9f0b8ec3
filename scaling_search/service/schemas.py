"""Request and response bodies of the API. Accuracies are fractions, times are UTC, MACs are of one image."""

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
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SpecIn(Strict):
    """A study file, as YAML text or as fields."""

    spec: SpecText | dict[str, Any] = Field(examples=[EXAMPLE])
    slots: Slots | None = Field(None, description="Runs at a time. Default: the spec's, or the machine's.")


class Launch(SpecIn):
    """A study to queue."""

    priority: int = Field(0, ge=-100, le=100, description="Higher ones start first.")
    webhook: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="URL called when the study completes, fails, stops or pauses."
    )


class CheckIn(SpecIn):
    """A spec, and fields to change in it before the check."""

    changes: dict[Annotated[str, Field(max_length=100)], Any] = Field(
        {}, max_length=200, description="Field → value, for example `search.trials`; null removes it.", examples=[{}]
    )
    texts: dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=20_000)]] = Field(
        {}, max_length=20, description="The same, with values as YAML text: tables and mappings.", examples=[{}]
    )


class Checked(BaseModel):
    """Whether a spec is valid, and its faults. `text` is the spec with the changes; `values` has every default.

    `applied` is false if the changes could not be made, as the spec or one of the texts is not YAML. `texts` has the
    tables and mappings as YAML.
    """

    valid: bool
    applied: bool
    faults: list[Fault]
    texts: dict[str, str]
    text: str
    values: dict[str, Any] | None


class PlanOut(BaseModel):
    """What a study would run and cost, as in `scaling-search plan --json`; `svg` is its triangle."""

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
    """The newest choice in brief."""

    alpha: float
    beta: float
    gamma: float
    shares: list[float]
    accuracy: float
    tie_fraction: float


class StudyOut(BaseModel):
    """A study. `eta` is in seconds; `request` is a request that its coordinator has not carried out yet."""

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
        """From a summary."""
        columns = {f: getattr(summary.study, f) for f in cls.model_fields if hasattr(summary.study, f)}
        sums = {f: getattr(summary, f) for f in ("counts", "done", "total", "best", "eta")}
        return cls(**columns, **sums, choice=ChoiceBrief(**summary.choice) if summary.choice else None)


class StudyDetail(StudyOut):
    """A study with its filled-in spec and the library versions at its first start."""

    spec: dict[str, Any]
    spec_hash: str
    versions: dict[str, str]

    @classmethod
    def of(cls, summary: Summary) -> StudyDetail:
        """From a summary."""
        rest = {f: getattr(summary.study, f) for f in ("spec", "spec_hash", "versions")}
        return cls(**StudyOut.of(summary).model_dump(), **rest)


class StudyList(BaseModel):
    """A page of studies."""

    studies: list[StudyOut]
    next: str | None = Field(description="`after` of the next page; null at the end.")


class Changes(Strict):
    """Changes of a study; fields that are left out stay as they are."""

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
    test_accuracy: float | None = Field(description="On the test images; only in validations.")

    @classmethod
    def values(cls, row: TrialRow) -> dict[str, Any]:
        """The columns of a row."""
        return {f.name: getattr(row, f.name) for f in fields(row) if f.name != "architecture"}


class TrialList(BaseModel):
    """A page of trials; `matching` counts all pages."""

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
        """From an epoch of an attempt."""
        return cls(attempt=attempt, **asdict(result))


class TrialDetail(TrialOut):
    """A trial with its network, epochs and log."""

    architecture: dict[str, Any]
    curve: list[EpochOut]
    log: list[str]


class ChoiceOut(BaseModel):
    """The newest choice as in `scaling-search choose --json`; `portrait` has the fitted surface over a grid."""

    made_at: datetime
    result: dict[str, Any]
    portrait: dict[str, Any] | None


class AuditOut(BaseModel):
    """One action of one user."""

    id: int
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    study: str | None
    detail: str | None


class WorkerOut(BaseModel):
    """A worker process; `heard` is the seconds since its last heartbeat, `runs` the running trials of its study."""

    host: str
    pid: int
    state: Literal["busy", "idle", "lost"]
    slots: int
    study: str | None
    runs: int
    heard: float
    started_at: datetime


class Health(BaseModel):
    """Whether the service and its database answer."""

    status: str = Field(examples=["ok"])
    schema_version: str | None = None
