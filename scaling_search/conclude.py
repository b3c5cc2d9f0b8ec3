"""A study's rows → its choice, with α, β, γ on the export base, and its family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_search.candidates import candidates_of
from scaling_search.family import family, triple_for
from scaling_search.records import TrialRow
from scaling_search.selection import choose
from scaling_search.spec import StudySpec


def conclude(rows: Sequence[TrialRow], spec: StudySpec) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The choice from a study's rows in JSON form, with α, β, γ on the export base, and its family's models.

    Raises:
        ScalingSearchError: no candidate run is complete.
    """
    choice = choose(
        rows, candidates_of(spec), spec.search.indifference, spec.search.seed, equal_cost=spec.budget.mode == "real"
    )
    export = spec.export_architecture()
    down = spec.budget.target < 1
    triple = triple_for(choice.shares, export, spec.family.rounding, spec.family.divisor, down)
    values = {**triple._asdict(), "product": triple.product, **choice.to_dict()}
    made = family(triple, export, spec.family.phi, spec.family.rounding, spec.family.divisor).to_dict()
    return {**values, "family": made}, made["models"]
