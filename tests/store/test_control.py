"""Queueing and steering of studies, events and pages, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaling_search.errors import IllegalTransition, InputError, LeaseLost, NotFound, StudyExists
from scaling_search.records import EpochResult, Proposal, TrialEnd
from scaling_search.search.studies import submit_study
from scaling_search.spec.search_space import search_space
from scaling_search.spec.stages import StagesSpec
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import (
    Accounts,
    Claim,
    Control,
    Events,
    Store,
    StudyQueries,
)
from scaling_search.store.plot_queries import PlotQueries
from scaling_search.store.summaries import TrialFilter

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")
EPOCH = EpochResult(0, 1.5, 1.25, 0.5, 0.001, 2.0, 100.0)


@pytest.fixture
def control(store: Store) -> Control:
    submit_study(store, SPEC, "ann")
    return Control(store)


def claimed(store: Store, owner: str = "elsewhere:1") -> Claim:
    claim = store.claim("s", owner, 60)
    assert claim is not None
    return claim


def filled(store: Store, n: int, epochs: int = 1) -> Claim:
    """A running study with ``n`` complete runs of as many networks, accuracies rising with their numbers."""
    claim = claimed(store)
    store.move_study(claim, "running")
    some = search_space(SPEC)
    rows = [Proposal(i, 0, "candidate", i, some[i].triple, some[i]) for i in range(n)]
    store.add_trials(claim, rows)
    store.write(claim, started=range(n))
    curve = [replace(EPOCH, epoch=e) for e in range(epochs)]
    store.write(claim, epochs=[(i, e) for i in range(n) for e in curve])
    ends = [TrialEnd(i, "complete", last=replace(EPOCH, accuracy=0.5 + i / 1000), seconds=4.0) for i in range(n)]
    store.write(claim, ended=ends)
    return claim


def test_a_study_is_submitted_once_and_waits_for_a_worker(store: Store, control: Control) -> None:
    row = store.study("s")
    assert (row.state, row.launched_by, StudySpec.model_validate(row.spec)) == ("queued", "ann", SPEC)
    assert control.claimable() == ["s"]
    with pytest.raises(StudyExists, match="already"):
        submit_study(store, SPEC, "bob")


def test_studies_run_by_hand_are_left_to_their_hands(store: Store) -> None:
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    assert Control(store).claimable() == []


def test_higher_priorities_come_first(store: Store, control: Control) -> None:
    submit_study(store, SPEC.model_copy(update={"name": "urgent"}), "ann", priority=5)
    assert control.claimable() == ["urgent", "s"]


@pytest.mark.parametrize(("request_", "state"), [("pause", "paused"), ("stop", "stopped"), ("cancel", "stopped")])
def test_where_nobody_runs_a_study_what_is_asked_is_done_at_once(
    store: Store, control: Control, request_: Any, state: str
) -> None:
    control.ask("s", request_)
    assert store.study("s").state == state
    assert control.claimable() == []
    control.resume("s", "bob")
    assert (store.study("s").state, store.study("s").launched_by) == ("queued", "ann")


def test_a_coordinator_gets_what_is_asked_and_the_new_state_answers_it(store: Store, control: Control) -> None:
    claim = claimed(store)
    store.move_study(claim, "running")
    control.ask("s", "pause")
    control.change("s", slots=3)
    orders = control.orders(claim)
    assert (orders.request, orders.slots, store.study("s").state) == ("pause", 3, "running")
    store.move_study(claim, "paused", "pause was asked for")
    assert control.orders(claim).request is None


def test_a_worker_that_leaves_takes_no_order_with_it(store: Store, control: Control) -> None:
    claim = claimed(store)
    store.move_study(claim, "running")
    control.ask("s", "stop")
    store.move_study(claim, "queued", "interrupted")
    store.release(claim)
    assert control.claimable() == ["s"]
    store.move_study(follower := claimed(store, "next:1"), "running")
    assert control.orders(follower).request == "stop"


def test_what_was_asked_can_be_withdrawn(store: Store, control: Control) -> None:
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


def test_every_change_is_an_event_of_its_transaction(store: Store, control: Control) -> None:
    filled(store, 2)
    control.change("s", slots=1)
    found = Events(store).after(0, "s")
    assert [e.kind for e in found] == ["state", "state", "runs", "runs", "runs", "control"]
    assert found[2].data["started"] == [0, 1]
    assert found[4].data["ended"] == [[0, "complete"], [1, "complete"]]
    assert Events(store).after(found[3].id, "s") == found[4:]
    assert not Events(store).has_missed(0, "s")
    assert Events(store).has_missed(found[-1].id + 1, "s")


def test_old_events_are_let_go_of_and_who_missed_them_is_told(
    store: Store, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaling_search.store.events.MAX_EVENTS", 120)
    for n in range(300):
        control.change("s", slots=n + 1)
    events = Events(store)
    assert len(events.after(0, "s")) < 230
    assert events.has_missed(0, "s")
    assert not events.has_missed(events.newest() - 5, "s")


@pytest.mark.parametrize("sort", ["number", "accuracy", "started_at", "key", "share_width", "loss", "error"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_trials_hold_each_once_in_order(store: Store, control: Control, sort: str, descending: bool) -> None:
    filled(store, 7)
    board, numbers, after = StudyQueries(store), list[int](), None
    while True:
        found = board.trials("s", sort=sort, descending=descending, after=after, limit=3)
        numbers += [r.number for r in found.rows]
        after = found.next
        if after is None:
            break
    assert sorted(numbers) == list(range(7))
    if sort in ("number", "accuracy"):
        assert numbers == sorted(numbers, reverse=descending)


def test_trials_are_filtered(store: Store, control: Control) -> None:
    filled(store, 7)
    board = StudyQueries(store)
    assert board.trials("s", TrialFilter(state=("failed",))).matching == 0
    assert [r.number for r in board.trials("s", TrialFilter(least=0.5055)).rows] == [6]
    key = search_space(SPEC)[2].key
    assert [r.key for r in board.trials("s", TrialFilter(text=key[:12].upper())).rows].count(key) == 1
    assert board.trials("s", TrialFilter(text="%")).matching == 0


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "WzEsIDJd" * 900, "bnVsbA", "WyJhIiwxXQ", "WzEsMWUzMDhd"])
def test_a_wrong_cursor_is_refused(store: Store, control: Control, cursor: str) -> None:
    filled(store, 2)
    with pytest.raises(InputError, match="no cursor"):
        StudyQueries(store).trials("s", sort="accuracy", after=cursor)


def test_studies_are_found_sorted_and_paged(store: Store) -> None:
    for i in range(5):
        submit_study(store, SPEC.model_copy(update={"name": f"study_{i}", "description": f"the {i}th"}), "ann")
    Control(store).change("study_4", archived=True)
    board = StudyQueries(store)
    first, after = board.studies(sort="name", descending=False, limit=3)
    rest, end = board.studies(sort="name", descending=False, limit=3, after=after)
    assert [s.study.name for s in first + rest] == ["study_0", "study_1", "study_2", "study_3"]
    assert end is None
    assert [s.study.name for s in board.studies(text="2TH")[0]] == ["study_2"]
    assert [s.study.name for s in board.studies(archived=True)[0]] == ["study_4"]
    assert board.studies(state=["running"])[0] == []


def test_a_summary_counts_and_estimates(store: Store, control: Control) -> None:
    filled(store, 4, epochs=SPEC.proxy.epochs)
    found = StudyQueries(store).summary("s")
    assert (found.counts["complete"], found.best, found.total, found.done) == (4, 0.503, 26, 4)
    work = sum(r.macs_ratio for r in store.trials("s"))
    assert found.work == pytest.approx(work * SPEC.proxy.epochs)
    assert found.eta == pytest.approx((24 * 2 + 2 - work) * 16 / work)


def test_a_summary_of_a_staged_study_counts_its_longer_runs(store: Store) -> None:
    stages = StagesSpec(confirm=4, confirm_epochs=5)
    spec = SPEC.model_copy(update={"search": SPEC.search.model_copy(update={"stages": stages})})
    submit_study(store, spec, "ann")
    assert StudyQueries(store).summary("s").total == 26 + 4


def test_networks_and_the_best_so_far(store: Store, control: Control) -> None:
    filled(store, 5)
    assert [n.runs for n in StudyQueries(store).networks("s")] == [1] * 5
    points = PlotQueries(store).best_so_far("s")
    assert points[-1][1] == 0.504
    assert [p[1] for p in points] == sorted(p[1] for p in points)
    assert points[-1][0] == pytest.approx(sum(r.macs_ratio for r in store.trials("s")))


def test_curves_are_thinned_with_their_first_and_last_epochs_kept(store: Store, control: Control) -> None:
    filled(store, 9, epochs=50)
    found = PlotQueries(store).curves("s", most=3, points=10)
    assert [c.number for c in found] == [0, 3, 6]
    for curve in found:
        assert len(curve.points) <= 12
        assert (curve.points[0][0], curve.points[-1][0]) == (1, 50)


def test_tokens_are_kept_as_hashes_and_refused_once_revoked(store: Store, tmp_path: Path) -> None:
    access = Accounts(store)
    assert not access.any_tokens()
    token = access.create_token("ann", "operator")
    actor = access.actor(token)
    assert actor is not None
    assert (actor.name, actor.role) == ("ann", "operator")
    cookie = access.log_in(actor)
    assert access.session(cookie) == actor
    raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert token.encode() not in raw
    assert cookie.encode() not in raw
    access.revoke_token(1)
    assert access.actor(token) is None
    assert access.session(cookie) is None
    assert [t.state for t in access.tokens()] == ["revoked"]
    with pytest.raises(NotFound):
        access.revoke_token(9)


def test_a_session_ends_by_logging_out(store: Store) -> None:
    access = Accounts(store)
    actor = access.actor(access.create_token("ann", "viewer"))
    assert actor is not None
    cookie = access.log_in(actor)
    access.log_out(cookie)
    assert access.session(cookie) is None


@pytest.mark.parametrize(("name", "role"), [("", "viewer"), ("a\nb", "viewer"), ("ann", "root")])
def test_odd_tokens_are_not_made(store: Store, name: str, role: str) -> None:
    with pytest.raises(InputError):
        Accounts(store).create_token(name, role)
