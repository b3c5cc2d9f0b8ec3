"""Whatever the format, reading an export gives the numbers that were written."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
import yaml

from scaling_search.errors import InputError, NotFound
from scaling_search.export.documents import FORMATS, SCHEMA, csv_text, document, export, study_document
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.family import family, released
from scaling_search.records import StudyRow

FAMILIES = {"solved": family(PAPER, phi=(0.5, 1.0)).to_dict(), "released": released().to_dict()}
CHOICE: dict[str, Any] = {"alpha": 1.2, "shares": [0.2, 0.3, 0.5], "tie_region": [{"key": "d16-w9-r8-abc"}]}
VERSIONS = {"torch": "2.14.1", "scaling-search": "0.1.0"}
LISTS = ("repeats", "channels")


@pytest.fixture(params=FAMILIES)
def values(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A solved family, and the released one, whose φ is null."""
    return FAMILIES[request.param]


@pytest.fixture
def doc(values: dict[str, Any]) -> dict[str, Any]:
    """The family as a study's export."""
    return document(values, "fashion", "0a1b", VERSIONS, CHOICE)


def test_json_says_everything(doc: dict[str, Any], values: dict[str, Any]) -> None:
    assert json.loads(export(doc, "json")) == {
        "schema": SCHEMA,
        "study": "fashion",
        "spec_hash": "0a1b",
        "versions": VERSIONS,
        "choice": CHOICE,
        "family": values,
    }
    assert SCHEMA == "scaling-search/1"


def test_json_without_a_study_has_the_same_fields(values: dict[str, Any]) -> None:
    document_values = json.loads(export(document(values), "json"))
    assert document_values == {
        "schema": SCHEMA,
        "study": None,
        "spec_hash": None,
        "versions": {},
        "choice": None,
        "family": values,
    }


def test_yaml_is_the_same_document(doc: dict[str, Any]) -> None:
    assert yaml.safe_load(export(doc, "yaml")) == json.loads(export(doc, "json"))


@pytest.mark.parametrize("name", ["yes", "1e3", "0x1f", "2026-11-24", "a: b", "null", "naïve"])
def test_yaml_keeps_text_that_looks_like_something_else(values: dict[str, Any], name: str) -> None:
    assert yaml.safe_load(export(document(values, name, name), "yaml"))["study"] == name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "-\r\n"])
def test_text_in_a_csv_is_never_a_formula(text: str) -> None:
    text_of_table = csv_text(pd.DataFrame({"name": [text, "plain"], "value": [-1.5, 2.0], "list": [[1, 2], [3]]}))
    read = pd.read_csv(io.StringIO(text_of_table, newline=""))
    assert read["name"].tolist() == ["'" + text.replace("\r\n", "\n").replace("\r", "\n"), "plain"]
    assert read["value"].tolist() == [-1.5, 2.0]
    assert read["list"].tolist() == ["1-2", "3"]


def test_a_stored_study_is_a_document_once_it_has_a_choice(values: dict[str, Any]) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    study = StudyRow("fashion", "", "complete", None, {}, "0a1b", VERSIONS, now, None, None)
    assert study_document(study, {**CHOICE, "family": values}) == document(values, "fashion", "0a1b", VERSIONS, CHOICE)
    with pytest.raises(NotFound, match="has no choice yet"):
        study_document(study, None)


def test_csv_comes_back_equal(doc: dict[str, Any], values: dict[str, Any]) -> None:
    read = pd.read_csv(io.StringIO(export(doc, "csv")))
    assert set(read.pop("base")) == {"efficientnet_b0"}
    for column in LISTS:
        read[column] = [[int(n) for n in text.split("-")] for text in read[column]]
    pd.testing.assert_frame_equal(read, pd.DataFrame(values["models"]), check_dtype=False, check_exact=True)


def test_markdown_has_a_row_a_model_and_its_units(doc: dict[str, Any], values: dict[str, Any]) -> None:
    lines = export(doc, "markdown").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    header, rows = table[0], table[2:]
    assert {"φ", "px", "params (M)", "MACs (G)", "real ratio", "target"} <= set(header)
    assert [row[0] for row in rows] == [m["name"] for m in values["models"]]
    for row, m in zip(rows, values["models"], strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["px"] == str(m["resolution"])
        assert cells["MACs (G)"] == f"{m['macs'] / 1e9:.3f}"
        assert cells["params (M)"] == f"{m['params'] / 1e6:.2f}"
        assert float(cells["real ratio"]) == pytest.approx(m["macs_ratio"], abs=0.005)
        assert ("fit" in cells["φ"]) == (m["phi"] is None)
    assert lines[0] == f"## fashion: efficientnet_b0, {values['rounding']} rounding"
    assert "α = 1.2000, β = 1.1000, γ = 1.1500" in lines


def test_python_is_a_module_with_equal_dicts(doc: dict[str, Any], values: dict[str, Any]) -> None:
    names: dict[str, Any] = {}
    exec(compile(export(doc, "python"), "exported.py", "exec"), names)
    assert names["COEFFICIENTS"] == {k: values[k] for k in ("alpha", "beta", "gamma")}
    assert [{"name": name, **values} for name, values in names["MODELS"].items()] == values["models"]
    assert "fashion" in names["__doc__"]


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_leaves_the_document_alone_and_ends_in_a_newline(doc: dict[str, Any], form: str) -> None:
    before = json.dumps(doc)
    assert export(doc, form) == export(doc, form)
    assert export(doc, form).endswith("\n")
    assert json.dumps(doc) == before


def test_an_unknown_format_names_those_there_are(doc: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"unknown format 'xml'") as refused:
        export(doc, "xml")
    assert refused.value.hint.startswith("choose one of: json, csv, markdown, python, yaml, pytorch, torchvision")
