"""`cost`: what it refuses. tests/networks/test_latency.py measures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

REFUSED: list[tuple[str, int, str]] = [
    ("cost", 2, "Missing argument 'STUDY'"),
    ("cost nope --db s.db", 2, "there is no study 'nope'"),
    ("cost efficientnet_b0 --batch 0", 2, "--batch"),
    ("cost nope --db missing.db", 2, "there is no database at missing.db"),
]


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
