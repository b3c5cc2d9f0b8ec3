"""A study is held by one coordinator at a time."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.errors import LeaseLost, NotFound, StoreError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import cost
from scaling_search.networks.iso_latency import iso_latency_set
from scaling_search.networks.latency import Latency, LatencyCache
from scaling_search.search.lease import LeaseRenewal, claim_study, try_claim
from scaling_search.search.run import run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from scaling_search.store.states import CLAIMABLE
from tests.support.engines import ScriptedEngine
from tests.support.factories import tiny_spec

LIVE = f"{socket.gethostname()}:{os.getppid()}"


def ended_process() -> int:
    """The number of a process of this host that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_a_live_coordinator_is_left_alone(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", LIVE, 60)
    assert try_claim(store, "tiny") is None
    with pytest.raises(StoreError, match="is being run by"):
        claim_study(store, "tiny", wait=0)


def test_a_dead_coordinator_of_this_host_is_followed_at_once(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", f"{socket.gethostname()}:{ended_process()}", 60)
    assert claim_study(store, "tiny", wait=0).fence == 2


def test_a_coordinator_of_another_host_keeps_its_study_for_as_long_as_its_lease(
    store: Store, tiny: Callable[..., str]
) -> None:
    get_or_create_study(store, parse(tiny()))
    began = time.monotonic()
    store.claim("tiny", f"elsewhere:{ended_process()}", 1.5)
    assert try_claim(store, "tiny") is None
    assert claim_study(store, "tiny", wait=30).fence == 2
    assert time.monotonic() - began >= 1.4


def test_an_earlier_process_with_our_number_is_dead(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", f"{socket.gethostname()}:{os.getpid()}", 60)
    claim = try_claim(store, "tiny")
    assert claim is not None
    assert (claim.owner, claim.fence) == (f"{socket.gethostname()}:{os.getpid()}", 2)


def test_a_study_in_another_state_is_not_claimed(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    claim = claim_study(store, "tiny")
    store.move_study(claim, "running")
    store.move_study(claim, "paused")
    store.release(claim)
    assert try_claim(store, "tiny", states=CLAIMABLE) is None
    assert try_claim(store, "tiny") is not None


def test_a_study_that_does_not_exist_cannot_be_claimed(store: Store) -> None:
    with pytest.raises(NotFound):
        try_claim(store, "tiny")


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr("scaling_search.search.lease.LEASE_S", 4.0)
    return 4.0


def test_a_claim_is_renewed_until_the_end_of_the_block(
    database: str, tiny: Callable[..., str], short_lease: float
) -> None:
    store = Store(open_database(database))
    get_or_create_study(store, parse(tiny()))
    claim = store.claim("tiny", LIVE, 0.5)
    assert claim is not None
    with LeaseRenewal(store, claim) as lease:
        for _ in range(6):
            time.sleep(short_lease / 4)
            assert store.claim("tiny", "elsewhere:1", 60) is None
        lease.raise_if_lost()
    holder = store.holder("tiny")
    assert holder is not None
    assert holder[1] <= short_lease
    until(lambda: store.holder("tiny") is None)  # nothing renews it any more
    store.close()


def test_a_lost_lease_is_reported_to_the_coordinator(
    store: Store, tiny: Callable[..., str], short_lease: float
) -> None:
    get_or_create_study(store, parse(tiny()))
    claim = store.claim("tiny", LIVE, 60)
    assert claim is not None
    with LeaseRenewal(store, claim) as lease:
        second = store.claim("tiny", "elsewhere:1", 60, dead_owner=LIVE)
        assert second is not None

        def is_lost() -> bool:
            try:
                lease.raise_if_lost()
            except LeaseLost:
                return True
            return False

        until(is_lost)
    with pytest.raises(LeaseLost), LeaseRenewal(store, claim):
        pass
    assert store.holder("tiny") is not None


class SlowLatencies(LatencyCache):
    """A device on which latency is the 0.8th power of MACs, and a measurement takes its time."""

    seconds = 0.0

    def measure(self, arch: Architecture, turn: int = 0) -> Latency:
        time.sleep(0.03)
        type(self).seconds += 0.03
        return Latency(1, 1, 1, 9, (cost(arch).macs / cost(self.base).macs) ** 0.8, 1)


def test_a_study_keeps_its_lease_while_latencies_are_measured(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_lease: float
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("scaling_search.networks.iso_latency.LatencyCache", SlowLatencies)
    monkeypatch.setattr(SlowLatencies, "seconds", 0.0)
    iso_latency_set.cache_clear()
    base = {"width": 0.25, "resolution": 16}
    budget = {"divisor": 2, "cost": "latency"}
    spec = tiny_spec(base=base, budget=budget, search={"trials": 3, "replicates": 0}, family={"phi": [1]})
    others = Store(open_database(str(tmp_path / "s.db")))
    get_or_create_study(store, spec)
    is_over, stolen = threading.Event(), threading.Event()

    def try_to_steal() -> None:
        until(lambda: others.holder("tiny") is not None)
        while not is_over.wait(0.1):
            if others.study("tiny").state == "running" and others.claim("tiny", "elsewhere:1", 60) is not None:
                stolen.set()
                return

    thief = threading.Thread(target=try_to_steal)
    thief.start()
    try:
        state = run_study(spec, store, ScriptedEngine(), tmp_path / "runs").state
    finally:
        is_over.set()
        thief.join()
        others.close()
        iso_latency_set.cache_clear()
    assert SlowLatencies.seconds > 2 * short_lease
    assert not stolen.is_set()
    assert state == "complete"
