"""Who may use the service: tokens and the browsers that logged in with them; and the trail of what they did."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Row, delete, func, insert, select, update

from scaling_search.errors import InputError, NotFound
from scaling_search.store.ledger import Store
from scaling_search.store.mapping import now, row_values
from scaling_search.store.service_tables import Audit, Session, Token

Role = Literal["viewer", "operator"]
PREFIX = "ss_"
SESSION_HOURS = 12


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something: a token's name (or local, where none is needed) and its role."""

    name: str
    role: Role
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as listed; ``state`` is valid, expired or revoked."""

    id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    @property
    def state(self) -> str:
        """Whether it can be used."""
        expired = self.expires_at is not None and self.expires_at <= now()
        return "revoked" if self.revoked_at else "expired" if expired else "valid"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    study: str | None
    detail: str | None


def digest(secret: str) -> str:
    """SHA-256 of a token or a cookie. They have 256 random bits, so no slower hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """Tokens, sessions and the audit trail of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # --- tokens

    def create_token(self, name: str, role: str, days: int | None = None) -> str:
        """A new token, which is shown this once; ``days`` it is good for.

        Raises:
            InputError: the name or the role is wrong.
        """
        if not name.strip() or len(name) > 64 or not name.isprintable():
            raise InputError(f"{name!r} is no name", "give 1 to 64 printable characters")
        if role not in ("viewer", "operator"):
            raise InputError(f"unknown role {role!r}", "choose one of: viewer, operator")
        token = PREFIX + secrets.token_urlsafe(32)
        until = now() + timedelta(days=days) if days is not None else None
        values = {"name": name, "role": role, "hash": digest(token), "created_at": now(), "expires_at": until}
        with self.store._transaction(write=True) as connection:
            connection.execute(insert(Token).values(**values))
        return token

    def tokens(self) -> list[TokenRow]:
        """Every token, by id."""
        with self.store._transaction() as connection:
            rows = connection.execute(select(Token.__table__).order_by(Token.id)).all()
        return [TokenRow(**row_values(row, TokenRow)) for row in rows]

    def any_tokens(self) -> bool:
        """Whether there has ever been one: from then on one is needed."""
        with self.store._transaction() as connection:
            return connection.execute(select(Token.id).limit(1)).scalar() is not None

    def revoke_token(self, which: int) -> None:
        """Refuse a token, and its sessions, from now on.

        Raises:
            NotFound: there is no such token.
        """
        with self.store._transaction(write=True) as connection:
            found = connection.execute(
                update(Token).where(Token.id == which).values(revoked_at=func.coalesce(Token.revoked_at, now()))
            )
            if found.rowcount != 1:
                raise NotFound(f"there is no token {which}", "see: scaling-search token list")
            connection.execute(delete(Session).where(Session.token_id == which))

    def actor(self, token: str) -> Actor | None:
        """Whose token this is; None when it is unknown, revoked or expired."""
        with self.store._transaction() as connection:
            row = connection.execute(select(Token.__table__).where(Token.hash == digest(token))).one_or_none()
        return self._valid(row)

    def _valid(self, row: Row[tuple[object, ...]] | None) -> Actor | None:
        if row is None:
            return None
        found = TokenRow(**row_values(row, TokenRow))
        if found.state != "valid":
            return None
        if found.used_at is None or now() - found.used_at > timedelta(minutes=1):
            with self.store._transaction(write=True) as connection:
                connection.execute(update(Token).where(Token.id == found.id).values(used_at=now()))
        return Actor(found.name, found.role, found.id)

    # --- sessions

    def log_in(self, actor: Actor) -> str:
        """A new session of a token's owner: the cookie's value."""
        cookie = secrets.token_urlsafe(32)
        times = {"created_at": now(), "expires_at": now() + timedelta(hours=SESSION_HOURS)}
        with self.store._transaction(write=True) as connection:
            connection.execute(delete(Session).where(Session.expires_at < now()))
            connection.execute(insert(Session).values(hash=digest(cookie), token_id=actor.token_id, **times))
        return cookie

    def session(self, cookie: str) -> Actor | None:
        """Who logged in with this cookie; None when nobody, or the session or its token is over."""
        query = select(Token.__table__).join(Session, Session.token_id == Token.id)
        query = query.where(Session.hash == digest(cookie), Session.expires_at > now())
        with self.store._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return self._valid(row)

    def log_out(self, cookie: str) -> None:
        """End a session."""
        with self.store._transaction(write=True) as connection:
            connection.execute(delete(Session).where(Session.hash == digest(cookie)))

    # --- the audit trail

    def record(
        self, actor: Actor, address: str, action: str, study: str | None = None, detail: str | None = None
    ) -> None:
        """Write down what somebody did."""
        values = {"actor": actor.name, "role": actor.role, "address": address, "action": action, "at": now()}
        with self.store._transaction(write=True) as connection:
            connection.execute(insert(Audit).values(**values, study=study, detail=detail))

    def trail(self, before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """What was done, newest first; with ``before``, what came before that id."""
        query = select(Audit.__table__).order_by(Audit.id.desc()).limit(limit)
        query = query if before is None else query.where(Audit.id < before)
        with self.store._transaction() as connection:
            return [AuditRow(**row_values(row, AuditRow)) for row in connection.execute(query)]
