"""Finds how to spend a doubling of a convolutional network's cost on depth, width and resolution.

``trials(study)`` reads a study's trials as a pandas DataFrame, ``optuna_study(study)`` as an Optuna study.
``Client(url, token)`` is a client of the service. The command line is ``scaling-search``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from scaling_search.client import Client

__all__ = ["Client", "optuna_study", "trials"]


def __getattr__(name: str) -> Any:
    """Imports ``Client`` on first use."""
    if name == "Client":
        from scaling_search.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def trials(study: str, db: str | None = None) -> pd.DataFrame:
    """A study's trials, one row each, with the columns of the ``trial`` table; shares are three columns.

    ``db`` is a file or URL; the default is $SCALING_SEARCH_DB, else scaling_search.db in the working directory.

    Raises:
        NotFound: there is no such database or study.
        StoreError: the database cannot be read.
    """
    from scaling_search.export.frames import trial_frame
    from scaling_search.paths import default_database
    from scaling_search.store import Store, open_database

    store = Store(open_database(db or default_database()))
    try:
        store.study(study)
        return trial_frame(store.trials(study))
    finally:
        store.close()


def optuna_study(study: str, db: str | None = None, storage: str | None = None) -> optuna.Study:
    """A copy of a study as an Optuna study, in memory or in the Optuna storage at the URL ``storage``.

    Raises:
        NotFound: there is no such database or study.
        InputError: ``storage`` already has an Optuna study of that name.
    """
    from scaling_search.paths import default_database
    from scaling_search.records import last_curves
    from scaling_search.search.optuna_export import copy_study
    from scaling_search.store import Store, open_database

    store = Store(open_database(db or default_database()))
    try:
        rows = store.trials(study)
        curves = {n: [e.accuracy for e in curve] for n, curve in last_curves(rows, store.epochs(study)).items()}
        return copy_study(store.study(study), rows, curves, storage)
    finally:
        store.close()
