"""Keyset pagination: a page begins after the last row of the previous one, so every page costs the same."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, SQLColumnExpression, and_, func, or_

from scaling_search.errors import InputError
from scaling_search.store.tables import UTCDateTime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOWEST = -1e300


def encode(value: Any, row_id: int) -> str:
    """The cursor of a row: its sort key and its id."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([plain, row_id]).encode()).decode().rstrip("=")


def decode(cursor: str, kind: type[Any]) -> tuple[Any, int]:
    """The (sort key, id) given to :func:`encode`; ``kind`` is the type of the sort key.

    Raises:
        InputError: invalid cursor, or one of another list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        value, row_id = json.loads(base64.urlsafe_b64decode(padded))
        if kind is datetime:
            value = datetime.fromisoformat(value).astimezone(UTC)
        elif kind is not str:
            value = float(value)
        if type(row_id) is not int or not isinstance(value, kind | float) or abs(row_id) >= 2**63:
            raise ValueError
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        raise InputError("after: invalid page cursor", "give the `next` of the previous page of this list") from None
    return value, row_id


def sort_key(column: ColumnElement[Any]) -> tuple[ColumnElement[Any], type[Any]]:
    """A column as a sort key in which NULL comes first, and the type of its values.

    A column that cannot be NULL is returned as it is, so that an index can serve the sorting.
    """
    kind = datetime if isinstance(column.type, UTCDateTime) else column.type.python_type
    if not getattr(column, "nullable", True):
        return column, kind
    lowest = EPOCH if kind is datetime else "" if kind is str else LOWEST
    return func.coalesce(column, lowest, type_=column.type), kind


def page(
    connection: Connection,
    query: Select[Any],
    column: ColumnElement[Any],
    row_id: SQLColumnExpression[int],
    descending: bool,
    after: str | None,
    limit: int,
) -> tuple[Sequence[Row[Any]], str | None]:
    """Up to ``limit`` rows sorted by ``column``, then ``row_id``, after a cursor; and the cursor of the next page.

    Rows get two more columns at the end: the sort key and the id.

    Raises:
        InputError: invalid cursor, or one of another list.
    """
    key, kind = sort_key(column)
    if after is not None:
        value, last_id = decode(after, kind)
        beyond = (key < value, row_id < last_id) if descending else (key > value, row_id > last_id)
        query = query.where(or_(beyond[0], and_(key == value, beyond[1])))
    order = (key.desc(), row_id.desc()) if descending else (key.asc(), row_id.asc())
    rows = connection.execute(query.add_columns(key, row_id).order_by(*order).limit(limit + 1)).all()
    has_more = len(rows) > limit
    rows = rows[:limit]
    return rows, encode(rows[-1][-2], rows[-1][-1]) if has_more else None
