"""Sets of networks of equal latency, on devices whose latency is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost
from scaling_search.networks.iso_latency import LATENCY_TOLERANCE, iso_latency_set
from scaling_search.networks.latency import Latency, LatencyCache

BASE = scale(base_network("resnet18", 10, 1).with_strides((1, 1, 2, 1, 2)), 1, 0.125, 8)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    iso_latency_set.cache_clear()


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
