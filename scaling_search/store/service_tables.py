"""The service's own tables: what happened to a study, who may do what and did what, what is still to be told, who works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scaling_search.store.tables import Base


class Event(Base):
    """Something that changed in a study. Written with the change, in its transaction.

    Ids rise in the order of writing. Of one study that is the order in which they become visible, as its row is locked; on
    PostgreSQL two studies' events may become visible the other way round, and an id whose transaction fails stays unused.
    """

    __tablename__ = "event"
    __table_args__ = (Index(None, "study_id", "id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(comment="state, runs, choice or control")
    data: Mapped[dict[str, Any]]


class Token(Base):
    """Somebody who may use the service. The token itself is shown once and never kept."""

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(comment="viewer or operator")
    hash: Mapped[str] = mapped_column(unique=True, comment="SHA-256 of the token, which has 256 random bits")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None] = mapped_column(comment="last use, to the minute")


class Session(Base):
    """A browser that has logged in with a token."""

    __tablename__ = "session"
    hash: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the cookie's value")
    token_id: Mapped[int] = mapped_column(ForeignKey("token.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Audit(Base):
    """Who launched, steered, deleted or exported what."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(comment="the token's name, or local where no token is needed")
    role: Mapped[str]
    address: Mapped[str]
    action: Mapped[str]
    study: Mapped[str | None] = mapped_column(comment="its name; kept when the study is deleted")
    detail: Mapped[str | None]


class Delivery(Base):
    """A webhook call: to be made, made, or given up (``due_at`` in the far future)."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Worker(Base):
    """A worker process. What it runs is in ``study.owner``, host:pid."""

    __tablename__ = "worker"
    __table_args__ = ({"sqlite_autoincrement": True},)  # no number is given twice
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    slots: Mapped[int] = mapped_column(comment="runs at a time, of studies that ask for no number")
    started_at: Mapped[datetime]
    beat_at: Mapped[float] = mapped_column(comment="last sign of life, Unix seconds by the database's clock")
