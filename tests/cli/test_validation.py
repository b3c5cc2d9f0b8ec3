"""`validate` and `cam`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

REFUSED: list[tuple[str, int, str]] = [
    ("validate queued --db s.db", 2, "run: scaling-search resume queued --db s.db"),
    ("cam queued --db s.db", 2, "run: scaling-search validate queued --db s.db"),
    ("validate queued --db s.db --format bogus --json", 2, "choose one of: json, csv, markdown"),
]


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
