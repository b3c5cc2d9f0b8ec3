"""Recommendations that older code stored are read, and written as they were read."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.family import Family
from scaling_search.records import Recommendation

DATABASES = sorted((Path(__file__).parents[1] / "golden" / "databases").glob("*.sql"))


def stored(path: Path) -> list[dict[str, Any]]:
    """Every choice of a golden database in JSON form."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(path.read_text(encoding="utf-8"))
        return [json.loads(text) for (text,) in connection.execute("select result from choice")]


@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.stem)
def test_a_stored_recommendation_is_written_as_it_was_read(path: Path) -> None:
    choices = stored(path)
    assert choices
    for choice in choices:
        recommendation = Recommendation.model_validate(choice)
        assert json.dumps(recommendation.to_dict()) == json.dumps(choice)
        assert recommendation.family.to_dict() == choice["family"]


def test_a_family_of_another_base_holds_its_network() -> None:
    (path,) = (p for p in DATABASES if p.stem == "factory")
    for choice in stored(path):
        family = Family.model_validate(choice["family"])
        assert family.base_architecture == Architecture.from_dict(choice["family"]["network"])
