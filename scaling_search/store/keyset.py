"""Keyset pages: a page begins after the last row of the one before, so it costs the same however deep it is."""

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


def encode(value: Any, ident: int) -> str:
    """A cursor that names a row's place: what it is sorted by, and its id."""
    shown = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([shown, ident]).encode()).decode().rstrip("=")


def decode(cursor: str, kind: type[Any]) -> tuple[Any, int]:
    """What :func:`encode` was given.

    Raises:
        InputError: it is no cursor of that sort.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        value, ident = json.loads(base64.urlsafe_b64decode(padded))
        if kind is datetime:
            value = datetime.fromisoformat(value).astimezone(UTC)
        elif kind is not str:
            value = float(value)
        if type(ident) is not int or not isinstance(value, kind | float) or abs(ident) >= 2**63:
            raise ValueError
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        raise InputError("after: this is no cursor of this list", "give the `next` of the page before") from None
    return value, ident


def sort_key(column: ColumnElement[Any]) -> tuple[ColumnElement[Any], type[Any]]:
    """A column to sort by, in which nothing comes lowest; and its values' type. Where nothing cannot be, an index may sort."""
    kind = datetime if isinstance(column.type, UTCDateTime) else column.type.python_type
    if not getattr(column, "nullable", True):
        return column, kind
    lowest = EPOCH if kind is datetime else "" if kind is str else LOWEST
    return func.coalesce(column, lowest, type_=column.type), kind


def page(
    connection: Connection,
    query: Select[Any],
    column: ColumnElement[Any],
    ident: SQLColumnExpression[int],
    descending: bool,
    after: str | None,
    limit: int,
) -> tuple[Sequence[Row[Any]], str | None]:
    """Up to ``limit`` rows sorted by ``column``, then ``ident``, after a cursor; and the cursor of the next page.

    Rows get two more columns at their end: the sort key and the id.

    Raises:
        InputError: the cursor is none of this list's.
    """
    key, kind = sort_key(column)
    if after is not None:
        value, last = decode(after, kind)
        beyond = (key < value, ident < last) if descending else (key > value, ident > last)
        query = query.where(or_(beyond[0], and_(key == value, beyond[1])))
    order = (key.desc(), ident.desc()) if descending else (key.asc(), ident.asc())
    rows = connection.execute(query.add_columns(key, ident).order_by(*order).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, encode(rows[-1][-2], rows[-1][-1]) if more else None
