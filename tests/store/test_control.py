"""Queueing and steering of studies, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scaling_search.errors import IllegalTransition, LeaseLost, NotFound, StudyExists
from scaling_search.search.studies import submit_study
from scaling_search.spec.study import StudySpec
from scaling_search.store import Control, Store
from tests.support.studies import SPEC, claimed, filled


@pytest.fixture
def control(store: Store) -> Control:
    submit_study(store, SPEC, "ann")
    return Control(store)


def test_a_study_is_submitted_once_and_waits_for_a_worker(store: Store, control: Control) -> None:
    row = store.study("s")
    assert (row.state, row.launched_by, StudySpec.model_validate(row.spec)) == ("queued", "ann", SPEC)
    assert control.claimable() == ["s"]
    with pytest.raises(StudyExists, match="already"):
        submit_study(store, SPEC, "bob")


def test_workers_do_not_claim_studies_run_by_hand(store: Store) -> None:
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    assert Control(store).claimable() == []


def test_higher_priorities_come_first(store: Store, control: Control) -> None:
    submit_study(store, SPEC.model_copy(update={"name": "urgent"}), "ann", priority=5)
    assert control.claimable() == ["urgent", "s"]


@pytest.mark.parametrize(("request_", "state"), [("pause", "paused"), ("stop", "stopped"), ("cancel", "stopped")])
def test_without_a_coordinator_a_request_is_carried_out_at_once(
    store: Store, control: Control, request_: Any, state: str
) -> None:
    control.ask("s", request_)
    assert store.study("s").state == state
    assert control.claimable() == []
    control.resume("s", "bob")
    assert (store.study("s").state, store.study("s").launched_by) == ("queued", "ann")


def test_a_coordinator_gets_the_request_and_its_new_state_clears_it(store: Store, control: Control) -> None:
    claim = claimed(store)
    store.move_study(claim, "running")
    control.ask("s", "pause")
    control.change("s", slots=3)
    orders = control.orders(claim)
    assert (orders.request, orders.slots, store.study("s").state) == ("pause", 3, "running")
    store.move_study(claim, "paused", "pause was asked for")
    assert control.orders(claim).request is None


def test_a_request_outlives_the_worker_that_leaves(store: Store, control: Control) -> None:
    claim = claimed(store)
    store.move_study(claim, "running")
    control.ask("s", "stop")
    store.move_study(claim, "queued", "interrupted")
    store.release(claim)
    assert control.claimable() == ["s"]
    store.move_study(follower := claimed(store, "next:1"), "running")
    assert control.orders(follower).request == "stop"


def test_a_request_can_be_withdrawn(store: Store, control: Control) -> None:
    claim = claimed(store)
    store.move_study(claim, "running")
    control.ask("s", "stop")
    control.resume("s", "bob")
    assert (control.orders(claim).request, store.study("s").state) == (None, "running")
    with pytest.raises(IllegalTransition, match="cannot resume"):
        control.resume("s", "bob")


def test_a_coordinator_that_was_replaced_gets_no_orders(store: Store, control: Control) -> None:
    old = claimed(store)
    store.claim("s", "new:1", 60, dead_owner="elsewhere:1")
    with pytest.raises(LeaseLost):
        control.orders(old)


@pytest.mark.parametrize("what", [lambda c: c.delete("s"), lambda c: c.extend("s", {}, "h", "ann")])
def test_a_held_study_is_neither_deleted_nor_extended(
    store: Store, control: Control, what: Callable[[Control], None]
) -> None:
    claim = claimed(store)
    with pytest.raises(IllegalTransition):
        what(control)
    store.release(claim)
    what(control)


def test_a_deleted_study_is_gone_with_its_rows_and_its_coordinator_may_not_write(
    store: Store, control: Control
) -> None:
    claim = filled(store, 3)
    store.release(claim)
    control.delete("s")
    with pytest.raises(NotFound):
        store.study("s")
    assert store.trials("s") == []
    with pytest.raises(LeaseLost):
        store.renew(claim, 1)
    with pytest.raises(NotFound):
        control.ask("s", "pause")
