"""Events are written with the change they describe, and pruned, on each kind of database."""

from __future__ import annotations

import pytest

from scaling_search.search.studies import submit_study
from scaling_search.store import Control, Events, Store
from tests.support.studies import SPEC, filled


@pytest.fixture
def control(store: Store) -> Control:
    submit_study(store, SPEC, "ann")
    return Control(store)


def test_every_change_is_an_event_of_its_transaction(store: Store, control: Control) -> None:
    filled(store, 2)
    control.change("s", slots=1)
    events = Events(store).after(0, "s")
    assert [e.kind for e in events] == ["state", "state", "runs", "runs", "runs", "control"]
    assert events[2].data["started"] == [0, 1]
    assert events[4].data["ended"] == [[0, "complete"], [1, "complete"]]
    assert Events(store).after(events[3].id, "s") == events[4:]
    assert not Events(store).has_missed(0, "s")
    assert Events(store).has_missed(events[-1].id + 1, "s")


def test_old_events_are_pruned_and_a_reader_that_missed_them_can_tell(
    store: Store, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaling_search.store.events.MAX_EVENTS", 120)
    for n in range(300):
        control.change("s", slots=n + 1)
    events = Events(store)
    assert len(events.after(0, "s")) < 230
    assert events.has_missed(0, "s")
    assert not events.has_missed(events.newest() - 5, "s")
