"""The Store: studies, trials, epochs and choices. It takes and returns values; docstrings name its errors.

A coordinator *claims* a study and holds it by a lease. Every claim raises the study's ``fence``. Each write first
checks in its transaction that the fence is unchanged, so a coordinator that has lost its lease cannot write.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scaling_search.errors import IllegalTransition, NotFound, StoreError
from scaling_search.records import EpochResult, Proposal, StudyRow, StudyState, TrialEnd, TrialRow
from scaling_search.store import trial_writes
from scaling_search.store.events import add_event, runs_event, state_changed
from scaling_search.store.mapping import now, row_values, trial_row, trial_values
from scaling_search.store.states import STUDY_MOVES, Claim
from scaling_search.store.tables import Choice, Epoch, FamilyMember, Study, Trial
from scaling_search.store.transactions import Database, persistent


def read_study(connection: Connection, name: str) -> StudyRow:
    """One study.

    Raises:
        NotFound: there is no study of that name.
    """
    row = connection.execute(select(Study.__table__).where(Study.name == name)).one_or_none()
    if row is None:
        known = connection.scalars(select(Study.name).order_by(Study.created_at.desc()).limit(5)).all()
        raise NotFound(f"there is no study {name!r}", f"known: {', '.join(known) or 'none yet'}")
    return StudyRow(**row_values(row, StudyRow))


class Store(Database):
    """The ledger in one database. Methods marked persistent retry while the database is unreachable."""

    # --- studies

    @persistent
    def create_study(
        self, name: str, description: str, spec: dict[str, Any], spec_hash: str, versions: dict[str, str]
    ) -> bool:
        """Add a queued study; False if the name is taken, by this study or another."""
        values = {"name": name, "description": description, "spec": spec, "spec_hash": spec_hash, "versions": versions}
        try:
            with self.transaction(write=True) as connection:
                connection.execute(insert(Study).values(**values, state="queued", created_at=now(), fence=0))
        except StoreError as e:
            if isinstance(e.__cause__, IntegrityError):
                return False
            raise
        return True

    @persistent
    def study(self, name: str) -> StudyRow:
        """One study.

        Raises:
            NotFound: there is no study of that name.
        """
        with self.transaction() as connection:
            return read_study(connection, name)

    def studies(self) -> list[StudyRow]:
        """Every study, newest first."""
        with self.transaction() as connection:
            rows = connection.execute(select(Study.__table__).order_by(Study.created_at.desc())).all()
        return [StudyRow(**row_values(row, StudyRow)) for row in rows]

    def counts(self) -> dict[str, dict[str, int]]:
        """Study name → trial state → number of trials."""
        query = select(Study.name, Trial.state, func.count()).join(Trial).group_by(Study.name, Trial.state)
        counts: dict[str, dict[str, int]] = {}
        with self.transaction() as connection:
            for name, state, n in connection.execute(query):
                counts.setdefault(name, {})[state] = n
        return counts

    # --- leases

    @persistent
    def claim(
        self,
        name: str,
        owner: str,
        seconds: float,
        dead_owner: str | None = None,
        states: Collection[StudyState] | None = None,
    ) -> Claim | None:
        """Claim a study without a holder, with an expired lease, or held by ``dead_owner``, known to be dead.

        Returns None if another coordinator holds the study or is changing it at this moment, or if ``states`` is given
        and excludes the study's state. Trials that the last holder left running become waiting.

        Raises:
            NotFound: there is no such study.
        """
        with self.transaction(write=True) as connection:
            columns = Study.id, Study.fence, Study.state, Study.owner, Study.lease_until, self.clock.label("now")
            query = select(*columns).where(Study.name == name)
            row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
            if row is None:
                if connection.execute(query).one_or_none() is None:
                    raise NotFound(f"there is no study {name!r}")
                return None  # the row is locked: another coordinator is claiming the study or writing to it
            held = row.owner not in (None, dead_owner) and row.lease_until > row.now
            if held or (states is not None and row.state not in states):
                return None
            lease = {"owner": owner, "lease_until": self.clock + seconds, "fence": row.fence + 1}
            connection.execute(update(Study).where(Study.id == row.id).values(**lease))
            self._requeue_running(connection, row.id)
        return Claim(row.id, name, owner, row.fence + 1)

    @persistent
    def holder(self, name: str) -> tuple[str, float] | None:
        """(owner, seconds left) of the study's lease; None if nobody holds it or there is no such study."""
        with self.transaction() as connection:
            query = select(Study.owner, Study.lease_until - self.clock).where(Study.name == name)
            owner, left_s = connection.execute(query).one_or_none() or (None, None)
        return (owner, left_s) if owner is not None and left_s is not None and left_s > 0 else None

    @persistent
    def renew(self, claim: Claim, seconds: float) -> None:
        """Extend the lease to ``seconds`` from now.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        with self.fenced(claim) as connection:
            connection.execute(update(Study).where(Study.id == claim.study_id).values(lease_until=self.clock + seconds))

    @persistent
    def release(self, claim: Claim) -> None:
        """End the lease, whatever the study's state; its running trials become waiting.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        with self.fenced(claim) as connection:
            self._requeue_running(connection, claim.study_id)
            connection.execute(update(Study).where(Study.id == claim.study_id).values(owner=None, lease_until=None))

    @staticmethod
    def _requeue_running(connection: Connection, study_id: int) -> None:
        running = (Trial.study_id == study_id) & (Trial.state == "running")
        connection.execute(update(Trial).where(running).values(state="waiting"))

    # --- writes of a coordinator

    @persistent
    def move_study(self, claim: Claim, state: StudyState, reason: str | None = None) -> None:
        """Change the study's state. A pending request is cleared, unless the new state is running or queued.

        Raises:
            LeaseLost: another coordinator has taken over.
            IllegalTransition: that state cannot follow the present one.
        """
        allowed_from = [s for s, targets in STUDY_MOVES.items() if state in targets]
        times: dict[str, Any] = {"finished_at": None if state in ("queued", "running", "paused") else now()}
        if state == "running":
            times["started_at"] = func.coalesce(Study.started_at, now())
        elif state != "queued":
            times["request"] = None
        with self.fenced(claim) as connection:
            may_move = (Study.id == claim.study_id) & Study.state.in_(allowed_from)
            result = connection.execute(update(Study).where(may_move).values(state=state, reason=reason, **times))
            if result.rowcount != 1:
                raise IllegalTransition(f"study {claim.name!r} cannot become {state} from its present state")
            state_changed(connection, claim.study_id, state, reason)

    @persistent
    def replace_spec(self, claim: Claim, spec: dict[str, Any], spec_hash: str) -> None:
        """Store another spec for the study and queue it.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        values = {"spec": spec, "spec_hash": spec_hash, "state": "queued", "reason": "extended", "finished_at": None}
        with self.fenced(claim) as connection:
            connection.execute(update(Study).where(Study.id == claim.study_id).values(**values))

    @persistent
    def add_trials(self, claim: Claim, proposals: Sequence[Proposal]) -> None:
        """Add waiting trials, all or none. A number that exists already is skipped.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        rows = [trial_values(claim.study_id, p) for p in proposals]
        if rows:
            with self.fenced(claim) as connection:
                connection.execute(self.insert_new(Trial), rows)

    def write(
        self,
        claim: Claim,
        started: Sequence[int] = (),
        counted: Sequence[tuple[int, int]] = (),
        epochs: Sequence[tuple[int, EpochResult]] = (),
        ended: Sequence[TrialEnd] = (),
    ) -> list[TrialRow]:
        """Record progress of runs in one transaction: trials started, MACs counted, epochs finished, attempts ended.

        Returns the rows of the trials that started and ended, in the order given.

        Raises:
            LeaseLost: another coordinator has taken over.
            IllegalTransition: a trial was not in the state the change starts from.
        """
        self._write(claim, started, counted, epochs, ended)
        return self._trials_numbered(claim, [*started, *(end.number for end in ended)])

    @persistent
    def _write(
        self,
        claim: Claim,
        started: Sequence[int],
        counted: Sequence[tuple[int, int]],
        epochs: Sequence[tuple[int, EpochResult]],
        ended: Sequence[TrialEnd],
    ) -> None:
        with self.fenced(claim) as connection:
            add_event(connection, claim.study_id, "runs", runs_event(started, epochs, ended))
            trial_writes.start(connection, claim, started)
            trial_writes.count(connection, claim, counted)
            if epochs:
                trial_writes.add_epochs(connection, claim, self.insert_new, epochs)
            trial_writes.end(connection, claim, ended)

    @persistent
    def _trials_numbered(self, claim: Claim, numbers: Sequence[int]) -> list[TrialRow]:
        if not numbers:
            return []
        with self.transaction() as connection:
            return trial_writes.read_numbered(connection, claim, numbers)

    # --- reads

    @persistent
    def trials(self, name: str, since_round: int = 0) -> list[TrialRow]:
        """The study's trials by number, from round ``since_round`` on."""
        wanted = (Study.name == name) & (Trial.round >= since_round)
        query = select(Trial.__table__).join(Study).where(wanted).order_by(Trial.number)
        with self.transaction() as connection:
            return [trial_row(row) for row in connection.execute(query)]

    @persistent
    def epochs(self, name: str) -> list[tuple[int, int, EpochResult]]:
        """(trial number, attempt, epoch result) of every epoch of the study, in that order."""
        query = select(Trial.number, Epoch.__table__).join_from(Epoch, Trial).join(Study).where(Study.name == name)
        with self.transaction() as connection:
            rows = connection.execute(query.order_by(Trial.number, Epoch.attempt, Epoch.epoch)).all()
        return [(row.number, row.attempt, EpochResult(**row_values(row, EpochResult))) for row in rows]

    # --- choices

    @persistent
    def record_choice(
        self,
        claim: Claim,
        choice: dict[str, Any],
        after_trials: int,
        family: Sequence[dict[str, Any]],
        portrait: dict[str, Any] | None = None,
    ) -> None:
        """Store a choice with its family and portrait, each in JSON form. A choice after as many trials is replaced.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        columns = {k: choice[k] for k in ("method", "alpha", "beta", "gamma", "shares", "accuracy")}
        member_columns = {c.name for c in FamilyMember.__table__.columns} - {"id", "choice_id"}
        with self.fenced(claim) as connection:
            old = delete(Choice).where(Choice.study_id == claim.study_id, Choice.after_trials == after_trials)
            connection.execute(old)
            row = {**columns, "after_trials": after_trials, "made_at": now(), "study_id": claim.study_id}
            row |= {"result": json.loads(json.dumps(choice)), "portrait": portrait}
            choice_id = connection.execute(insert(Choice).values(**row).returning(Choice.id)).scalar_one()
            add_event(connection, claim.study_id, "choice", {"after_trials": after_trials})
            rows = [{k: m[k] for k in member_columns} | {"choice_id": choice_id} for m in family]
            if rows:
                connection.execute(insert(FamilyMember), rows)

    @persistent
    def choice(self, name: str) -> dict[str, Any] | None:
        """The newest choice in JSON form, or None."""
        query = select(Choice.result).join(Study).where(Study.name == name).order_by(Choice.id.desc()).limit(1)
        with self.transaction() as connection:
            return connection.execute(query).scalar()
