"""Tables of the service: events, tokens, sessions, the audit trail, webhook calls and workers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scaling_search.store.tables import Base


class Event(Base):
    """A change of a study, written in the same transaction.

    Ids rise in the order of writing. Events of one study become visible in that order, as its row is locked. On
    PostgreSQL, events of two studies may become visible in the other order. A failed transaction's id stays unused.
    """

    __tablename__ = "event"
    __table_args__ = (Index(None, "study_id", "id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(comment="state, runs, choice or control")
    data: Mapped[dict[str, Any]]


class Token(Base):
    """A user's token. Only its hash is stored."""

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
    """An action of a user: launching, steering, deleting or exporting a study."""

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
    """A webhook call: due, delivered, or abandoned (``due_at`` in the far future)."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Worker(Base):
    """A worker process. The study it runs has its host:pid as ``owner``."""

    __tablename__ = "worker"
    __table_args__ = ({"sqlite_autoincrement": True},)  # ids are never reused
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    slots: Mapped[int] = mapped_column(comment="runs at a time, unless the study sets a number")
    started_at: Mapped[datetime]
    beat_at: Mapped[float] = mapped_column(comment="last heartbeat, Unix seconds by the database's clock")
