"""The coordinator: rounds of propose, run, record. Resuming is the same path as starting: read the rows, run what is missing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from scaling_search.analysis.observations import usable
from scaling_search.engine.protocol import Counted, Engine, Event, Failed, Progress, Task, Tested
from scaling_search.records import FINISHED, EpochResult, TrialEnd, TrialRow
from scaling_search.search.lease import LEASE
from scaling_search.search.live_recommendation import RecommendationUpdater
from scaling_search.search.progress import ProgressCallback, RunningTrial, Snapshot
from scaling_search.search.pruning import should_prune
from scaling_search.search.stages import over, propose, ready
from scaling_search.search.steer import requested_exit
from scaling_search.search.stopping import finished_curves, stale_rounds
from scaling_search.spec.search_space import typical_macs
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import recipe_of, whole_work, work_of
from scaling_search.store import Claim, Control, Store
from scaling_search.training.checkpoints import Location, checkpoint_of, remove

MAX_ATTEMPTS = 3


class Coordinator:
    """Runs one claimed study on one engine; :func:`scaling_search.search.run_study` claims and runs one."""

    def __init__(
        self,
        spec: StudySpec,
        store: Store,
        engine: Engine,
        claim: Claim,
        checkpoints: Location,
        report: ProgressCallback,
    ) -> None:
        self.spec, self.store, self.engine, self.claim, self.report = spec, store, engine, claim, report
        self.checkpoints = checkpoints
        self.began = self.renewed = time.monotonic()
        self.rows: dict[int, TrialRow] = {}  # as stored; this is their only writer
        self.waiting: list[TrialRow] = []
        self.running: dict[int, tuple[TrialRow, list[EpochResult]]] = {}
        self.counts: Counter[str] = Counter()
        self.open_by_round: Counter[int] = Counter()
        self.next_round, self.looked = 0, (-1, -1)
        self.verified: set[str] = set()
        self.seconds = self.work = 0.0
        self.best: float | None = None
        self.chooser = RecommendationUpdater(spec, store, claim)
        self.typical = typical_macs(spec)
        self.failed_before = self.failed_in_row = 0
        self.stopped: str | None = None
        self.outside: str | None = None
        self.draining = False
        self.tested: dict[int, float] = {}
        self.finished_curves: dict[int, list[list[float]]] = {}

    # --- the loop

    def run(self) -> None:
        """Until every trial is finished, too many have failed, or the disk or the data fail."""
        self._load()
        if self._obey():  # what was asked of a coordinator that is gone
            return
        while True:
            self._open_rounds()
            self._fill()
            self.report(self.snapshot())
            if not self.running and (self.draining or not self.waiting):
                break
            self._record(self.engine.events(timeout=1.0))
            if self.outside:
                self.engine.close()
                self.store.move_study(self.claim, "failed", self.outside)
                return
            if self._should_fail():
                self._fail()
                return
            if self._obey():
                return
            if time.monotonic() - self.renewed > LEASE / 3:
                self.store.renew(self.claim, LEASE)
                self.renewed = time.monotonic()
        if self.counts["failed"] and not usable(self._rows()):
            self._fail()
            return
        self.chooser.choose(self._rows())
        self.store.move_study(self.claim, "stopped" if self.stopped else "complete", self.stopped)

    def _rows(self) -> list[TrialRow]:
        return list(self.rows.values())

    def _load(self) -> None:
        """Take up what the rows say: finished trials count, all others wait."""
        for row in self.store.trials(self.spec.name):
            self.rows[row.number] = row
            self.counts[row.state] += 1
            if row.counted_macs is not None:
                self.verified.add(row.key)
            if row.state == "complete":
                self._completed(row)
            if row.state not in FINISHED:
                self.open_by_round[row.round] += 1
                self.waiting.append(row)
        self.counts["waiting"], self.counts["running"] = len(self.waiting), 0
        self.failed_before = self.counts["failed"]

    def _completed(self, row: TrialRow) -> None:
        self.seconds += row.seconds or 0.0
        self.work += work_of(row, self.spec)
        if row.role == "candidate":
            self.best = max(self.best or 0.0, row.accuracy or 0.0)

    def _open_rounds(self) -> None:
        """Propose every round whose results may be seen: those up to two before it are finished."""
        while not self.stopped and not self.draining:
            look = (self.next_round, sum(self.counts[state] for state in FINISHED))
            if look == self.looked:
                return  # nothing has ended since it was last asked whether the round may open
            self.looked = look
            k = self.next_round
            if any(n and r <= k - 2 for r, n in self.open_by_round.items()):
                return  # known without a look at every row, of which there may be 100,000
            rows = self._rows()
            if not ready(rows, self.spec, k) or over(rows, self.spec, k):
                return
            patience = self.spec.search.patience
            if patience and k >= 2 and stale_rounds(rows, k - 1) >= patience:
                self.stopped = f"the best accuracy has not risen for {patience} rounds (search.patience)"
                return
            self.store.add_trials(self.claim, propose(rows, self.spec, k))
            new = [row for row in self.store.trials(self.spec.name, k) if row.number not in self.rows]
            if not new and not any(row.round == k for row in rows):
                return  # nothing to run: no run of a search in stages is left to learn from, say
            self.rows |= {row.number: row for row in new}
            self.waiting.extend(new)
            self.open_by_round[k] += len(new)
            self.counts["waiting"] += len(new)
            self.next_round = k + 1

    def _fill(self) -> None:
        """Start waiting trials: the earliest round's first, of them the slowest, so that no slot idles at its end."""
        started = []
        self.waiting.sort(key=lambda row: (row.round, -row.activations, row.number))
        while self.waiting and not self.draining and len(self.running) < self.engine.slots:
            row = self.waiting.pop(0)
            self.running[row.number] = (row, [])
            started.append(row)
        if not started:
            return
        self.store.write(self.claim, started=[row.number for row in started])
        self.counts["waiting"] -= len(started)
        self.counts["running"] += len(started)
        for row in started:
            checkpoint = checkpoint_of(self.checkpoints, row.number)
            verify, test = row.key not in self.verified, self.spec.validation is not None
            self.verified.add(row.key)
            self.engine.submit(
                Task(row.number, row.architecture, row.seed, recipe_of(row, self.spec), checkpoint, verify, test)
            )

    # --- what runs report

    def _record(self, events: Iterable[Event]) -> None:
        """Write all that was heard in one transaction, then take up what follows from it."""
        counted, epochs, ended = [], [], list[tuple[TrialRow, TrialEnd]]()
        for event in events:
            if event.number not in self.running or any(end.number == event.number for _, end in ended):
                continue  # nothing more is heard of a run that has ended
            row, curve = self.running[event.number]
            if isinstance(event, Tested):
                self.tested[event.number] = event.accuracy
            elif isinstance(event, Counted):
                counted.append((event.number, event.macs))
            elif isinstance(event, Progress):
                curve.append(event.result)
                epochs.append((event.number, event.result))
                if self._prunable(row, curve):
                    self.engine.cancel(row.number)
                    seconds = sum(e.seconds for e in curve)
                    ended.append((row, TrialEnd(row.number, "pruned", last=curve[-1], seconds=seconds)))
            else:
                ended.append((row, self._ending(row, curve, event)))
        if counted or epochs or ended:
            self.store.write(self.claim, counted=counted, epochs=epochs, ended=[end for _, end in ended])
        for row, end in ended:
            self._ended(row, end)
        if any(not self.open_by_round[row.round] for row, _ in ended):
            self.chooser.maybe_update(self._rows())

    def _ending(self, row: TrialRow, curve: list[EpochResult], event: Event) -> TrialEnd:
        if not isinstance(event, Failed):
            spent, tested = sum(e.seconds for e in curve), self.tested.get(row.number)
            return TrialEnd(row.number, "complete", last=curve[-1], seconds=spent, test_accuracy=tested)
        if event.outside:
            self.outside = event.error
            return TrialEnd(row.number, "waiting", event.error)
        if event.crashed and max(1, row.attempts) < MAX_ATTEMPTS:
            return TrialEnd(row.number, "waiting", event.error, crashed=True)
        return TrialEnd(row.number, "failed", event.error, crashed=event.crashed)

    def _ended(self, row: TrialRow, end: TrialEnd) -> None:
        del self.running[row.number]
        attempts = max(1, row.attempts) + (end.crashed and end.state == "waiting")  # as the store counts
        row = replace(row, state=end.state, error=end.error, attempts=attempts)
        if end.last is not None:
            row = replace(row, accuracy=end.last.accuracy, loss=end.last.validation_loss, seconds=end.seconds)
        self.rows[row.number] = row
        self.counts["running"] -= 1
        self.counts[end.state] += 1
        if end.state == "waiting":
            self.verified.discard(row.key)
            self.waiting.append(row)
            return
        self.open_by_round[row.round] -= 1
        self.failed_in_row = self.failed_in_row + 1 if end.state == "failed" else 0
        looked_at = self.spec.validation is not None and row.round == 0 and end.state == "complete"  # by `cam`
        if not looked_at and not self.spec.run.keep_checkpoints:
            remove(checkpoint_of(self.checkpoints, row.number))
        if end.state == "complete":
            self._completed(row)

    # --- rules

    def _prunable(self, row: TrialRow, curve: list[EpochResult]) -> bool:
        """Whether the median rule ends this run; it is judged by rounds ≤ its own − 2 alone."""
        if (
            self.spec.search.pruner == "none"
            or row.role == "base"
            or row.is_long_run
            or len(curve) == self.spec.proxy.epochs
        ):
            return False
        if row.round not in self.finished_curves:
            epochs = self.store.epochs(self.spec.name)
            self.finished_curves[row.round] = finished_curves(self._rows(), epochs, row.round - 1)
        return should_prune(self.finished_curves[row.round], [e.accuracy for e in curve])

    def _should_fail(self) -> bool:
        run = self.spec.run
        failed = self.counts["failed"] - self.failed_before
        return failed > run.max_failures or self.failed_in_row >= run.max_failures_in_row

    def _obey(self) -> bool:
        """Do what the database and the clock ask; whether the study has been left, its runs ended at their last checkpoint."""
        orders = Control(self.store).orders(self.claim)
        if orders.slots is not None:
            self.engine.slots = orders.slots
        left = requested_exit(orders, self.spec.run, (time.monotonic() - self.began) / 3600)
        if left is not None:
            self.engine.close()
            self.chooser.choose(self._rows())
            self.store.move_study(self.claim, *left)
            return True
        if self.draining != (orders.request == "stop"):
            self.draining = orders.request == "stop"
            self.stopped = "stop was asked for" if self.draining else None
        return False

    def _fail(self) -> None:
        for number in list(self.running):
            self.engine.cancel(number)
        errors = Counter(row.error for row in self.rows.values() if row.state == "failed")
        (common, times), *_ = errors.most_common(1)
        self.store.move_study(
            self.claim, "failed", f"{self.counts['failed']} trials failed, {times} of them with: {common}"
        )

    def snapshot(self) -> Snapshot:
        """The study as it is now."""
        running_trials = [
            RunningTrial(n, row.key, work_of(row, self.spec), curve[-1] if curve else None, row.planned)
            for n, (row, curve) in self.running.items()
        ]
        shown: dict[Any, int] = {state: n for state, n in self.counts.items() if n}
        total, whole = whole_work(self.spec, self.typical)
        failed = self.counts["failed"] * self.typical
        return Snapshot(
            study=self.spec.name,
            epochs=self.spec.proxy.epochs,
            slots=self.engine.slots,
            total=total,
            counts=shown,
            running_trials=running_trials,
            best=self.best,
            elapsed=time.monotonic() - self.began,
            work_left=max(0.0, whole - self.work - failed),
            seconds_per_work=self.seconds / self.work if self.work else None,
        )
