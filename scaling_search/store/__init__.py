"""The one ledger: studies, trials, epochs, choices and families in SQL."""

from scaling_search.store.database import open_database, upgrade_database
from scaling_search.store.rows import Claim
from scaling_search.store.store import Store

__all__ = ["Claim", "Store", "open_database", "upgrade_database"]
