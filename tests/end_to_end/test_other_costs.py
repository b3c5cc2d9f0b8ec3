"""Real studies at equal activations and at equal latency."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaling_search.analysis.recommendation import recommend
from scaling_search.cli import app
from scaling_search.engine import LocalEngine
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import cost
from scaling_search.networks.family import triple_for
from scaling_search.networks.iso_latency import LATENCY_TOLERANCE, iso_latency_set
from scaling_search.report import collect_study_data, report_html
from scaling_search.report.cost_table import chosen_prices, table_rows
from scaling_search.search.run import run_study
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    iso_latency_set.cache_clear()


STUDY = """
name: {name}
base: {{network: resnet18, width: 0.125, resolution: 8, strides: [1, 1, 2, 1, 2]}}
budget: {{divisor: 2, tolerance: 0.05{cost}}}
search: {{trials: 10, replicates: 2, base_runs: 1, round: 5}}
proxy: {{dataset: digits, root: {root}, train_size: 256, validation_size: 256, epochs: 1, batch_size: 64, crop: 1, flip: false}}
family: {{base: resnet18, phi: [1]}}
"""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_real_study_at_equal_latency_beside_one_at_equal_macs(digits_root: Path, tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    found = []
    for name, held in (("latency", ", cost: latency, latency_batch: 16"), ("macs", "")):
        spec = parse(STUDY.format(name=name, cost=held, root=digits_root))
        assert run_study(spec, store, LocalEngine(2), tmp_path / "runs").state == "complete"
        found.append(collect_study_data(store.study(name), store.trials(name), store.epochs(name), store.choice(name)))
    assert all(abs((c.held_ratio or 0) / 2 - 1) <= LATENCY_TOLERANCE for c in found[0].candidates)
    keys = {c.key for c in found[0].candidates}
    iso_latency_set.cache_clear()
    again = collect_study_data(store.study("latency"), store.trials("latency"), [], store.choice("latency"))
    assert {c.key for c in again.candidates} == keys
    page = report_html(found[0], found[1:])
    assert "chosen by latency" in page
    assert "chosen by macs" in page
    store.close()


@pytest.mark.slow
def test_a_real_study_at_equal_activations(tiny: Callable[..., str], tmp_path: Path) -> None:
    spec = parse(
        tiny("acts", trials="6", replicates="0", epochs="1").replace("divisor: 2", "divisor: 2, cost: activations")
    )
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    row = run_study(spec, store, LocalEngine(2), tmp_path / "runs")
    rows, base = store.trials("acts"), cost(spec.base_architecture())
    assert row.state == "complete"
    ran = [r for r in rows if r.role == "candidate"]
    assert all(abs(r.activations / base.activations / 2 - 1) <= 0.02 for r in ran)
    assert max(r.macs_ratio for r in ran) > 2.1
    choice, _ = recommend(rows, spec)
    chosen = search_space(spec).by_key[choice["key"]]
    assert choice["held"] == "activations"
    assert choice["macs_shares"] == list(chosen.macs_shares or ())
    assert Architecture.from_dict(choice["network"]) == chosen.architecture
    triple = triple_for(chosen.macs_shares or (0, 0, 0), spec.export_architecture())
    assert (choice["alpha"], choice["beta"], choice["gamma"]) == tuple(triple)
    store.close()


@pytest.mark.slow
def test_costs_are_shown_for_a_study_and_measured_on_request(tiny: Callable[..., str], tmp_path: Path) -> None:
    db = str(tmp_path / "s.db")
    store = Store(open_database(db, create=True))
    run_study(parse(tiny(trials="3", replicates="0", epochs="1")), store, LocalEngine(2), tmp_path / "runs")
    spec, choice = StudySpec.model_validate(store.study("tiny").spec), store.choice("tiny")
    assert choice is not None
    before = chosen_prices(spec, choice)
    assert [p.name for p in before] == ["base", "chosen"]
    assert all(p.latency is None for p in before)
    assert table_rows(before)[1][1].endswith(f"({before[1].cost.macs / before[0].cost.macs:.2f}×)")
    assert "scaling-search cost tiny" in report_html(
        collect_study_data(store.study("tiny"), store.trials("tiny"), [], choice)
    )
    shown = CliRunner().invoke(app, ["cost", "tiny", "--db", db, "--json"])
    assert shown.exit_code == 0, shown.output
    made = json.loads(shown.stdout)
    assert {n["name"] for n in made["networks"]} == {"base", "chosen", "depth only", "width only", "resolution only"}
    assert all(n["latency"]["ms"] > 0 and n["latency"]["memory"] > 4 * n["params"] for n in made["networks"])
    after = chosen_prices(spec, choice)
    assert after[1].latency is not None
    page = report_html(collect_study_data(store.study("tiny"), store.trials("tiny"), [], choice))
    assert f"({after[1].latency.ratio:.2f}×)" in page
    assert chosen_prices(spec, {k: v for k, v in choice.items() if k != "network"}) == []
    missing = CliRunner().invoke(app, ["cost", "none", "--db", db])
    assert missing.exception is not None
    assert "none" in str(missing.exception)
    store.close()
