"""A store on an empty SQLite file, for tests in which the kind of database makes no difference."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaling_search.store import Store, open_database


@pytest.fixture
def store(empty_file: Path, tmp_path: Path) -> Iterator[Store]:
    opened = Store(open_database(str(shutil.copy(empty_file, tmp_path / "s.db"))))
    yield opened
    opened.close()
