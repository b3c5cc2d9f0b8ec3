"""Where a validation's networks look, as the store keeps it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image
from sqlalchemy import delete, insert, select

from scaling_search.store.ledger import Store
from scaling_search.store.mapping import now
from scaling_search.store.tables import ActivationMaps, Study


@dataclass(frozen=True, slots=True)
class GradcamMapsRow:
    """The newest maps of a validation: each network's ``scores`` (:func:`scaling_search.training.gradcam.scores`), and a PNG."""

    made_at: datetime
    scores: list[dict[str, Any]]
    picture: bytes

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture, px."""
        with Image.open(io.BytesIO(self.picture)) as opened:
            return opened.size


class GradcamMaps:
    """The store as activation maps are kept in it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def keep(self, name: str, scores: list[dict[str, Any]], picture: bytes) -> None:
        """Keep a study's maps in place of older ones.

        Raises:
            NotFound: there is no such study.
        """
        self.store.study(name)
        here = select(Study.id).where(Study.name == name).scalar_subquery()
        values = {"made_at": now(), "scores": {"arms": scores}, "picture": picture}
        with self.store._transaction(write=True) as connection:
            connection.execute(delete(ActivationMaps).where(ActivationMaps.study_id == here))
            connection.execute(insert(ActivationMaps).values(study_id=here, **values))

    def newest(self, name: str) -> GradcamMapsRow | None:
        """A study's maps, or None."""
        columns = ActivationMaps.made_at, ActivationMaps.scores, ActivationMaps.picture
        query = select(*columns).join(Study).where(Study.name == name)
        with self.store._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else GradcamMapsRow(row.made_at, row.scores["arms"], row.picture)
