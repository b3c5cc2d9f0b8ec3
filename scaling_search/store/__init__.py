"""The SQL ledger, SQLite and PostgreSQL."""

from scaling_search.store.accounts import Accounts, Actor
from scaling_search.store.control import Control
from scaling_search.store.copy import copy_studies
from scaling_search.store.database import current_schema, open_database, upgrade_database
from scaling_search.store.events import EventRow, Events
from scaling_search.store.gradcam_maps import GradcamMaps
from scaling_search.store.ledger import Store
from scaling_search.store.states import CLAIMABLE, Claim
from scaling_search.store.study_queries import StudyQueries
from scaling_search.store.workers import Workers

__all__ = [
    "CLAIMABLE",
    "Accounts",
    "Actor",
    "Claim",
    "Control",
    "EventRow",
    "Events",
    "GradcamMaps",
    "Store",
    "StudyQueries",
    "Workers",
    "copy_studies",
    "current_schema",
    "open_database",
    "upgrade_database",
]
