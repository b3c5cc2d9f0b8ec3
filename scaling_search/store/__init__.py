"""The SQL ledger, SQLite and PostgreSQL."""

from scaling_search.store.control import Control
from scaling_search.store.database import current_schema, open_database, upgrade_database
from scaling_search.store.events import Events
from scaling_search.store.ledger import Store
from scaling_search.store.states import Claim
from scaling_search.store.workers import Workers

__all__ = [
    "Claim",
    "Control",
    "Events",
    "Store",
    "Workers",
    "current_schema",
    "open_database",
    "upgrade_database",
]
