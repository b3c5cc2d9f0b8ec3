"""Tokens and sessions of the service, and the audit trail of their owners' actions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Row, delete, func, insert, select, update

from scaling_search.errors import InputError, NotFound
from scaling_search.store.mapping import now, row_values
from scaling_search.store.service_tables import Audit, Session, Token
from scaling_search.store.transactions import Database

Role = Literal["viewer", "operator"]
PREFIX = "ss_"
SESSION_HOURS = 12


@dataclass(frozen=True, slots=True)
class Actor:
    """The user behind a request: the token's name (``local`` if no token is needed) and role."""

    name: str
    role: Role
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as listed, without its secret."""

    id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    @property
    def state(self) -> str:
        """``valid``, ``expired`` or ``revoked``."""
        expired = self.expires_at is not None and self.expires_at <= now()
        return "revoked" if self.revoked_at else "expired" if expired else "valid"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action of one user."""

    id: int
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    study: str | None
    detail: str | None


def digest(secret: str) -> str:
    """SHA-256 of a token or cookie. With 256 random bits they need no slower hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """Tokens, sessions and the audit trail."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- tokens

    def create_token(self, name: str, role: str, days: int | None = None) -> str:
        """Create a token that expires after ``days``, and return it. Only its hash is stored.

        Raises:
            InputError: invalid name or role.
        """
        if not name.strip() or len(name) > 64 or not name.isprintable():
            raise InputError(f"invalid name {name!r}", "give 1 to 64 printable characters")
        if role not in ("viewer", "operator"):
            raise InputError(f"unknown role {role!r}", "choose one of: viewer, operator")
        token = PREFIX + secrets.token_urlsafe(32)
        until = now() + timedelta(days=days) if days is not None else None
        values = {"name": name, "role": role, "hash": digest(token), "created_at": now(), "expires_at": until}
        with self.database.transaction(write=True) as connection:
            connection.execute(insert(Token).values(**values))
        return token

    def tokens(self) -> list[TokenRow]:
        """Every token, by id."""
        with self.database.transaction() as connection:
            rows = connection.execute(select(Token.__table__).order_by(Token.id)).all()
        return [TokenRow(**row_values(row, TokenRow)) for row in rows]

    def any_tokens(self) -> bool:
        """Whether a token was ever created. From then on every request needs one."""
        with self.database.transaction() as connection:
            return connection.execute(select(Token.id).limit(1)).scalar() is not None

    def revoke_token(self, token_id: int) -> None:
        """Revoke a token and end its sessions.

        Raises:
            NotFound: there is no such token.
        """
        with self.database.transaction(write=True) as connection:
            revoke = update(Token).where(Token.id == token_id)
            result = connection.execute(revoke.values(revoked_at=func.coalesce(Token.revoked_at, now())))
            if result.rowcount != 1:
                raise NotFound(f"there is no token {token_id}", "see: scaling-search token list")
            connection.execute(delete(Session).where(Session.token_id == token_id))

    def actor(self, token: str) -> Actor | None:
        """The owner of a token; None if it is unknown, revoked or expired."""
        with self.database.transaction() as connection:
            row = connection.execute(select(Token.__table__).where(Token.hash == digest(token))).one_or_none()
        return self._owner(row)

    def _owner(self, row: Row[tuple[object, ...]] | None) -> Actor | None:
        """The owner of a valid token's row; notes the time of use, to the minute."""
        if row is None:
            return None
        token = TokenRow(**row_values(row, TokenRow))
        if token.state != "valid":
            return None
        if token.used_at is None or now() - token.used_at > timedelta(minutes=1):
            with self.database.transaction(write=True) as connection:
                connection.execute(update(Token).where(Token.id == token.id).values(used_at=now()))
        return Actor(token.name, token.role, token.id)

    # --- sessions

    def log_in(self, actor: Actor) -> str:
        """Start a session for a token's owner; returns the cookie's value."""
        cookie = secrets.token_urlsafe(32)
        times = {"created_at": now(), "expires_at": now() + timedelta(hours=SESSION_HOURS)}
        with self.database.transaction(write=True) as connection:
            connection.execute(delete(Session).where(Session.expires_at < now()))
            connection.execute(insert(Session).values(hash=digest(cookie), token_id=actor.token_id, **times))
        return cookie

    def session(self, cookie: str) -> Actor | None:
        """The user of a session cookie; None if it is unknown, or the session or its token is no longer valid."""
        query = select(Token.__table__).join(Session, Session.token_id == Token.id)
        query = query.where(Session.hash == digest(cookie), Session.expires_at > now())
        with self.database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return self._owner(row)

    def log_out(self, cookie: str) -> None:
        """End a session."""
        with self.database.transaction(write=True) as connection:
            connection.execute(delete(Session).where(Session.hash == digest(cookie)))

    # --- the audit trail

    def record(
        self, actor: Actor, address: str, action: str, study: str | None = None, detail: str | None = None
    ) -> None:
        """Add an action to the audit trail."""
        values = {"actor": actor.name, "role": actor.role, "address": address, "action": action, "at": now()}
        with self.database.transaction(write=True) as connection:
            connection.execute(insert(Audit).values(**values, study=study, detail=detail))

    def trail(self, before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """The newest actions first; with ``before``, only those with a lower id."""
        query = select(Audit.__table__).order_by(Audit.id.desc()).limit(limit)
        query = query if before is None else query.where(Audit.id < before)
        with self.database.transaction() as connection:
            return [AuditRow(**row_values(row, AuditRow)) for row in connection.execute(query)]
