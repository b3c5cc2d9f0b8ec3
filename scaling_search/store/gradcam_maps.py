"""Grad-CAM maps of a validation's networks, as stored."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image
from sqlalchemy import delete, insert, select

from scaling_search.store.ledger import read_study
from scaling_search.store.mapping import now
from scaling_search.store.tables import ActivationMaps, Study
from scaling_search.store.transactions import Database, persistent


@dataclass(frozen=True, slots=True)
class GradcamMapsRow:
    """The newest maps of a validation: a PNG, and the scores of each network.

    The scores are those of :func:`scaling_search.training.gradcam.scores`.
    """

    made_at: datetime
    scores: list[dict[str, Any]]
    picture: bytes

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture, px."""
        with Image.open(io.BytesIO(self.picture)) as image:
            return image.size


class GradcamMaps:
    """Reads and writes the Grad-CAM maps of validations."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @persistent
    def keep(self, name: str, scores: list[dict[str, Any]], picture: bytes) -> None:
        """Store a study's maps; older ones are replaced.

        Raises:
            NotFound: there is no such study.
        """
        study_id = select(Study.id).where(Study.name == name).scalar_subquery()
        values = {"made_at": now(), "scores": {"arms": scores}, "picture": picture}
        with self.database.transaction(write=True) as connection:
            read_study(connection, name)
            connection.execute(delete(ActivationMaps).where(ActivationMaps.study_id == study_id))
            connection.execute(insert(ActivationMaps).values(study_id=study_id, **values))

    def newest(self, name: str) -> GradcamMapsRow | None:
        """A study's maps, or None."""
        columns = ActivationMaps.made_at, ActivationMaps.scores, ActivationMaps.picture
        query = select(*columns).join(Study).where(Study.name == name)
        with self.database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else GradcamMapsRow(row.made_at, row.scores["arms"], row.picture)
