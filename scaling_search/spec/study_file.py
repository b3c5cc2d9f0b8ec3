"""Read study files as StudySpec values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scaling_search.errors import SpecError
from scaling_search.spec.study import StudySpec
from scaling_search.spec.yaml_text import explain, read_yaml

MAX_BYTES = 256 * 1024


def read_fields(text: str, source: str = "the spec") -> dict[Any, Any]:
    """The fields in YAML text, not validated.

    Raises:
        SpecError: the text is too large, not YAML (the message names the line), or not a mapping.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SpecError(
            f"{source} is larger than {MAX_BYTES // 1024} KiB", "shorten it: a study file is about a page of YAML"
        )
    values = read_yaml(text, source)
    if values is None:
        raise SpecError(f"{source} is empty", "start with `name: my_study`")
    if not isinstance(values, dict):
        raise SpecError(f"{source} holds {type(values).__name__}, not fields", "start with `name: my_study`")
    return values


def parse(text: str, source: str = "the spec") -> StudySpec:
    """Parse YAML text into a StudySpec.

    Raises:
        SpecError: see :func:`read_fields`, or a field is invalid.
    """
    values = read_fields(text, source)
    try:
        return StudySpec.model_validate(values)
    except ValidationError as e:
        raise explain(e, source) from None


def load(path: str | Path) -> StudySpec:
    """Load a StudySpec from a YAML file.

    Raises:
        SpecError: the file cannot be read, or see :func:`parse`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(
            f"cannot read the study file {path}: it is not UTF-8 text", "give the path of a YAML file"
        ) from None
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) else str(e)
        raise SpecError(f"cannot read the study file {path}: {reason}", "give the path of a YAML file") from None
    return parse(text, str(path))
