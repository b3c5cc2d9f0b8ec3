"""Data of the plots, on each kind of database."""

from __future__ import annotations

import pytest

from scaling_search.search.studies import submit_study
from scaling_search.store import Store
from scaling_search.store.plot_queries import PlotQueries
from tests.support.studies import SPEC, filled


@pytest.fixture
def submitted(store: Store) -> None:
    submit_study(store, SPEC, "ann")


def test_the_best_so_far_rises_with_the_training_cost(store: Store, submitted: None) -> None:
    filled(store, 5)
    points = PlotQueries(store).best_so_far("s")
    assert points[-1][1] == 0.504
    assert [p[1] for p in points] == sorted(p[1] for p in points)
    assert points[-1][0] == pytest.approx(sum(r.macs_ratio for r in store.trials("s")))


def test_curves_are_thinned_with_their_first_and_last_epochs_kept(store: Store, submitted: None) -> None:
    filled(store, 9, epochs=50)
    curves = PlotQueries(store).curves("s", max_curves=3, max_points=10)
    assert [c.number for c in curves] == [0, 3, 6]
    for curve in curves:
        assert len(curve.points) <= 12
        assert (curve.points[0][0], curve.points[-1][0]) == (1, 50)


def test_the_timeline_holds_the_newest_runs_in_the_order_of_their_starts(store: Store, submitted: None) -> None:
    filled(store, 5)
    bars = PlotQueries(store).timeline("s", max_bars=3)
    assert [bar.number for bar in bars] == [2, 3, 4]
    assert all(bar.end is not None and bar.start <= bar.end for bar in bars)
