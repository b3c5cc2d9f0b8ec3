"""Optuna suggests points of the triangle of shares."""

from __future__ import annotations

from dataclasses import replace

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.search.optuna_sampler import OptunaSampler, from_shares, quiet_study, to_shares
from scaling_search.search.proposals import propose
from tests.support.factories import as_row, tiny_spec

UNIT = st.floats(0, 1)


@given(UNIT, UNIT)
def test_the_map_onto_the_triangle_has_an_inverse(u: float, v: float) -> None:
    shares = to_shares(u, v)
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0
    assert to_shares(*from_shares(shares)) == pytest.approx(shares, abs=1e-6)


def test_the_map_is_uniform() -> None:
    """A quarter of the triangle's area lies above depth ½, and a quarter above width ½."""
    grid = [(i + 0.5) / 200 for i in range(200)]
    points = [to_shares(u, v) for u in grid for v in grid]
    assert sum(p[0] > 0.5 for p in points) / len(points) == pytest.approx(0.25, abs=0.01)
    assert sum(p[1] > 0.5 for p in points) / len(points) == pytest.approx(0.25, abs=0.01)


def test_only_real_networks_stay_in_the_optuna_study() -> None:
    spec = tiny_spec(search={"replicates": 0, "sampler": "tpe"})
    rows = [replace(as_row(p), state="complete", accuracy=0.5 + p.number / 100) for p in propose([], spec, 0)]
    rows += [replace(as_row(p), state="complete", accuracy=0.9) for p in propose(rows, spec, 1)]
    rows[1] = replace(rows[1], state="failed", accuracy=None)
    sampler = OptunaSampler(rows, spec, 2)
    sampler.suggest()
    sampler.observe((0.5, 0.2, 0.3))
    values: dict[str, list[float | None]] = {state: [] for state in ("COMPLETE", "RUNNING", "FAIL")}
    for trial in sampler.study.trials:
        values[trial.state.name].append(trial.value)
    assert values == {
        "COMPLETE": [0.52, 0.53],
        "RUNNING": [None] * 4,
        "FAIL": [None],
    }  # round 1 is not visible to round 2
    assert to_shares(*sampler.study.trials[-1].params.values()) == pytest.approx((0.5, 0.2, 0.3))


def test_a_quiet_study_leaves_optunas_verbosity_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    assert quiet_study("silent").direction == optuna.study.StudyDirection.MAXIMIZE
    assert optuna.logging.get_verbosity() == before
    assert "silent" not in capfd.readouterr().err
