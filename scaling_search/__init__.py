"""Finds how to spend a doubling of cost on depth, width and resolution of a convolutional network.

``trials(study)`` reads a study's runs as a pandas DataFrame; the command line is ``scaling-search``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["trials"]


def trials(study: str, db: str | None = None) -> pd.DataFrame:
    """A study's trials, one row each, in the columns of the ``trial`` table, shares as three columns.

    ``db`` is a file or URL; by default SCALING_SEARCH_DB, or scaling_search.db in the working directory.

    Raises:
        NotFound: there is no such database or study.
        StoreError: the database cannot be read.
    """
    from scaling_search.store import Store, open_database
    from scaling_search.tables import default_database, trial_frame

    store = Store(open_database(db or default_database()))
    try:
        store.study(study)
        return trial_frame(store.trials(study))
    finally:
        store.close()
