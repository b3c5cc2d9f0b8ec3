"""`data check`: what is in a dataset, its damaged files, and whether it is what a study says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.data import streaming
from scaling_search.data.check import check
from scaling_search.data.dataset import open_dataset
from scaling_search.errors import DataError, InputError

pytestmark = pytest.mark.usefixtures("user_cache")


@pytest.fixture
def data_check() -> Callable[..., tuple[int, str]]:
    """Runs `data check` and gives its exit code and output; a DataError counts as the 1 that `main` makes of it."""

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["data", "check", *map(str, arguments)])
        if isinstance(done.exception, DataError | InputError):
            return done.exception.exit_code, done.stdout + str(done.exception)
        assert done.exception is None
        return done.exit_code, done.stdout

    return run


def test_check_finds_what_is_in_a_set(digits_root: Path, data_check: Callable[..., tuple[int, str]]) -> None:
    code, text = data_check("digits", "--root", digits_root, "--json")
    facts = json.loads(text)
    assert code == 0
    assert (facts["images"], facts["px"], facts["channels"], facts["classes"]) == (1_437, [8, 8], 1, 10)
    assert facts["smallest_class"] <= 143 <= facts["largest_class"]
    assert facts["mean"] == pytest.approx([0.305], abs=0.005)
    code, text = data_check("digits", "--root", digits_root)
    assert (code, "images: 1437" in text, "channels: 1" in text) == (0, True, True)


def test_check_finds_what_is_in_a_folder(pictures: Path, data_check: Callable[..., tuple[int, str]]) -> None:
    facts = json.loads(data_check("image_folder", "--root", pictures, "--json")[1])
    assert (facts["images"], facts["classes"], facts["channels"], facts["corrupt"]) == (24, 3, 3, [])
    assert facts["class_names"] == ["class0", "class1", "class2"]
    assert 10 <= facts["shortest_side"][0] <= facts["shortest_side"][1] < 30
    assert len(facts["mean"]) == 3
    for file in pictures.rglob("*.*g"):
        Image.open(file).convert("L").save(file)
    grey = check("image_folder", pictures)
    assert (grey["channels"], grey["grey"], len(grey["mean"])) == (1, 24, 1)


def test_check_names_every_damaged_file(
    pictures: Path, data_check: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = sorted((pictures / "class1").glob("*.png")) + sorted((pictures / "class2" / "more").glob("*.jpg"))
    for file in bad:
        file.write_bytes(file.read_bytes()[:100])
    monkeypatch.setattr("scaling_search.data.check.MAX_SERIAL_FILES", 3)  # in worker processes, too
    code, text = data_check("image_folder", "--root", pictures, "--json")
    facts = json.loads(text[: text.rindex("}") + 1])
    reported = {entry["file"] for entry in facts["corrupt"]}
    assert code == 1
    assert reported <= set(map(str, bad))
    assert f"{len(reported)} of 24 images cannot be read" in text
    test = open_dataset("image_folder", pictures, "test")
    assert isinstance(test.images, streaming.FolderImages)
    assert test.rows is not None
    assert set(map(str, bad)) - reported == set(map(str, bad)) & {test.images.files[i] for i in test.rows}
    code, text = data_check("image_folder", "--root", pictures)
    assert code == 1
    assert all(file in text for file in reported)


def test_check_judges_a_study(pictures: Path, tmp_path: Path, data_check: Callable[..., tuple[int, str]]) -> None:
    study = tmp_path / "study.yaml"
    text = "name: x\nproxy: {{dataset: image_folder, root: {}, classes: {}, train_size: 16, validation_size: {}, batch_size: 4}}\n"
    study.write_text(text.format(pictures, 3, 8))
    facts = json.loads(data_check(study, "--json")[1])
    assert (facts["px"], facts["kept"]) == ([320, 320], True)
    assert facts["decoded_gb"] == pytest.approx(24 * 320 * 320 * 3 / 1e9)
    study.write_text(text.format(pictures, 5, 8))
    assert "images of 3 classes; the study says 5" in data_check(study)[1]
    study.write_text(text.format(pictures, 3, 9))
    assert "has 24 images outside its test split" in data_check(study)[1]


def test_check_refuses_names_it_does_not_know(data_check: Callable[..., tuple[int, str]]) -> None:
    code, text = data_check("torchvision:Kitti")
    assert (code, "not a classification set" in text) == (2, True)
    code, text = data_check("nonsense")
    assert (code, "no dataset 'nonsense'" in text) == (2, True)
