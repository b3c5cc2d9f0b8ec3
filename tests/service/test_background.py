"""Errors of background loops: unexpected ones are logged once."""

from __future__ import annotations

import asyncio
import logging

import pytest

from scaling_search.errors import StoreError
from scaling_search.service.background import LoopErrors


def test_each_unexpected_error_is_logged_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    errors = LoopErrors("counting")
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            with errors.caught():
                raise ZeroDivisionError
            with errors.caught():
                raise KeyError("other")
            with errors.caught():
                raise StoreError("the database failed")
    kinds = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert kinds == [ZeroDivisionError, KeyError]
    assert all("counting failed" in record.message for record in caplog.records)


def test_cancellation_is_not_caught() -> None:
    with pytest.raises(asyncio.CancelledError), LoopErrors("waiting").caught():
        raise asyncio.CancelledError
