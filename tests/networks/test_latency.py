"""Latency and memory: what is measured, what is kept, and how a set of equal latency is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.engine import LocalEngine
from scaling_search.errors import InputError, NoCandidates
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost
from scaling_search.networks.cost_summary import cost_summaries
from scaling_search.networks.iso_latency import LATENCY_TOLERANCE, iso_latency_set
from scaling_search.networks.latency import Latency, LatencyCache
from scaling_search.report import collect_study_data, report_html
from scaling_search.report.cost_table import chosen_prices, table_rows
from scaling_search.search.run import run_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from scaling_search.training.latency_process import peak_memory

BASE = scale(base_network("resnet18", 10, 1).with_strides((1, 1, 2, 1, 2)), 1, 0.125, 8)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    iso_latency_set.cache_clear()


def test_a_network_is_measured_in_another_process_and_what_was_found_is_kept() -> None:
    watch, larger = LatencyCache(BASE), BASE.resized(24)
    found = watch.measure(larger)
    assert 0 < found.low <= found.ms <= found.high
    assert found.passes >= 9
    assert found.ratio > 0
    assert found.memory > watch.measure(BASE).memory > 4 * cost(BASE).params
    with pytest.raises(InputError, match=r"cannot measure the latency of") as caught:
        watch.measure(Architecture("own", 0, 1, (), 0, 8, style="factory"))
    assert "budget.cost" in caught.value.hint
    with watch.locked():
        pass
    assert watch.process.process is None
    again = LatencyCache(BASE)
    assert again.get(larger) == found == again.measure(larger)
    assert again.process.process is None
    assert again.get(larger, repeat=1) is None
    assert LatencyCache(BASE, batch=2).get(larger) is None


def test_a_kept_file_that_a_kill_cut_short_is_read_up_to_there() -> None:
    watch, found = LatencyCache(BASE), Latency(1, 1, 1, 9, 1, 1)
    watch.path.parent.mkdir(parents=True)
    line = json.dumps([BASE.key, 0, {"ms": 1, "low": 1, "high": 1, "passes": 9, "ratio": 1, "memory": 1}])
    watch.path.write_text(f"{line}\n{line.replace('1, ', '2, ', 1)}\n" + line[:20])
    assert LatencyCache(BASE).get(BASE) == found


def test_peak_memory_counts_live_maps_alone() -> None:
    net, image = nn.Sequential(*(nn.Conv2d(8, 8, 1, bias=False) for _ in range(6))).eval(), torch.zeros(1, 8, 32, 32)
    one = image.numel() * 4
    held = 6 * 64 * 4 + one
    assert held + one <= peak_memory(net, image) <= held + 2 * one


class Regular(LatencyCache):
    """A device on which latency is the 0.8th power of MACs, so that the right set is known."""

    asked = 0

    def measure(self, arch: Architecture, repeat: int = 0) -> Latency:
        type(self).asked += 1
        return Latency(1, 1, 1, 9, (cost(arch).macs / cost(self.base).macs) ** 0.8, 1)


@pytest.mark.parametrize("target", [2.0, 0.5])
def test_the_set_is_found_where_latency_follows_macs(target: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaling_search.networks.iso_latency.LatencyCache", Regular)
    Regular.asked = 0
    found = iso_latency_set(BASE.resized(16), target, "nearest", 2)
    assert len(found) >= 12
    assert Regular.asked <= 21 * (8 + 2 + 6)
    for c in found:
        assert c.held_ratio == pytest.approx(c.macs_ratio**0.8)
        assert abs((c.held_ratio or 0) / target - 1) <= LATENCY_TOLERANCE
        assert c.shares == pytest.approx(c.macs_shares, abs=1e-6)
    assert max(c.shares[2] for c in found) > 0.8
    assert max(c.shares[0] for c in found) > 0.8


def test_a_device_that_nothing_slows_has_no_set(monkeypatch: pytest.MonkeyPatch) -> None:
    class Constant(LatencyCache):
        def measure(self, arch: Architecture, repeat: int = 0) -> Latency:
            return Latency(1, 1, 1, 9, 1, 1)

    monkeypatch.setattr("scaling_search.networks.iso_latency.LatencyCache", Constant)
    with pytest.raises(NoCandidates, match="latency is 2× the base's within 10%"):
        iso_latency_set(BASE, 2.0, "nearest", 2)


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


def test_a_base_network_is_priced_by_name() -> None:
    (only,) = cost_summaries(base_network("mobilenet_v1"), {})
    assert (only.cost.macs, only.latency) == (cost(base_network("mobilenet_v1")).macs, None)


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
