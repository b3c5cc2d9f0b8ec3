"""Observers see what is committed; one that fails or is slow neither stops nor slows a study."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scaling_search.records import EpochResult, TrialRow
from scaling_search.search import observers
from scaling_search.search.observers import Event, Observer, Observers
from scaling_search.search.run import run_study
from scaling_search.store import Store
from tests.support.engines import ScriptedEngine
from tests.support.factories import tiny_spec, trial_row


def epoch(number: int) -> EpochResult:
    return EpochResult(number, 1.0, 1.0, 0.5, 0.001, 1.0, 100.0)


class Recorder(Observer):
    """Keeps the keys of what it sees."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def on_trial_start(self, study: str, trial: TrialRow) -> None:
        self.seen.append(("start", trial.number, trial.attempts))

    def on_epoch(self, study: str, trial: TrialRow, result: EpochResult) -> None:
        self.seen.append(("epoch", trial.number, result.epoch))

    def on_trial_end(self, study: str, trial: TrialRow) -> None:
        self.seen.append(("end", trial.number, trial.attempts))


class Failing(Recorder):
    """Fails at every epoch."""

    def on_epoch(self, study: str, trial: TrialRow, result: EpochResult) -> None:
        raise ValueError("a broken tracker")


class Blocked(Recorder):
    """Sees nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.free = threading.Event(), threading.Event()

    def on_trial_start(self, study: str, trial: TrialRow) -> None:
        self.entered.set()
        assert self.free.wait(60)
        super().on_trial_start(study, trial)


def no_replay() -> Iterator[Event]:
    raise AssertionError("nothing was missed")


def test_each_observer_sees_everything_in_order() -> None:
    first, second, row = Recorder(), Recorder(), trial_row(number=3, attempts=1)
    told = Observers("s", [first, second], no_replay)
    told.trial_started(row)
    told.epoch_ended(row, epoch(0))
    told.epoch_ended(row, epoch(1))
    told.trial_ended(row)
    told.close()
    assert first.seen == [("start", 3, 1), ("epoch", 3, 0), ("epoch", 3, 1), ("end", 3, 1)]
    assert second.seen == first.seen


def test_one_that_fails_is_logged_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    failing, sound, row = Failing(), Recorder(), trial_row(number=1, attempts=1)
    told = Observers("s", [failing, sound], no_replay)
    with caplog.at_level(logging.ERROR, "scaling_search.search.observers"):
        for n in range(5):
            told.epoch_ended(row, epoch(n))
        told.trial_ended(row)
        told.close()
    assert [r.getMessage() for r in caplog.records] == ["Failing failed in on_epoch; the study goes on"]
    assert "a broken tracker" in caplog.text
    assert failing.seen == [("end", 1, 1)]
    assert len(sound.seen) == 6


def test_a_slow_one_delays_nothing_and_is_shown_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observers, "MAX_QUEUED", 10)
    row, rows = trial_row(number=0, attempts=1), [trial_row(number=n, attempts=1) for n in range(100)]
    slow, quick = Blocked(), Recorder()
    told = Observers("s", [slow, quick], lambda: (Event("on_trial_end", ("s", r)) for r in rows))
    told.trial_started(row)
    assert slow.entered.wait(60)
    for r in rows:  # returns while the slow one has seen nothing at all
        told.trial_ended(r)
    assert slow.seen == []
    slow.free.set()
    told.close()
    ends = {n for kind, n, _ in slow.seen if kind == "end"}
    assert ends == set(range(100))
    assert {n for kind, n, _ in quick.seen if kind == "end"} == set(range(100))


def test_one_that_never_returns_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(observers, "GRACE_S", 0.1)
    stuck = Blocked()
    told = Observers("s", [stuck], no_replay)
    told.trial_started(trial_row(number=0, attempts=1))
    assert stuck.entered.wait(60)
    with caplog.at_level(logging.WARNING, "scaling_search.search.observers"):
        told.close()
    assert "Blocked has not seen all of the study" in caplog.text
    stuck.free.set()


class Reader(Recorder):
    """Looks up in the store what it is shown, and keeps the choices."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store, self.choices, self.states = store, list[dict[str, Any]](), set[tuple[str, str]]()

    def on_trial_end(self, study: str, trial: TrialRow) -> None:
        super().on_trial_end(study, trial)
        stored = {row.number: row for row in self.store.trials(study)}
        self.states.add((trial.state, stored[trial.number].state))

    def on_recommendation(self, study: str, recommendation: dict[str, Any]) -> None:
        self.choices.append(recommendation)


def test_observers_of_a_study_see_what_is_stored_and_change_nothing(store: Store, tmp_path: Path) -> None:
    spec = tiny_spec(family={"phi": [1]})
    reader, failing = Reader(store), Failing()
    row = run_study(spec, store, ScriptedEngine(), tmp_path / "runs", observers=[reader, failing])
    assert row.state == "complete"
    trials = store.trials("tiny")
    assert {n for kind, n, _ in reader.seen if kind == "start"} == {t.number for t in trials}
    assert {n for kind, n, _ in reader.seen if kind == "end"} == {t.number for t in trials}
    epochs = [(number, result.epoch) for number, _, result in store.epochs("tiny")]
    assert sorted((n, e) for kind, n, e in reader.seen if kind == "epoch") == sorted(epochs)
    assert reader.states == {("complete", "complete")}
    assert reader.choices[-1] == store.choice("tiny")
    other = spec.model_copy(update={"name": "alone"})
    run_study(other, store, ScriptedEngine(), tmp_path / "runs")
    assert store.choice("alone") == store.choice("tiny")


def test_an_observer_that_missed_something_is_shown_the_whole_study(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observers, "MAX_QUEUED", 2)
    slow = Blocked()
    timer = threading.Timer(1.0, slow.free.set)
    timer.start()
    run_study(tiny_spec(family={"phi": [1]}), store, ScriptedEngine(), tmp_path / "runs", observers=[slow])
    timer.join()
    assert {n for kind, n, _ in slow.seen if kind == "end"} == {t.number for t in store.trials("tiny")}
