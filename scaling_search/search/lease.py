"""Who holds a study: taking it over from a coordinator that is gone, and keeping out of the way of one that is not."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection

from scaling_search.errors import StoreError
from scaling_search.records import StudyState
from scaling_search.store import Claim, Store

LEASE = 20.0
"""Seconds a claim lasts; it is renewed when a third of that has gone."""


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_dead(owner: str) -> bool:
    """Whether an owner was a process of this host that is gone."""
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


def take(store: Store, name: str, seconds: float = LEASE, states: Collection[StudyState] | None = None) -> Claim | None:
    """Take a study that nobody holds, or that a process of this host did which is gone, if it is in one of ``states``.

    Raises:
        NotFound: there is no such study.
    """
    held = store.holder(name)
    if held is not None and not _is_dead(held[0]):
        return None
    return store.claim(name, _owner(), seconds, held[0] if held else None, states)


def claim_study(store: Store, name: str, wait: float = LEASE + 5) -> Claim:
    """Take the study, waiting for the lease of a holder that may be dead.

    Raises:
        StoreError: a live coordinator holds it.
    """
    until = time.monotonic() + wait
    while True:
        claim = take(store, name)
        if claim is not None:
            return claim
        if time.monotonic() > until:
            held = store.holder(name)
            owner = held[0] if held else "another coordinator"
            raise StoreError(f"study {name!r} is being run by {owner}", "watch it with `show`, or stop it there first")
        time.sleep(0.5)
