"""The store: studies, trials, leases and choices, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from scaling_search.errors import IllegalTransition, LeaseLost, NotFound
from scaling_search.networks.coefficients import triple_of
from scaling_search.records import TrialEnd
from scaling_search.spec.study import StudySpec
from scaling_search.store import Store, open_database
from scaling_search.store.states import CLAIMABLE
from tests.support.studies import EPOCH, SPEC, add_study, added_and_claimed, proposals

CHOICE = {
    "method": "m",
    "alpha": 1.2,
    "beta": 1.1,
    "gamma": 1.1,
    "shares": [0.4, 0.3, 0.3],
    "accuracy": 0.9,
    "tie_region": [],
}
MEMBER = {"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1]}
MEMBER |= {"channels": [8], "params": 1, "macs": 2, "macs_ratio": 1.0, "target_ratio": 1.0}


def test_a_study_comes_back_as_it_was_stored(store: Store) -> None:
    assert add_study(store)
    row = store.study("s")
    assert (row.state, row.spec_hash, row.versions) == ("queued", SPEC.hash(), {"torch": "2"})
    assert StudySpec.model_validate(row.spec) == SPEC
    assert row.created_at.tzinfo is not None
    assert [s.name for s in store.studies()] == ["s"]


def test_a_name_is_taken_once(store: Store) -> None:
    assert add_study(store)
    assert not add_study(store)
    assert len(store.studies()) == 1


def test_the_error_of_an_unknown_study_names_the_known_ones(store: Store) -> None:
    add_study(store)
    with pytest.raises(NotFound, match=r"no study 'x'(?s:.*)known: s"):
        store.study("x")


def test_a_trial_row_holds_the_proposal_and_the_network(store: Store) -> None:
    store.add_trials(added_and_claimed(store), proposals(3))
    base, first, _ = store.trials("s")
    wanted = proposals(3)[1].candidate
    assert (base.role, base.shares, base.macs_ratio) == ("base", None, 1.0)
    assert (first.alpha, first.beta, first.gamma) == pytest.approx(triple_of((0.2, 0.3, 0.5)))
    assert first.shares == wanted.shares
    assert first.architecture == wanted.architecture
    assert (first.key, first.macs, first.params, first.activations) == (
        wanted.key,
        wanted.cost.macs,
        wanted.cost.params,
        wanted.cost.activations,
    )
    assert (first.depth, first.width, first.resolution_ratio) == (wanted.depth, wanted.width, wanted.resolution)
    assert (first.blocks, first.channels) == (list(first.architecture.blocks), list(first.architecture.channels))


def test_trials_are_added_once(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(3))
    store.add_trials(claim, proposals(4))
    assert [t.number for t in store.trials("s")] == [0, 1, 2, 3]
    assert store.counts() == {"s": {"waiting": 4}}


def test_a_run_from_start_to_end(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(2))
    store.write(claim, started=[1])
    store.write(claim, counted=[(1, 7)], epochs=[(1, EPOCH), (1, replace(EPOCH, epoch=1, accuracy=0.75))])
    last = replace(EPOCH, epoch=1, accuracy=0.75)
    store.write(claim, ended=[TrialEnd(1, "complete", last=last, seconds=4.0)])
    row = store.trials("s")[1]
    assert (row.state, row.attempts, row.epochs, row.counted_macs) == ("complete", 1, 2, 7)
    assert (row.accuracy, row.loss, row.seconds) == (0.75, 1.25, 4.0)
    assert row.started_at is not None
    assert row.finished_at is not None
    assert [(n, a, e.epoch, e.accuracy) for n, a, e in store.epochs("s")] == [(1, 1, 0, 0.5), (1, 1, 1, 0.75)]


def test_a_write_returns_the_rows_that_started_and_ended_in_the_order_given(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(3))
    started = store.write(claim, started=[2, 0, 1])
    assert [(row.number, row.state, row.attempts) for row in started] == [(n, "running", 1) for n in (2, 0, 1)]
    assert store.write(claim, epochs=[(1, EPOCH)]) == []
    ends = [TrialEnd(1, "complete", last=EPOCH, seconds=4.0), TrialEnd(0, "waiting", "killed", crashed=True)]
    ended = store.write(claim, ended=ends)
    assert ended == [store.trials("s")[1], store.trials("s")[0]]
    assert [(row.state, row.attempts) for row in ended] == [("complete", 1), ("waiting", 2)]


def test_an_epoch_sent_again_is_written_once(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(2))
    store.write(claim, started=[1])
    for _ in range(3):
        store.write(claim, epochs=[(1, EPOCH)])
    assert len(store.epochs("s")) == 1


def test_a_crashed_trial_waits_for_a_new_attempt(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(2))
    for attempt in (1, 2):
        store.write(claim, started=[1])
        store.write(claim, epochs=[(1, EPOCH)])
        store.write(claim, ended=[TrialEnd(1, "waiting", "killed", crashed=True)])
        assert store.trials("s")[1].attempts == attempt + 1
    assert [(n, a) for n, a, _ in store.epochs("s")] == [(1, 1), (1, 2)]
    assert store.trials("s")[1].error == "killed"


@pytest.mark.parametrize("state", ["complete", "failed", "pruned"])
def test_finished_is_immutable(store: Store, state: str) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(2))
    store.write(claim, started=[1])
    store.write(claim, ended=[TrialEnd(1, state, "why", last=EPOCH, seconds=1.0)])  # type: ignore[arg-type]
    before = store.trials("s")
    for change in (
        {"started": [1]},
        {"ended": [TrialEnd(1, "complete", last=EPOCH)]},
        {"ended": [TrialEnd(1, "waiting")]},
    ):
        with pytest.raises(IllegalTransition):
            store.write(claim, **change)
    assert store.trials("s") == before


def test_a_write_is_all_or_nothing(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(3))
    store.write(claim, started=[1])
    with pytest.raises(IllegalTransition):
        store.write(claim, epochs=[(1, EPOCH)], ended=[TrialEnd(2, "complete", last=EPOCH)])
    assert store.epochs("s") == []


def test_a_held_study_is_refused_until_its_lease_ends(store: Store) -> None:
    claim = added_and_claimed(store)
    assert store.claim("s", "other", 60) is None
    held = store.holder("s")
    assert held is not None
    assert held[0] == "me"
    assert 50 < held[1] <= 60
    store.renew(claim, -1)  # the lease is over
    assert store.holder("s") is None
    assert store.claim("s", "other", 60) is not None


def test_only_a_study_in_a_wanted_state_is_taken(store: Store) -> None:
    add_study(store)
    assert store.claim("s", "a:1", 60, states=CLAIMABLE[1:]) is None
    assert store.holder("s") is None
    assert store.claim("s", "a:1", 60, states=CLAIMABLE) is not None
    assert store.holder("nobody's") is None


def test_a_dead_holder_is_replaced_at_once(store: Store) -> None:
    added_and_claimed(store)
    assert store.claim("s", "other", 60, dead_owner="somebody else") is None
    assert store.claim("s", "other", 60, dead_owner="me") is not None


def test_a_fenced_coordinator_cannot_write(store: Store) -> None:
    old = added_and_claimed(store)
    store.add_trials(old, proposals(3))
    store.write(old, started=[1])
    new = store.claim("s", "other", 60, dead_owner="me")
    assert new is not None
    assert new.fence > old.fence
    before = store.trials("s"), store.epochs("s"), store.study("s")
    late_writes: list[Callable[[], object]] = [
        lambda: store.write(old, epochs=[(1, EPOCH)]),
        lambda: store.write(old, started=[2]),
        lambda: store.add_trials(old, proposals(5)),
        lambda: store.move_study(old, "running"),
        lambda: store.record_choice(old, CHOICE, 1, []),
        lambda: store.renew(old, 60),
        lambda: store.release(old),
    ]
    for late in late_writes:
        with pytest.raises(LeaseLost):
            late()
    assert (store.trials("s"), store.epochs("s"), store.study("s")) == before


def test_released_running_trials_wait_again(store: Store) -> None:
    claim = added_and_claimed(store)
    store.add_trials(claim, proposals(3))
    store.write(claim, started=[0, 1])
    store.release(claim)
    assert {t.state for t in store.trials("s")} == {"waiting"}
    assert store.holder("s") is None


def test_one_of_many_claimants_wins(store: Store, database: str) -> None:
    add_study(store)

    def attempt(i: int) -> bool:
        other = Store(open_database(database))
        try:
            return other.claim("s", f"owner {i}", 60) is not None
        finally:
            other.close()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(40)))
    assert won.count(True) == 1


@pytest.mark.parametrize(("path", "legal"), [("running complete", True), ("complete", False), ("running paused running failed running stopped", True), ("running paused complete", False)])  # fmt: skip
def test_study_states_follow_the_table(store: Store, path: str, legal: bool) -> None:
    claim = added_and_claimed(store)
    *before, last = path.split()
    for state in before:
        store.move_study(claim, state)  # type: ignore[arg-type]
    if legal:
        store.move_study(claim, last, "why")  # type: ignore[arg-type]
        assert (store.study("s").state, store.study("s").reason) == (last, "why")
    else:
        with pytest.raises(IllegalTransition):
            store.move_study(claim, last)  # type: ignore[arg-type]


def test_the_newest_choice_is_returned(store: Store) -> None:
    claim = added_and_claimed(store)
    assert store.choice("s") is None
    store.record_choice(claim, CHOICE, 8, [MEMBER])
    store.record_choice(claim, {**CHOICE, "alpha": 1.5}, 16, [MEMBER])
    newest = store.choice("s")
    assert newest is not None
    assert newest["alpha"] == 1.5
