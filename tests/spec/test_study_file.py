"""Study files on disk: the shipped ones, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.errors import SpecError
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import load, parse

STUDIES = Path(__file__).parents[2] / "studies"


def test_every_study_file_loads_and_describes_itself() -> None:
    for file in sorted(STUDIES.iterdir()):
        spec = load(file)
        assert len(spec.description) > 20, f"{file.name} does not say what it is for"
        assert parse(spec.to_yaml()) == spec


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "not UTF-8"),
        (b"name: caf\xe9\n", "not UTF-8"),
        (b"\x00" * 64, "#x0000"),
    ],
    ids=["picture", "Latin-1", "zeros"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(SpecError, match=words) as caught:
        load(file)
    assert str(file) in caught.value.message


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "Is a directory"), ("a\0b", "null")):
        with pytest.raises(SpecError, match=words):
            load(path)


def test_errors_of_a_file_name_it(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("name: x\nsearch: {trials: 0}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(file)
    assert str(file) in caught.value.message
    file.write_bytes(b"\xef\xbb\xbfname: x\r\n")
    assert load(file) == StudySpec(name="x")
