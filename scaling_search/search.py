"""The coordinator: rounds of propose, run, record. Resuming is the same path as starting: read the rows, run what is missing."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from scaling_search.conclude import conclude
from scaling_search.engine.protocol import Counted, Engine, Event, Failed, Progress, Task
from scaling_search.errors import LeaseLost, ScalingSearchError, StudyChanged
from scaling_search.lease import LEASE, claim_study
from scaling_search.progress import Flight, Report, Snapshot
from scaling_search.records import FINISHED, EpochResult, StudyRow, TrialEnd, TrialRow
from scaling_search.sampler import propose
from scaling_search.selection import usable
from scaling_search.spec import StudySpec
from scaling_search.store import Claim, Store

MOST_ATTEMPTS = 3
LIBRARIES = ("scaling-search", "torch", "torchvision", "optuna", "fvcore", "numpy", "pandas", "sqlalchemy")


def library_versions() -> dict[str, str]:
    """Installed versions of the libraries that results depend on."""
    return {name: metadata.version(name) for name in LIBRARIES}


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def ensure_study(store: Store, spec: StudySpec) -> StudyRow:
    """The study of that spec, made if it is new.

    Raises:
        StudyChanged: another spec is stored under its name; the message lists the fields that differ.
    """
    values = spec.model_dump(mode="json")
    store.create_study(spec.name, spec.description, values, spec.hash(), library_versions())
    row = store.study(spec.name)
    if row.spec_hash != spec.hash():
        old, new = _flat(row.spec), _flat(values)
        differ = sorted(k for k in old | new if old.get(k) != new.get(k) and not k.startswith(("run.", "description")))
        lines = [f"  {k}: {old.get(k)!r} → {new.get(k)!r}" for k in differ]
        raise StudyChanged(
            f"study {spec.name!r} is stored with another spec (stored → given):\n" + "\n".join(lines),
            "give the changed study another name, or undo the change",
        )
    return row


class Coordinator:
    """Runs one claimed study on one engine. Use :func:`run_study`."""

    def __init__(
        self, spec: StudySpec, store: Store, engine: Engine, claim: Claim, checkpoints: Path, report: Report
    ) -> None:
        self.spec, self.store, self.engine, self.claim, self.report = spec, store, engine, claim, report
        self.checkpoints = checkpoints
        self.began = self.renewed = time.monotonic()
        self.waiting: deque[TrialRow] = deque()
        self.running: dict[int, tuple[TrialRow, list[EpochResult]]] = {}
        self.counts: Counter[str] = Counter()
        self.open_by_round: Counter[int] = Counter()
        self.round_count = -(-spec.search.trials // spec.search.round)
        self.next_round = 0
        self.verified: set[str] = set()
        self.seconds = self.work = 0.0
        self.best: float | None = None
        self.chosen_after = 0

    # --- the loop

    def run(self) -> None:
        """Until every trial is finished or too many have failed."""
        self._load()
        while True:
            self._open_rounds()
            self._fill()
            self.report(self.snapshot())
            if not self.running and not self.waiting:
                break
            self._record(self.engine.events(timeout=1.0))
            if self.counts["failed"] > self.spec.run.max_failures:
                self._fail()
                return
            if time.monotonic() - self.renewed > LEASE / 3:
                self.store.renew(self.claim, LEASE)
                self.renewed = time.monotonic()
        if not usable(self.store.trials(self.spec.name)):
            self._fail()
            return
        self._choose()
        self.store.move_study(self.claim, "complete")

    def _load(self) -> None:
        """Take up what the rows say: finished trials count, all others wait."""
        rows = self.store.trials(self.spec.name)
        for row in rows:
            self.counts[row.state] += 1
            if row.counted_macs is not None:
                self.verified.add(row.key)
            if row.state == "complete":
                self._completed(row, row.accuracy, row.seconds)
            if row.state not in FINISHED:
                self.open_by_round[row.round] += 1
                self.waiting.append(row)
        self.counts["waiting"], self.counts["running"] = len(self.waiting), 0

    def _completed(self, row: TrialRow, accuracy: float | None, seconds: float | None) -> None:
        self.seconds += seconds or 0.0
        self.work += row.macs_ratio
        if row.role == "candidate" and accuracy is not None:
            self.best = max(self.best or 0.0, accuracy)

    def _open_rounds(self) -> None:
        """Propose every round whose results may be seen: those up to two before it are finished."""
        while self.next_round < self.round_count and not any(self.open_by_round[r] for r in range(self.next_round - 1)):
            rows = self.store.trials(self.spec.name)
            proposals = propose(rows, self.spec, self.next_round)
            self.store.add_trials(self.claim, proposals)
            have = {row.number for row in rows}
            new = [row for row in self.store.trials(self.spec.name) if row.number not in have]
            self.waiting.extend(new)
            self.open_by_round[self.next_round] += len(new)
            self.counts["waiting"] += len(new)
            self.next_round += 1

    def _fill(self) -> None:
        """Start waiting trials in free slots, in the order of their numbers."""
        started = []
        while self.waiting and len(self.running) < self.engine.slots:
            row = self.waiting.popleft()
            self.running[row.number] = (row, [])
            started.append(row)
        if not started:
            return
        self.store.write(self.claim, started=[row.number for row in started])
        self.counts["waiting"] -= len(started)
        self.counts["running"] += len(started)
        for row in started:
            checkpoint = str(self.checkpoints / f"{row.number}.pt")
            verify = row.key not in self.verified
            self.verified.add(row.key)
            self.engine.submit(Task(row.number, row.architecture, row.seed, self.spec.proxy, checkpoint, verify))

    # --- what runs report

    def _record(self, events: Iterable[Event]) -> None:
        """Write all that was heard in one transaction, then take up what follows from it."""
        counted, epochs, ended = [], [], []
        for event in events:
            if event.number not in self.running:
                continue
            row, curve = self.running[event.number]
            if isinstance(event, Counted):
                counted.append((event.number, event.macs))
            elif isinstance(event, Progress):
                curve.append(event.result)
                epochs.append((event.number, event.result))
            else:
                ended.append((row, self._ending(row, curve, event)))
        if counted or epochs or ended:
            self.store.write(self.claim, counted=counted, epochs=epochs, ended=[end for _, end in ended])
        for row, end in ended:
            self._ended(row, end)
        if any(not self.open_by_round[row.round] for row, _ in ended):
            self._choose()

    def _ending(self, row: TrialRow, curve: list[EpochResult], event: Event) -> TrialEnd:
        if not isinstance(event, Failed):
            return TrialEnd(row.number, "complete", last=curve[-1], seconds=sum(e.seconds for e in curve))
        if event.crashed and max(1, row.attempts) < MOST_ATTEMPTS:
            return TrialEnd(row.number, "waiting", event.error, crashed=True)
        return TrialEnd(row.number, "failed", event.error, crashed=event.crashed)

    def _ended(self, row: TrialRow, end: TrialEnd) -> None:
        del self.running[row.number]
        self.counts["running"] -= 1
        self.counts[end.state] += 1
        if end.state == "waiting":
            again = next(r for r in self.store.trials(self.spec.name) if r.number == row.number)
            self.verified.discard(row.key)
            self.waiting.appendleft(again)
            return
        self.open_by_round[row.round] -= 1
        (self.checkpoints / f"{row.number}.pt").unlink(missing_ok=True)
        if end.state == "complete" and end.last is not None:
            self._completed(row, end.last.accuracy, end.seconds)

    # --- conclusions

    def _choose(self) -> None:
        """Store the choice and its family, if candidate runs were completed since the last one."""
        rows = self.store.trials(self.spec.name)
        after = len(usable(rows))
        if after == self.chosen_after:
            return
        self.chosen_after = after
        values, members = conclude(rows, self.spec)
        self.store.record_choice(self.claim, values, after, members)

    def _fail(self) -> None:
        for number in list(self.running):
            self.engine.cancel(number)
        errors = Counter(row.error for row in self.store.trials(self.spec.name) if row.state == "failed")
        (common, times), *_ = errors.most_common(1)
        self.store.move_study(
            self.claim, "failed", f"{self.counts['failed']} trials failed, {times} of them with: {common}"
        )

    def snapshot(self) -> Snapshot:
        """The study as it is now."""
        flights = [
            Flight(n, row.key, row.macs_ratio, curve[-1] if curve else None) for n, (row, curve) in self.running.items()
        ]
        search, counts = self.spec.search, dict(self.counts)
        shown: dict[Any, int] = {state: n for state, n in counts.items() if n}
        whole = search.trials * self.spec.budget.target + search.base_runs
        failed = counts.get("failed", 0) * self.spec.budget.target
        return Snapshot(
            study=self.spec.name,
            epochs=self.spec.proxy.epochs,
            slots=self.engine.slots,
            total=search.trials + search.base_runs,
            counts=shown,
            flights=flights,
            best=self.best,
            elapsed=time.monotonic() - self.began,
            work_left=max(0.0, whole - self.work - failed),
            seconds_per_work=self.seconds / self.work if self.work else None,
        )


def run_study(
    spec: StudySpec, store: Store, engine: Engine, checkpoints: Path, report: Report = lambda _: None
) -> StudyRow:
    """Run a study to its end, or on from where it was left.

    On KeyboardInterrupt the study is paused: runs are killed at their last checkpoint, and the exception goes on.

    Raises:
        StudyChanged: another spec is stored under the name.
        StoreError: a live coordinator holds the study, or the database fails.
        LeaseLost: another coordinator took over.
    """
    row = ensure_study(store, spec)
    if row.state == "complete":
        return row
    claim = claim_study(store, spec.name)
    checkpoints.mkdir(parents=True, exist_ok=True)
    try:
        store.move_study(claim, "running")
        Coordinator(spec, store, engine, claim, checkpoints, report).run()
    except KeyboardInterrupt:
        engine.close()
        store.move_study(claim, "paused", "interrupted")
        store.release(claim)
        raise
    except LeaseLost:
        engine.close()
        raise
    except ScalingSearchError as e:
        engine.close()
        store.move_study(claim, "failed", e.message)
        store.release(claim)
        raise
    finally:
        engine.close()
    store.release(claim)
    return store.study(spec.name)
