"""A database of an older schema keeps its studies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from scaling_search.analysis.validation import propose, validation_spec
from scaling_search.errors import StoreError
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, database, open_database, upgrade_database
from scaling_search.store.mapping import trial_values
from scaling_search.store.tables import Trial

ADDED = ("planned", "test_accuracy")


def first_schema(path: Path, values: dict[str, object]) -> None:
    """A database of the first schema, with one study."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO study (id, name, description, state, spec, spec_hash, versions, created_at, fence) VALUES "
                "(1, 'tiny', '', 'complete', :spec, 'h', '{}', '2026-11-01 00:00:00', 1)"
            ),
            {"spec": json.dumps(values)},
        )
    engine.dispose()


def test_an_older_study_is_read_as_it_was(tiny: Callable[..., str], tmp_path: Path) -> None:
    spec = parse(tiny())
    stored = spec.model_dump(mode="json")
    del stored["validation"], stored["search"]["stages"]  # older versions stored neither
    path = tmp_path / "old.db"
    first_schema(path, stored)
    (proposal, *_) = propose([], validation_spec(spec, (0.3, 0.3, 0.4), 1, 1, None), 0)
    row = {k: v for k, v in trial_values(1, proposal).items() if k not in ADDED}
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        table = Trial.__table__
        names = [c.name for c in table.columns if c.name in row]
        columns = {n: json.dumps(row[n]) if isinstance(row[n], list | dict) else row[n] for n in names}
        connection.execute(
            text(f"INSERT INTO trial ({', '.join(names)}) VALUES ({', '.join(':' + n for n in names)})"), columns
        )
    engine.dispose()
    with pytest.raises(StoreError, match="older schema 0001"):
        open_database(str(path))
    assert upgrade_database(str(path)) == ("0001", database.HEAD)
    store = Store(open_database(str(path)))
    (trial,) = store.trials("tiny")
    assert (trial.key, trial.planned, trial.test_accuracy, trial.is_long_run) == (
        proposal.candidate.key,
        None,
        None,
        False,
    )
    assert get_or_create_study(store, spec).state == "complete"  # newer fields have their defaults
    store.close()
