"""The Store: small, takes and returns values, names its errors.

A coordinator *claims* a study and holds it by a lease. Every claim raises the study's ``fence``; each write first checks,
inside its transaction, that the fence is still the claim's, so that a coordinator which lost its lease cannot write.
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
from scaling_search.store.transactions import Transactions, persistent


class Store(Transactions):
    """The ledger on one database. Waits for a database that is away; raises StoreError where it fails."""

    # --- studies

    @persistent
    def create_study(
        self, name: str, description: str, spec: dict[str, Any], spec_hash: str, versions: dict[str, str]
    ) -> bool:
        """Add a queued study; False when the name is taken (by this study or another)."""
        values = {"name": name, "description": description, "spec": spec, "spec_hash": spec_hash, "versions": versions}
        try:
            with self._transaction(write=True) as connection:
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
            NotFound: there is none of that name.
        """
        with self._transaction() as connection:
            row = connection.execute(select(Study.__table__).where(Study.name == name)).one_or_none()
            if row is None:
                known = connection.scalars(select(Study.name).order_by(Study.created_at.desc()).limit(5)).all()
                raise NotFound(f"there is no study {name!r}", f"known: {', '.join(known) or 'none yet'}")
        return StudyRow(**row_values(row, StudyRow))

    def studies(self) -> list[StudyRow]:
        """Every study, newest first."""
        with self._transaction() as connection:
            rows = connection.execute(select(Study.__table__).order_by(Study.created_at.desc())).all()
        return [StudyRow(**row_values(row, StudyRow)) for row in rows]

    def counts(self) -> dict[str, dict[str, int]]:
        """Study name → trial state → how many."""
        query = select(Study.name, Trial.state, func.count()).join(Trial).group_by(Study.name, Trial.state)
        found: dict[str, dict[str, int]] = {}
        with self._transaction() as connection:
            for name, state, n in connection.execute(query):
                found.setdefault(name, {})[state] = n
        return found

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
        """Take a study that nobody holds, whose lease ran out, or whose holder ``dead_owner`` is known to be dead.

        None when another holds it, or is changing it at this moment, or it is in none of ``states``, where they are given.
        Trials left running by the last holder wait again.

        Raises:
            NotFound: there is no such study.
        """
        with self._transaction(write=True) as connection:
            columns = Study.id, Study.fence, Study.state, Study.owner, Study.lease_until, self._clock.label("now")
            query = select(*columns).where(Study.name == name)
            row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
            if row is None:
                if connection.execute(query).one_or_none() is None:
                    raise NotFound(f"there is no study {name!r}")
                return None  # its row is locked: somebody is claiming it, or writing to it
            held = row.owner not in (None, dead_owner) and row.lease_until > row.now
            if held or (states is not None and row.state not in states):
                return None
            lease = {"owner": owner, "lease_until": self._clock + seconds, "fence": row.fence + 1}
            connection.execute(update(Study).where(Study.id == row.id).values(**lease))
            self._give_back(connection, row.id)
        return Claim(row.id, name, owner, row.fence + 1)

    @persistent
    def holder(self, name: str) -> tuple[str, float] | None:
        """Who holds the study and for how many more seconds; None when nobody does, or there is no such study."""
        with self._transaction() as connection:
            query = select(Study.owner, Study.lease_until - self._clock).where(Study.name == name)
            owner, left = connection.execute(query).one_or_none() or (None, None)
        return (owner, left) if owner is not None and left is not None and left > 0 else None

    @persistent
    def renew(self, claim: Claim, seconds: float) -> None:
        """Hold on for ``seconds`` more.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        with self._fenced(claim) as connection:
            connection.execute(
                update(Study).where(Study.id == claim.study_id).values(lease_until=self._clock + seconds)
            )

    @persistent
    def release(self, claim: Claim) -> None:
        """Give the study up, in whatever state it is; its running trials wait again."""
        with self._fenced(claim) as connection:
            self._give_back(connection, claim.study_id)
            connection.execute(update(Study).where(Study.id == claim.study_id).values(owner=None, lease_until=None))

    @staticmethod
    def _give_back(connection: Connection, study_id: int) -> None:
        """Running trials wait again."""
        left = (Trial.study_id == study_id) & (Trial.state == "running")
        connection.execute(update(Trial).where(left).values(state="waiting"))

    # --- what a coordinator writes

    @persistent
    def move_study(self, claim: Claim, state: StudyState, reason: str | None = None) -> None:
        """Change the study's state. What was asked of it is over, unless it runs or is queued for another to go on.

        Raises:
            LeaseLost: another coordinator has taken over.
            IllegalTransition: that state cannot follow the present one.
        """
        sources = [s for s, targets in STUDY_MOVES.items() if state in targets]
        times: dict[str, Any] = {"finished_at": None if state in ("queued", "running", "paused") else now()}
        if state == "running":
            times["started_at"] = func.coalesce(Study.started_at, now())
        elif state != "queued":
            times["request"] = None
        with self._fenced(claim) as connection:
            here = (Study.id == claim.study_id) & Study.state.in_(sources)
            done = connection.execute(update(Study).where(here).values(state=state, reason=reason, **times))
            if done.rowcount != 1:
                raise IllegalTransition(f"study {claim.name!r} cannot become {state} from its present state")
            state_changed(connection, claim.study_id, state, reason)

    @persistent
    def replace_spec(self, claim: Claim, spec: dict[str, Any], spec_hash: str) -> None:
        """Keep another spec for the study, which may then go on.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        values = {"spec": spec, "spec_hash": spec_hash, "state": "queued", "reason": "extended", "finished_at": None}
        with self._fenced(claim) as connection:
            connection.execute(update(Study).where(Study.id == claim.study_id).values(**values))

    @persistent
    def add_trials(self, claim: Claim, proposals: Sequence[Proposal]) -> None:
        """Add waiting trials, all or none; those whose number exists already are left as they are."""
        rows = [trial_values(claim.study_id, p) for p in proposals]
        if rows:
            with self._fenced(claim) as connection:
                connection.execute(self._insert_new(Trial).on_conflict_do_nothing(), rows)

    @persistent
    def write(
        self,
        claim: Claim,
        started: Sequence[int] = (),
        counted: Sequence[tuple[int, int]] = (),
        epochs: Sequence[tuple[int, EpochResult]] = (),
        ended: Sequence[TrialEnd] = (),
    ) -> None:
        """Record what runs did, in one transaction: trials started, MACs counted, epochs finished, attempts ended.

        Raises:
            LeaseLost: another coordinator has taken over.
            IllegalTransition: a trial was not in the state the change starts from.
        """
        with self._fenced(claim) as connection:
            add_event(connection, claim.study_id, "runs", runs_event(started, epochs, ended))
            trial_writes.start(connection, claim, started)
            trial_writes.count(connection, claim, counted)
            if epochs:
                trial_writes.add_epochs(connection, claim, self._insert_new, epochs)
            trial_writes.end(connection, claim, ended)

    # --- what everyone reads

    @persistent
    def trials(self, name: str, since_round: int = 0) -> list[TrialRow]:
        """The study's trials by number, those of earlier rounds than ``since_round`` left out."""
        here = (Study.name == name) & (Trial.round >= since_round)
        query = select(Trial.__table__).join(Study).where(here).order_by(Trial.number)
        with self._transaction() as connection:
            return [trial_row(row) for row in connection.execute(query)]

    @persistent
    def epochs(self, name: str) -> list[tuple[int, int, EpochResult]]:
        """(trial number, attempt, epoch result) of every epoch of the study, in that order."""
        query = select(Trial.number, Epoch.__table__).join_from(Epoch, Trial).join(Study).where(Study.name == name)
        with self._transaction() as connection:
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
        """Keep a choice, its family and its portrait; all are the JSON forms of their rooms."""
        shown = {k: choice[k] for k in ("method", "alpha", "beta", "gamma", "shares", "accuracy")}
        members = {c.name for c in FamilyMember.__table__.columns} - {"id", "choice_id"}
        with self._fenced(claim) as connection:
            old = delete(Choice).where(Choice.study_id == claim.study_id, Choice.after_trials == after_trials)
            connection.execute(old)
            row = {**shown, "after_trials": after_trials, "made_at": now(), "study_id": claim.study_id}
            row |= {"result": json.loads(json.dumps(choice)), "portrait": portrait}
            made = connection.execute(insert(Choice).values(**row).returning(Choice.id)).scalar_one()
            add_event(connection, claim.study_id, "choice", {"after_trials": after_trials})
            rows = [{k: m[k] for k in members} | {"choice_id": made} for m in family]
            if rows:
                connection.execute(insert(FamilyMember), rows)

    @persistent
    def choice(self, name: str) -> dict[str, Any] | None:
        """The newest choice in its JSON form, or None."""
        query = select(Choice.result).join(Study).where(Study.name == name).order_by(Choice.id.desc()).limit(1)
        with self._transaction() as connection:
            return connection.execute(query).scalar()
