"""Claims on studies: take a free study, or one whose coordinator has died; renew the claim while the study runs."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Collection

from scaling_search.errors import LeaseLost, StoreError
from scaling_search.records import StudyState
from scaling_search.store import Claim, Store

LEASE_S = 20.0
"""How long a claim lasts unless it is renewed; it is renewed after a third of that."""

log = logging.getLogger(__name__)


def _owner_of_this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _has_died(owner: str) -> bool:
    """Whether an owner was a process of this host that no longer exists.

    An owner with our own process number is an earlier process that had the same number.
    """
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid()


def try_claim(
    store: Store, name: str, seconds: float = LEASE_S, states: Collection[StudyState] | None = None
) -> Claim | None:
    """Claim a study that nobody holds or whose holder has died, if its state is one of ``states``; None otherwise.

    Raises:
        NotFound: there is no such study.
    """
    holder = store.holder(name)
    if holder is not None and not _has_died(holder[0]):
        return None
    return store.claim(name, _owner_of_this_process(), seconds, holder[0] if holder else None, states)


def claim_study(store: Store, name: str, wait: float = LEASE_S + 5) -> Claim:
    """Claim a study; wait up to ``wait`` seconds for the lease of another holder to run out.

    Raises:
        NotFound: there is no such study.
        StoreError: a live coordinator holds it.
    """
    deadline = time.monotonic() + wait
    while True:
        claim = try_claim(store, name)
        if claim is not None:
            return claim
        if time.monotonic() > deadline:
            holder = store.holder(name)
            owner = holder[0] if holder else "another coordinator"
            raise StoreError(f"study {name!r} is being run by {owner}", "watch it with `show`, or stop it there first")
        time.sleep(0.5)


class LeaseRenewal:
    """Renews a claim from a thread of its own within a ``with`` block, however long the coordinator works on one step.

    The thread takes its own connection from the store's pool, as the coordinator's thread does.
    """

    def __init__(self, store: Store, claim: Claim) -> None:
        self.store, self.claim = store, claim
        self._loss: LeaseLost | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._renew_until_over, name="lease", daemon=True)

    def __enter__(self) -> LeaseRenewal:
        """Renew the claim now and start the thread.

        Raises:
            LeaseLost: another coordinator has taken over.
        """
        self.store.renew(self.claim, LEASE_S)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(timeout=LEASE_S / 3)

    def raise_if_lost(self) -> None:
        """For the coordinator's thread to call before each step.

        Raises:
            LeaseLost: the last renewal found that another coordinator has taken over.
        """
        if self._loss is not None:
            raise LeaseLost(self._loss.message, self._loss.hint)

    def _renew_until_over(self) -> None:
        while not self._is_over.wait(LEASE_S / 3):
            try:
                self.store.renew(self.claim, LEASE_S)
            except LeaseLost as e:
                self._loss = e
                return
            except StoreError as e:  # the coordinator's own writes fail too, and end the study
                log.warning("cannot renew the lease of study %s: %s", self.claim.name, e.message)
