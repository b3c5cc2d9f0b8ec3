"""The Optuna copy of a study, read back through Optuna."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

import scaling_search
from scaling_search.engine import LocalEngine
from scaling_search.errors import InputError
from scaling_search.networks.coefficients import triple_of
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database


def test_the_copy_is_faithful(tiny: Callable[..., str], tmp_path: Path) -> None:
    db = str(tmp_path / "s.db")
    store = Store(open_database(db, create=True))
    run_study(parse(tiny()), store, LocalEngine(2), tmp_path / "runs")
    rows = [t for t in store.trials("tiny") if t.role == "candidate"]
    epochs = store.epochs("tiny")
    store.close()

    url = f"sqlite:///{tmp_path}/optuna.db"
    copy = scaling_search.optuna_study("tiny", db, url)
    loaded = optuna.load_study(study_name="tiny", storage=url)
    for study in (copy, loaded):
        assert [t.value for t in study.trials] == [r.accuracy for r in rows]
        for t, r in zip(study.trials, rows, strict=True):
            assert r.shares is not None
            real = triple_of(r.shares, math.log2(r.macs_ratio))
            assert t.params == pytest.approx(real._asdict())
            assert (t.user_attrs["asked_alpha"], t.user_attrs["asked_gamma"]) == (r.alpha, r.gamma)
            assert (t.user_attrs["key"], t.user_attrs["macs"], t.user_attrs["shares"]) == (
                r.key,
                r.macs,
                list(r.shares),
            )
            assert t.intermediate_values == {e.epoch: e.accuracy for n, _, e in epochs if n == r.number}
            assert t.constraints["macs_ratio"] == pytest.approx(abs(r.macs_ratio / 2 - 1) - 0.02)
            assert t.constraints["macs_ratio"] <= 0
    assert loaded.best_value == max(r.accuracy or 0 for r in rows)
    figure = optuna.visualization.plot_intermediate_values(loaded)
    assert len(figure.data) == len(rows)
    with pytest.raises(InputError, match="already"):
        scaling_search.optuna_study("tiny", db, url)
