"""The queue of webhook calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Delivery
from scaling_search.store.tables import Study
from scaling_search.store.transactions import Database

ABANDONED_DAYS = 36_500
"""An abandoned call becomes due again after this many days."""


@dataclass(frozen=True, slots=True)
class Due:
    """A call that is due now; ``attempts`` so far."""

    id: int
    url: str
    payload: dict[str, Any]
    attempts: int


class WebhookQueue:
    """Reads and updates the queue."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def due(self, limit: int = 20) -> list[Due]:
        """Calls that are due, oldest first."""
        query = select(Delivery.id, Study.webhook, Delivery.payload, Delivery.attempts).join(Study)
        query = query.where(Delivery.due_at <= now(), Delivery.delivered_at.is_(None), Study.webhook.is_not(None))
        with self.database.transaction() as connection:
            return [Due(*row) for row in connection.execute(query.order_by(Delivery.due_at).limit(limit))]

    def take(self, due: Due, retry_s: float | None) -> bool:
        """Claim a call: False if another server has. It becomes due again after ``retry_s``; None: never."""
        due_again = now() + (timedelta(days=ABANDONED_DAYS) if retry_s is None else timedelta(seconds=retry_s))
        unclaimed = (Delivery.id == due.id) & (Delivery.attempts == due.attempts) & Delivery.delivered_at.is_(None)
        with self.database.transaction(write=True) as connection:
            change = update(Delivery).where(unclaimed).values(attempts=due.attempts + 1, due_at=due_again)
            return connection.execute(change).rowcount == 1

    def done(self, due: Due, error: str | None) -> None:
        """Record the outcome of a call; ``error`` is None if it succeeded."""
        values = {"error": error} if error else {"error": None, "delivered_at": now()}
        with self.database.transaction(write=True) as connection:
            connection.execute(update(Delivery).where(Delivery.id == due.id).values(**values))
