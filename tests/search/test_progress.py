"""Times and counts of a running study."""

from __future__ import annotations

from typing import Any

import pytest

from scaling_search.search.progress import RunningTrial, Snapshot
from tests.support.engines import epoch_result


def snapshot(**changes: Any) -> Snapshot:
    values: dict[str, Any] = {
        "study": "s", "epochs": 4, "slots": 2, "total": 10, "counts": {"complete": 2, "failed": 1, "waiting": 7},
        "running_trials": [], "best": None, "elapsed": 0.0, "work_left": 14.0, "seconds_per_work": 10.0,
    }  # fmt: skip
    return Snapshot(**values | changes)


def test_the_time_left_is_the_work_left_over_the_slots() -> None:
    assert snapshot().done == 3
    assert snapshot().eta == pytest.approx(14 * 10 / 2)
    assert snapshot(slots=20).eta == pytest.approx(14 * 10 / 7)  # seven trials are left
    half_done = RunningTrial(3, "key", 2.0, epoch_result(1, 0.5))
    assert snapshot(running_trials=[half_done]).eta == pytest.approx((14 - 1) * 10 / 2)
    assert snapshot(running_trials=[half_done, half_done]).images_per_second == 200.0


def test_before_a_run_is_complete_its_epochs_give_the_time_left() -> None:
    starting = RunningTrial(4, "key", 2.0)
    assert snapshot(seconds_per_work=None, running_trials=[starting]).eta is None
    running = RunningTrial(3, "key", 2.0, epoch_result(0, 0.5, seconds=3.0))  # 12 s for a run of work 2
    left = snapshot(seconds_per_work=None, running_trials=[running, starting]).eta
    assert left == pytest.approx(6 * (14 - 0.5) / 2)
