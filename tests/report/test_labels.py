"""Every key that results hold has a name, and no terminal gets a typographic apostrophe."""

from __future__ import annotations

from typing import get_args

from scaling_search.analysis.selection import references
from scaling_search.analysis.validation import arms_of, validation_spec
from scaling_search.report.labels import ARMS, COST_LABELS, REFERENCES, REFERENCES_PLAIN, plain
from scaling_search.spec.budget import BudgetSpec
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study_file import parse

SPEC = "name: labels\nbase: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}\nbudget: {divisor: 2}\n"


def test_every_reference_arm_and_cost_has_a_name() -> None:
    spec = parse(SPEC)
    assert set(REFERENCES) == set(REFERENCES_PLAIN) == set(references(search_space(spec)))
    assert set(ARMS) == set(arms_of(validation_spec(spec, (0.8, 0.1, 0.1), 1, 1.0, None)))
    assert set(COST_LABELS) == set(get_args(BudgetSpec.model_fields["cost"].annotation))


def test_terminals_get_plain_apostrophes() -> None:
    assert plain("fast scaling’s shares") == "fast scaling's shares"
    assert REFERENCES["paper"] == "the paper’s shares"
    assert not [name for name in [*REFERENCES_PLAIN.values(), *ARMS.values()] if "’" in name]
