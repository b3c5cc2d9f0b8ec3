"""Who holds a study: taking it over from a coordinator that is gone, and keeping out of the way of one that is not."""

from __future__ import annotations

import os
import socket
import time

from scaling_search.errors import StoreError
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


def is_free(store: Store, name: str) -> bool:
    """Whether nobody holds the study, or a process of this host did that is gone."""
    held = store.holder(name)
    return held is None or _is_dead(held[0])


def claim_study(store: Store, name: str, wait: float = LEASE + 5) -> Claim:
    """Take the study, waiting for the lease of a holder that may be dead.

    Raises:
        StoreError: a live coordinator holds it.
    """
    until = time.monotonic() + wait
    while True:
        held = store.holder(name)
        dead = held[0] if held and _is_dead(held[0]) else None
        claim = store.claim(name, _owner(), LEASE, dead)
        if claim is not None:
            return claim
        if time.monotonic() > until:
            owner = held[0] if held else "another coordinator"
            raise StoreError(f"study {name!r} is being run by {owner}", "watch it with `show`, or stop it there first")
        time.sleep(0.5)
