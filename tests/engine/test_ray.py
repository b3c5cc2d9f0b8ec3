"""What holds only for Ray, and that its results are those of local processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.engine import Engine, make_engine
from scaling_search.errors import EngineError, SpecError
from scaling_search.search.run import run_study
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.support.outcomes import Outcome, outcome


def results(engine: Engine, text: str, folder: Path) -> Outcome:
    """The outcome of a study on an engine."""
    folder.mkdir()
    store = Store(open_database(str(folder / "s.db"), create=True))
    assert run_study(parse(text), store, engine, folder / "runs").state == "complete"
    result = outcome(store)
    store.close()
    return result


@pytest.mark.slow
@pytest.mark.parametrize(("slots", "cpus", "in_all"), [(1, 2, 2), (3, 1.5, 5)])
def test_a_ray_of_our_own_holds_a_run_in_every_slot(
    monkeypatch: pytest.MonkeyPatch, slots: int, cpus: float, in_all: int
) -> None:
    """Runs before the tests that share a Ray of this process."""
    ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert not ray.is_initialized()
    engine = make_engine(RunSpec(engine="ray", cpus=cpus), slots)
    try:
        assert ray.cluster_resources()["CPU"] == in_all
    finally:
        engine.close()


@pytest.mark.slow
def test_one_spec_gives_the_same_on_both_engines(tiny: Callable[..., str], tmp_path: Path, ray_here: Engine) -> None:
    local = results(make_engine(RunSpec(), 2), tiny(), tmp_path / "local")
    text = tiny() + "run: {engine: ray}\n"
    assert results(make_engine(parse(text).run, 2), text, tmp_path / "ray") == local
    assert len(local.curves) == 22


@pytest.mark.slow
def test_what_no_node_can_ever_hold_is_refused_at_once(ray_here: Engine) -> None:
    run = RunSpec(engine="ray", cpus=3, resources={"tpu": 1})
    with pytest.raises(EngineError, match=r"can hold a trial: it needs CPU 3, tpu 1; nodes have CPU 2"):
        make_engine(run)
    assert make_engine(RunSpec(engine="ray", cpus=0.5)).slots == 4
    assert make_engine(RunSpec(engine="ray")).slots == 2


def test_a_spec_from_the_network_may_not_choose_the_cluster(tiny: Callable[..., str]) -> None:
    spec = parse(tiny() + "run: {engine: ray, address: 'ray.example:6379'}\n")
    with pytest.raises(SpecError, match=r"run\.address(?s:.*)RAY_ADDRESS"):
        spec.refuse_user_code()
    parse(tiny() + "run: {engine: ray}\n").refuse_user_code()


def test_a_ray_clients_address_is_refused() -> None:
    pytest.importorskip("ray")
    with pytest.raises(EngineError, match="is a Ray Client address"):
        make_engine(RunSpec(engine="ray", address="ray://head:10001"))
