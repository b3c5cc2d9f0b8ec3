"""Every field of a study file by its dotted name."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scaling_search.spec.study import StudySpec


def _fields(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{path}{name}.")
        else:
            yield f"{path}{name}", field


FIELDS = dict(_fields(StudySpec))
