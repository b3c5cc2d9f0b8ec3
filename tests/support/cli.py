"""The command line in a process of its own, and tables of the database that it wrote."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

STUDY = ("tiny", "--db", "s.db")
"""Arguments that name the finished study of the fixture ``study_dir``."""


def start_cli(*args: str, cwd: Path) -> subprocess.Popen[bytes]:
    env = {name: value for name, value in os.environ.items() if name != "SCALING_SEARCH_DB"}
    return subprocess.Popen(
        [sys.executable, "-m", "scaling_search.cli", *args],
        cwd=cwd,
        env=env | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def rows_of_table(folder: Path, table: str) -> list[Any]:
    """A whole table of s.db in this folder."""
    connection = sqlite3.connect(folder / "s.db")
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return rows


def write_sqlite(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
