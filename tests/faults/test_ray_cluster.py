"""A study on a Ray cluster of two nodes, one of which is killed twice and replaced, and one of whose workers is killed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from scaling_search.engine import Event, Progress, make_engine
from scaling_search.search.run import run_study
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.faults.disturbed import Disturbed
from tests.support.outcomes import Outcome, outcome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head of one CPU, to which nodes can be added."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_worker_niceness", "0")  # Ray's 15 would starve them on a busy machine
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        yield started
        started.shutdown()


def workers() -> list[psutil.Process]:
    """Ray's processes that run tasks."""
    processes = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.cmdline()[:1] == ["ray::carry_out"]:
                processes.append(process)
        except psutil.Error:
            continue
    return processes


class NodeFailures:
    """At the first epoch of trials 1 and 4 a node is replaced by another; at that of trial 7 a worker is killed."""

    def __init__(self, cluster: Any, node: Any) -> None:
        self.cluster, self.node = cluster, node
        self.struck: dict[int, str] = {}
        self.since: tuple[int, float, int] | None = None
        self.seconds: dict[int, float] = {}

    def __call__(self, events: list[Event]) -> None:
        for e in events:
            if not isinstance(e, Progress):
                if self.since is not None and type(e).__name__ == "Failed":
                    self.since = (self.since[0], self.since[1], e.number)
                continue
            if self.since is not None and e.number == self.since[2]:
                self.seconds[self.since[0]] = time.monotonic() - self.since[1]
                self.since = None
            if e.number in (1, 4, 7) and e.number not in self.struck:
                self._strike(e.number)

    def _strike(self, number: int) -> None:
        self.struck[number] = "kill -9 of a Ray worker" if number == 7 else "kill -9 of a Ray node"
        self.since = (number, time.monotonic(), -1)
        if number == 7:
            workers()[0].kill()
            return
        self.cluster.remove_node(self.node, allow_graceful=False)
        self.node = self.cluster.add_node(num_cpus=1)


def test_a_node_killed_twice_changes_nothing(
    tiny: Callable[..., str],
    tmp_path: Path,
    cluster: Any,
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
) -> None:
    text = tiny(epochs="4")
    whole = calm(text)
    failures = NodeFailures(cluster, cluster.add_node(num_cpus=1))
    cluster.wait_for_nodes()
    engine = make_engine(RunSpec(engine="ray", address=cluster.address))
    assert engine.slots == 2
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    assert run_study(parse(text), store, Disturbed(engine, failures), tmp_path / "runs").state == "complete"
    assert outcome(store) == whole
    assert set(failures.struck) == {1, 4, 7}
    errors = [t.error for t in store.trials("tiny") if t.attempts > 1]
    store.close()
    assert len(errors) >= 2
    assert workers() == []
    for number, fault in failures.struck.items():  # no time for a node on which nothing ran
        record(fault, "its runs are tried again, from their checkpoints", failures.seconds.get(number))
