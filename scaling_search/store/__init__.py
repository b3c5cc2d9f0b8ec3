"""The one ledger: studies, trials, epochs, choices, families and activation maps in SQL."""

from scaling_search.store.access import Access, Actor
from scaling_search.store.board import Board
from scaling_search.store.control import Control
from scaling_search.store.copying import copy_studies
from scaling_search.store.database import current_schema, open_database, upgrade_database
from scaling_search.store.events import EventRow, Events
from scaling_search.store.maps import Maps
from scaling_search.store.rows import CLAIMABLE, Claim
from scaling_search.store.store import Store
from scaling_search.store.workers import Workers

__all__ = [
    "CLAIMABLE",
    "Access",
    "Actor",
    "Board",
    "Claim",
    "Control",
    "EventRow",
    "Events",
    "Maps",
    "Store",
    "Workers",
    "copy_studies",
    "current_schema",
    "open_database",
    "upgrade_database",
]
