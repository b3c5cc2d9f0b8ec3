"""Webhook calls that are to be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from scaling_search.store.ledger import Store
from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Delivery
from scaling_search.store.tables import Study

NEVER = 36_500
"""Days ahead at which a call is due that was given up."""


@dataclass(frozen=True, slots=True)
class Due:
    """A call to be made now."""

    id: int
    url: str
    payload: dict[str, Any]
    attempts: int


class WebhookQueue:
    """The webhook calls of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def due(self, limit: int = 20) -> list[Due]:
        """Calls whose time has come, oldest first."""
        query = select(Delivery.id, Study.webhook, Delivery.payload, Delivery.attempts).join(Study)
        query = query.where(Delivery.due_at <= now(), Delivery.delivered_at.is_(None), Study.webhook.is_not(None))
        with self.store._transaction() as connection:
            return [Due(*row) for row in connection.execute(query.order_by(Delivery.due_at).limit(limit))]

    def take(self, due: Due, wait: float | None) -> bool:
        """Whether this call is ours to make; it is due again after ``wait`` seconds, or never."""
        again = now() + (timedelta(days=NEVER) if wait is None else timedelta(seconds=wait))
        here = (Delivery.id == due.id) & (Delivery.attempts == due.attempts) & Delivery.delivered_at.is_(None)
        with self.store._transaction(write=True) as connection:
            change = update(Delivery).where(here).values(attempts=due.attempts + 1, due_at=again)
            return connection.execute(change).rowcount == 1

    def done(self, due: Due, error: str | None) -> None:
        """Write down how a call went."""
        values = {"error": error} if error else {"error": None, "delivered_at": now()}
        with self.store._transaction(write=True) as connection:
            connection.execute(update(Delivery).where(Delivery.id == due.id).values(**values))
