"""A validation as a table, a sentence and files; the sentence's other cases are in test_validation_sentences."""

from __future__ import annotations

import csv
import io
import json

from scaling_search.analysis.validation import ArmResult, validation_spec
from scaling_search.report.validation_table import COLUMNS, FORMATS, finding, render, table_rows
from tests.support.factories import tiny_spec

BASE = ArmResult("base", "k0", None, 1.0, 1, 0.7, None, 0.71, 3.0, None, None)
DEPTH = ArmResult("depth", "k1", (1.0, 0.0, 0.0), 1.98, 4, 0.75, (0.74, 0.76), 0.76, 12.4, 5.0, (4.0, 6.0))
CHOSEN = ArmResult("chosen", "k2", (0.2, 0.3, 0.5), 2.01, 4, 0.8, (0.79, 0.81), 0.81, 12.6, None, None)
SPEC = validation_spec(tiny_spec(), (0.2, 0.3, 0.5), 4, 1.0, 7)


def test_a_row_has_what_is_known_of_its_arm() -> None:
    assert table_rows([BASE, DEPTH, CHOSEN]) == [
        ["unscaled base", "", "1.000", "1", "70.00%", "", "", "3"],
        ["depth only", "100 / 0 / 0", "1.980", "4", "75.00%", "74.00% to 76.00%", "+5.00 (+4.00 to +6.00)", "12"],
        ["chosen", "20 / 30 / 50", "2.010", "4", "80.00%", "79.00% to 81.00%", "", "13"],
    ]


def test_the_sentence_waits_for_the_chosen_network() -> None:
    assert finding([BASE, DEPTH]) == "The chosen network has no complete run yet"
    assert finding([BASE, DEPTH, CHOSEN]) == "The chosen network beats depth only"


def test_every_format_has_every_arm() -> None:
    arms = [BASE, DEPTH, CHOSEN]
    texts = {form: render(SPEC, arms, {"torch": "2"}, form) for form in FORMATS}
    values = json.loads(texts["json"])
    assert (values["study"], values["seeds"], values["epochs"], values["versions"]) == (SPEC.name, 4, 7, {"torch": "2"})
    assert [a["arm"] for a in values["arms"]] == ["base", "depth", "chosen"]
    assert [float(r["test"]) for r in csv.DictReader(io.StringIO(texts["csv"]))] == [0.7, 0.75, 0.8]
    lines = texts["markdown"].splitlines()
    assert len(lines) == 2 + len(arms)
    assert all(column in lines[0] for column in COLUMNS)
