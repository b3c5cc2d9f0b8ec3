"""The coordinator: rounds of propose, run, record. Resuming is the same path as starting: read the rows, run what is missing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from scaling_search.analysis.observations import usable
from scaling_search.engine.protocol import Counted, Engine, Event, Failed, Finished, Progress, Task, Tested
from scaling_search.records import EpochResult, StudyState, TrialEnd, TrialRow
from scaling_search.search.lease import LeaseRenewal
from scaling_search.search.live_recommendation import RecommendationUpdater
from scaling_search.search.observers import Observers
from scaling_search.search.progress import ProgressCallback, RunningTrial, Snapshot
from scaling_search.search.pruning import finished_curves, should_prune
from scaling_search.search.stages import propose, round_is_ready, search_is_over
from scaling_search.search.stopping import stale_rounds
from scaling_search.search.trial_table import Attempt, TrialTable
from scaling_search.spec.run import RunSpec
from scaling_search.spec.search_space import typical_macs
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import recipe_of, whole_work, work_of
from scaling_search.store import Claim, Control, Store
from scaling_search.store.control import Orders
from scaling_search.training.checkpoints import Location, checkpoint_of, remove

MAX_ATTEMPTS = 3


def requested_exit(orders: Orders, run: RunSpec, hours: float) -> tuple[StudyState, str] | None:
    """The state to leave a study in at once, and the reason; None to go on. ``hours`` is its time since this start."""
    if orders.request == "pause":
        return "paused", "pause was asked for"
    if orders.request == "cancel":
        return "stopped", "cancel was asked for"
    if run.max_hours is not None and hours > run.max_hours:
        return "stopped", f"run.max_hours ({run.max_hours:g}) is over; run it again to go on"
    return None


class Coordinator:
    """Runs one claimed study on one engine; :func:`scaling_search.search.run_study` claims a study and runs it."""

    def __init__(
        self,
        spec: StudySpec,
        store: Store,
        engine: Engine,
        claim: Claim,
        checkpoints: Location,
        report: ProgressCallback,
        lease: LeaseRenewal,
        observers: Observers,
    ) -> None:
        self.spec, self.store, self.engine, self.claim, self.report = spec, store, engine, claim, report
        self.checkpoints, self.lease, self.observers = checkpoints, lease, observers
        self.table = TrialTable(spec)
        self.recommendation = RecommendationUpdater(spec, store, claim, observers)
        self.started_at = time.monotonic()
        self.next_round = 0
        self.round_checked = (-1, -1)  # (round, finished trials) when a round was last found not to be ready
        self.stop_reason: str | None = None
        self.infrastructure_error: str | None = None
        self.is_draining = False
        self.curves_before_round: dict[int, list[list[float]]] = {}

    @cached_property
    def typical_macs(self) -> float:
        """MACs of a candidate over the base's. With latency held, the first read measures the candidates."""
        return typical_macs(self.spec)

    # --- the loop

    def run(self) -> None:
        """Run until every trial is finished, too many have failed, the disk or the data fail, or a request ends it."""
        self.table.load(self.store.trials(self.spec.name))
        if self._obey_orders():  # a request that a coordinator which has died left behind
            return
        while True:
            self.lease.raise_if_lost()
            self._open_rounds()
            self._start_trials()
            self._show_progress()
            if not self.table.running and (self.is_draining or not self.table.waiting):
                break
            self._record(self.engine.events(timeout=1.0))
            if self._fail_if_due() or self._obey_orders():
                return
        if self.table.counts["failed"] and not usable(self.table.rows):
            self._fail()
            return
        self.recommendation.update(self.table.rows)
        self.store.move_study(self.claim, "stopped" if self.stop_reason else "complete", self.stop_reason)

    def _show_progress(self) -> None:
        snapshot = self.snapshot()
        self.report(snapshot)
        self.observers.progressed(snapshot)

    def _open_rounds(self) -> None:
        """Propose every round whose visible results are finished: in general, those up to two rounds before it."""
        while not self.stop_reason and not self.is_draining:
            k, table = self.next_round, self.table
            if self.round_checked == (k, table.finished):
                return  # nothing has finished since this round was last found not to be ready
            self.round_checked = (k, table.finished)
            if any(n and r <= k - 2 for r, n in table.unfinished_by_round.items()):
                return  # cheaper than round_is_ready, which reads every row
            rows = table.rows
            if not round_is_ready(rows, self.spec, k) or search_is_over(rows, self.spec, k):
                return
            patience = self.spec.search.patience
            if patience and k >= 2 and stale_rounds(rows, k - 1) >= patience:
                self.stop_reason = f"the best accuracy has not risen for {patience} rounds (search.patience)"
                return
            self.store.add_trials(self.claim, propose(rows, self.spec, k))
            new = [row for row in self.store.trials(self.spec.name, k) if row.number not in table.by_number]
            if not new and not any(row.round == k for row in rows):
                return  # nothing to run, for example because no run of a search in stages succeeded
            table.add(new)
            self.next_round = k + 1

    def _start_trials(self) -> None:
        """Start waiting trials in the free slots."""
        if self.is_draining:
            return
        waiting = self.table.next_waiting(self.engine.slots - len(self.table.running))
        if not waiting:
            return
        started = self.store.write(self.claim, started=[row.number for row in waiting])
        self.table.update(started)
        for row in started:
            self.observers.trial_started(row)
            self.engine.submit(
                Task(
                    row.number,
                    row.architecture,
                    row.seed,
                    recipe_of(row, self.spec),
                    checkpoint_of(self.checkpoints, row.number),
                    verify=self.table.claim_verification(row),
                    test=self.spec.validation is not None,
                )
            )

    # --- events of runs

    def _record(self, events: Iterable[Event]) -> None:
        """Write all events in one transaction, then act on the trials that ended."""
        counted, epochs, ends = [], [], dict[int, TrialEnd]()
        for event in events:
            attempt = self.table.running.get(event.number)
            if attempt is None or event.number in ends:
                continue  # the run has ended already: pruned, for example
            if isinstance(event, Tested):
                attempt.test_accuracy = event.accuracy
            elif isinstance(event, Counted):
                counted.append((event.number, event.macs))
            elif isinstance(event, Progress):
                attempt.curve.append(event.result)
                epochs.append((event.number, event.result))
                if self._is_prunable(attempt):
                    self.engine.cancel(event.number)
                    last = attempt.curve[-1]
                    ends[event.number] = TrialEnd(event.number, "pruned", last=last, seconds=attempt.seconds)
            else:
                ends[event.number] = self._end_of(attempt, event)
        if not (counted or epochs or ends):
            return
        ended = self.store.write(self.claim, counted=counted, epochs=epochs, ended=list(ends.values()))
        self._take_up(epochs, ended)

    def _take_up(self, epochs: Sequence[tuple[int, EpochResult]], ended: Sequence[TrialRow]) -> None:
        """Act on what has been written: show it to the observers, and do what follows from ended trials."""
        for number, result in epochs:
            self.observers.epoch_ended(self.table.by_number[number], result)
        self.table.update(ended)
        for row in ended:
            self.observers.trial_ended(row)
            self._remove_checkpoint(row)
        if any(not self.table.unfinished_by_round[row.round] for row in ended):
            self.recommendation.maybe_update(self.table.rows)

    def _end_of(self, attempt: Attempt, event: Finished | Failed) -> TrialEnd:
        number = event.number
        if isinstance(event, Finished):
            last, test_accuracy = attempt.curve[-1], attempt.test_accuracy
            return TrialEnd(number, "complete", last=last, seconds=attempt.seconds, test_accuracy=test_accuracy)
        if event.outside:
            self.infrastructure_error = event.error
            return TrialEnd(number, "waiting", event.error)
        if event.crashed and attempt.row.attempts < MAX_ATTEMPTS:
            return TrialEnd(number, "waiting", event.error, crashed=True)
        return TrialEnd(number, "failed", event.error, crashed=event.crashed)

    def _remove_checkpoint(self, row: TrialRow) -> None:
        """Remove a finished trial's checkpoint, unless it is to be kept: for Grad-CAM, those of a validation's round 0 are."""
        is_explained = self.spec.validation is not None and row.round == 0 and row.state == "complete"
        if row.state != "waiting" and not is_explained and not self.spec.run.keep_checkpoints:
            remove(checkpoint_of(self.checkpoints, row.number))

    # --- rules

    def _is_prunable(self, attempt: Attempt) -> bool:
        """Whether the median rule ends this run; it is judged only by rounds ≤ its own − 2."""
        row, curve = attempt.row, attempt.curve
        is_last_epoch = len(curve) == self.spec.proxy.epochs
        if self.spec.search.pruner == "none" or row.role == "base" or row.is_long_run or is_last_epoch:
            return False
        if row.round not in self.curves_before_round:
            epochs = self.store.epochs(self.spec.name)
            self.curves_before_round[row.round] = finished_curves(self.table.rows, epochs, row.round - 1)
        return should_prune(self.curves_before_round[row.round], [e.accuracy for e in curve])

    def _fail_if_due(self) -> bool:
        """Fail the study if the disk or the data failed, or too many trials; whether it was failed."""
        if self.infrastructure_error is not None:
            self.engine.close()
            self.store.move_study(self.claim, "failed", self.infrastructure_error)
            return True
        run, table = self.spec.run, self.table
        if table.failed_since_start > run.max_failures or table.failed_in_row >= run.max_failures_in_row:
            self._fail()
            return True
        return False

    def _fail(self) -> None:
        for number in list(self.table.running):
            self.engine.cancel(number)
        errors = Counter(row.error for row in self.table.rows if row.state == "failed")
        (most_common, times), *_ = errors.most_common(1)
        reason = f"{self.table.counts['failed']} trials failed, {times} of them with: {most_common}"
        self.store.move_study(self.claim, "failed", reason)

    def _obey_orders(self) -> bool:
        """Carry out requests and time limits; True if the study was left, its runs ended at their last checkpoint."""
        orders = Control(self.store).orders(self.claim)
        if orders.slots is not None:
            self.engine.slots = orders.slots
        state_and_reason = requested_exit(orders, self.spec.run, (time.monotonic() - self.started_at) / 3600)
        if state_and_reason is not None:
            self.engine.close()
            self.recommendation.update(self.table.rows)
            self.store.move_study(self.claim, *state_and_reason)
            return True
        if self.is_draining != (orders.request == "stop"):
            self.is_draining = orders.request == "stop"
            self.stop_reason = "stop was asked for" if self.is_draining else None
        return False

    def snapshot(self) -> Snapshot:
        """The study as it is now."""
        table = self.table
        running_trials = [
            RunningTrial(n, a.row.key, work_of(a.row, self.spec), a.curve[-1] if a.curve else None, a.row.planned)
            for n, a in table.running.items()
        ]
        counts: dict[Any, int] = {state: n for state, n in table.counts.items() if n}
        total, whole = whole_work(self.spec, self.typical_macs)
        failed_work = table.counts["failed"] * self.typical_macs
        return Snapshot(
            study=self.spec.name,
            epochs=self.spec.proxy.epochs,
            slots=self.engine.slots,
            total=total,
            counts=counts,
            running_trials=running_trials,
            best=table.best,
            elapsed=time.monotonic() - self.started_at,
            work_left=max(0.0, whole - table.complete_work - failed_work),
            seconds_per_work=table.complete_seconds / table.complete_work if table.complete_work else None,
        )
