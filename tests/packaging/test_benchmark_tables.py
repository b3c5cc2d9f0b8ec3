"""The README quotes bench.json, and the benchmark's own sides do the work they are timed for."""

from __future__ import annotations

import json
from pathlib import Path

from scaling_search.networks.cost import cost
from tests.benchmarks import coordinator
from tests.benchmarks.cost import networks
from tests.benchmarks.readme import BENCH, README, written


def test_the_readme_says_what_bench_json_says() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == written(text, json.loads(BENCH.read_text(encoding="utf-8")))


def test_the_figures_are_of_whole_measurements_on_one_machine() -> None:
    bench = json.loads(BENCH.read_text(encoding="utf-8"))
    assert not any(section["quick"] for section in bench.values())
    assert len({json.dumps(section["hardware"]) for section in bench.values()}) == 1


def test_every_trial_and_epoch_of_the_coordinator_is_stored(tmp_path: Path) -> None:
    from scaling_search.store import Store, open_database

    where = str(tmp_path / "s.db")
    assert coordinator.ours(16, where) > 0
    store = Store(open_database(where))
    assert store.counts() == {"overhead": {"complete": 16}}
    assert len(store.epochs("overhead")) == 16 * coordinator.EPOCHS
    assert store.choice("overhead") is not None
    store.close()


def test_the_networks_that_are_counted_are_the_released_ones() -> None:
    published = {m["name"].upper(): m["macs"] for m in json.loads(GOLDEN.read_text(encoding="utf-8"))["models"]}
    counted = {name: cost(arch).macs for name, arch in networks().items()}
    assert counted == {name: published[name] for name in counted}


GOLDEN = Path(__file__).parents[1] / "golden" / "efficientnet.json"
