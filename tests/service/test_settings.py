"""Server settings."""

from __future__ import annotations

import pytest

from scaling_search.service import Settings


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("example.com", False)])  # fmt: skip
def test_loopback_is_recognised(host: str, loopback: bool) -> None:
    assert Settings(db="x", host=host).is_loopback is loopback
