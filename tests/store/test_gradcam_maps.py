"""Grad-CAM maps of a validation, on each kind of database."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from scaling_search.errors import NotFound
from scaling_search.store import GradcamMaps, Store
from tests.support.studies import add_study


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_newer_maps_replace_older_ones(store: Store) -> None:
    add_study(store)
    maps = GradcamMaps(store)
    assert maps.newest("s") is None
    maps.keep("s", [{"arm": "base"}], png(2, 3))
    maps.keep("s", [{"arm": "choice"}], png(4, 5))
    newest = maps.newest("s")
    assert newest is not None
    assert (newest.scores, newest.size) == ([{"arm": "choice"}], (4, 5))


def test_maps_of_an_unknown_study_are_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no study 'x'"):
        GradcamMaps(store).keep("x", [], b"")
