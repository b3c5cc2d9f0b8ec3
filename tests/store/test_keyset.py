"""Cursors of pages: encoded, decoded, and refused if invalid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from scaling_search.errors import InputError
from scaling_search.search.studies import submit_study
from scaling_search.store import Store, StudyQueries
from scaling_search.store.keyset import decode, encode, page
from scaling_search.store.tables import Trial
from tests.support.studies import SPEC, added_and_claimed, filled, proposals


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "WzEsIDJd" * 900, "bnVsbA", "WyJhIiwxXQ", "WzEsMWUzMDhd"])
def test_an_invalid_cursor_is_refused(store: Store, cursor: str) -> None:
    submit_study(store, SPEC, "ann")
    filled(store, 2)
    with pytest.raises(InputError, match="invalid page cursor"):
        StudyQueries(store).trials("s", sort="accuracy", after=cursor)


@pytest.mark.parametrize("value", ["text", 0.25, datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)])
def test_a_cursor_decodes_to_what_was_encoded(value: Any) -> None:
    assert decode(encode(value, 7), type(value)) == (value, 7)


@pytest.mark.parametrize(("descending", "numbers"), [(False, [1, 2, 3, 0]), (True, [0, 3, 2, 1])])
def test_null_sorts_below_every_value_across_pages(store: Store, descending: bool, numbers: list[int]) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(4))
    store.write(claim, started=[0])
    read, cursor = list[int](), None
    while True:
        with store.transaction() as connection:
            query = select(Trial.number.label("n"))
            rows, cursor = page(connection, query, Trial.started_at.expression, Trial.number, descending, cursor, 2)
        read += [row.n for row in rows]
        if cursor is None:
            break
    assert read == numbers
