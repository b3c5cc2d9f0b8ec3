"""The tables of studies and their results, in plain columns for queries by hand.

Times are UTC. JSON columns hold lists of numbers, except ``study.spec``, ``study.versions``, ``trial.architecture``,
``choice.result``, ``choice.portrait`` and ``activation_maps.scores``, which hold objects.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UTCDateTime(TypeDecorator[datetime]):
    """A timezone-aware datetime, stored as UTC without zone, as SQLite has no type with one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC without zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Add the zone."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Names constraints by rule, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        list[int]: JSON,
        list[float]: JSON,
    }


class Study(Base):
    """A study: one search, or one validation."""

    __tablename__ = "study"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str]
    state: Mapped[str] = mapped_column(comment="queued, running, paused, complete, stopped or failed")
    reason: Mapped[str | None] = mapped_column(comment="why it is in that state")
    spec: Mapped[dict[str, Any]] = mapped_column(comment="the filled-in spec")
    spec_hash: Mapped[str] = mapped_column(comment="SHA-256 of the fields that decide the results")
    versions: Mapped[dict[str, str]] = mapped_column(comment="library versions at the first start")
    created_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(comment="host:pid of the coordinator that holds the lease")
    lease_until: Mapped[float | None] = mapped_column(comment="end of the lease, Unix seconds by the database's clock")
    fence: Mapped[int] = mapped_column(default=0, comment="number of claims so far; writes of older claims are refused")
    launched_by: Mapped[str | None] = mapped_column(comment="user who queued it for a worker; NULL if run by hand")
    priority: Mapped[int] = mapped_column(server_default="0", comment="higher ones start first")
    request: Mapped[str | None] = mapped_column(comment="pause, stop or cancel: requested, not yet carried out")
    slots: Mapped[int | None] = mapped_column(comment="requested runs at a time; NULL: the spec's")
    archived: Mapped[bool] = mapped_column(server_default=false())
    webhook: Mapped[str | None] = mapped_column(comment="URL called when the study ends or pauses")


class Trial(Base):
    """One run of one network."""

    __tablename__ = "trial"
    __table_args__ = (UniqueConstraint("study_id", "number"), Index(None, "study_id", "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(comment="from 0, in the order of proposals")
    round: Mapped[int] = mapped_column(comment="proposals are made in rounds, from 0")
    role: Mapped[str] = mapped_column(comment="candidate, or base: the unscaled network, for comparison only")
    state: Mapped[str] = mapped_column(comment="waiting, running, complete, pruned or failed")
    seed: Mapped[int] = mapped_column(BigInteger)
    alpha: Mapped[float] = mapped_column(comment="proposed growth of depth")
    beta: Mapped[float] = mapped_column(comment="proposed growth of width")
    gamma: Mapped[float] = mapped_column(comment="proposed growth of resolution")
    key: Mapped[str] = mapped_column(comment="identity of the network after rounding")
    shares: Mapped[list[float] | None] = mapped_column(
        JSON(none_as_null=True), comment="real cost spent on [depth, width, resolution]; sums to 1; NULL for the base"
    )
    depth: Mapped[float] = mapped_column(comment="blocks over the base's")
    width: Mapped[float] = mapped_column(comment="channels over the base's")
    resolution_ratio: Mapped[float] = mapped_column(comment="px over the base's")
    blocks: Mapped[list[int]] = mapped_column(comment="of each stage")
    channels: Mapped[list[int]] = mapped_column(comment="of the stem, each stage, the head")
    resolution: Mapped[int] = mapped_column(comment="px")
    macs: Mapped[int] = mapped_column(BigInteger, comment="multiply-accumulates of one image, closed form")
    macs_ratio: Mapped[float] = mapped_column(comment="over the base's")
    params: Mapped[int] = mapped_column(BigInteger)
    activations: Mapped[int] = mapped_column(BigInteger)
    counted_macs: Mapped[int | None] = mapped_column(BigInteger, comment="fvcore's count of the built network")
    architecture: Mapped[dict[str, Any]] = mapped_column(comment="everything needed to build the network")
    attempts: Mapped[int] = mapped_column(default=0, comment="starts, those after a crash included")
    epochs: Mapped[int] = mapped_column(default=0, comment="epochs finished")
    accuracy: Mapped[float | None] = mapped_column(comment="fraction of the validation images, last epoch")
    loss: Mapped[float | None] = mapped_column(comment="validation cross-entropy, nats, last epoch")
    seconds: Mapped[float | None] = mapped_column(comment="training and evaluation, all epochs")
    error: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    planned: Mapped[int | None] = mapped_column(comment="epochs of a longer run; NULL: the spec's")
    test_accuracy: Mapped[float | None] = mapped_column(comment="fraction of the test images; in validations alone")


class Epoch(Base):
    """One epoch of one attempt at a trial."""

    __tablename__ = "epoch"
    trial_id: Mapped[int] = mapped_column(ForeignKey("trial.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, comment="from 1")
    epoch: Mapped[int] = mapped_column(primary_key=True, comment="from 0")
    train_loss: Mapped[float] = mapped_column(comment="nats, label smoothing included")
    validation_loss: Mapped[float] = mapped_column(comment="nats")
    accuracy: Mapped[float] = mapped_column(comment="fraction of the validation images")
    learning_rate: Mapped[float] = mapped_column(comment="of the epoch's last step")
    seconds: Mapped[float]
    images_per_second: Mapped[float] = mapped_column(comment="while training")


class Choice(Base):
    """A recommendation after a round. The newest of a study is current."""

    __tablename__ = "choice"
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    after_trials: Mapped[int] = mapped_column(comment="number of complete candidate runs it is based on")
    method: Mapped[str]
    alpha: Mapped[float]
    beta: Mapped[float]
    gamma: Mapped[float]
    shares: Mapped[list[float]]
    accuracy: Mapped[float] = mapped_column(comment="the fit's mean at the choice, fraction")
    result: Mapped[dict[str, Any]] = mapped_column(comment="the whole choice: tie region, probabilities, fit")
    portrait: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), comment="the fitted surface and the finding in words, for pages"
    )


class FamilyMember(Base):
    """One network of the family of a choice."""

    __tablename__ = "family_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    choice_id: Mapped[int] = mapped_column(ForeignKey("choice.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    phi: Mapped[float]
    depth: Mapped[float]
    width: Mapped[float]
    resolution: Mapped[int] = mapped_column(comment="px")
    dropout: Mapped[float]
    repeats: Mapped[list[int]]
    channels: Mapped[list[int]]
    params: Mapped[int] = mapped_column(BigInteger)
    macs: Mapped[int] = mapped_column(BigInteger)
    macs_ratio: Mapped[float]
    target_ratio: Mapped[float]


class ActivationMaps(Base):
    """The newest Grad-CAM maps of a validation."""

    __tablename__ = "activation_maps"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    made_at: Mapped[datetime]
    scores: Mapped[dict[str, Any]] = mapped_column(comment="{arms: [scores of each network]}")
    picture: Mapped[bytes] = mapped_column(LargeBinary, comment="PNG")
