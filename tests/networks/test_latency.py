"""The cache of measured latencies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost
from scaling_search.networks.iso_latency import iso_latency_set
from scaling_search.networks.latency import Latency, LatencyCache

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
