"""`spec`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse

REFUSED: list[tuple[str, int, str]] = [
    ("spec", 2, "give a study file, or --schema"),
]


def test_spec_fills_in_every_default(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], study_dir: Path
) -> None:
    filled = printed("spec", "study.yaml", cwd=study_dir).decode()
    given = parse((study_dir / "study.yaml").read_text())
    assert parse(filled) == given
    assert yaml.safe_load(filled) == printed_json("spec", "study.yaml", cwd=study_dir) == given.model_dump(mode="json")


def test_the_schema_describes_every_field(printed: Callable[..., bytes], tmp_path: Path) -> None:
    schema = json.loads(printed("spec", "--schema", cwd=tmp_path))
    assert set(schema["properties"]) == set(StudySpec.model_fields)
    assert schema["additionalProperties"] is False
    for section in schema["$defs"].values():
        assert all(field["description"] for field in section["properties"].values())


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
