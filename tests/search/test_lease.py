"""A study is held by one coordinator at a time."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import pytest

from scaling_search.errors import NotFound, StoreError
from scaling_search.search.lease import claim_study, try_claim
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store
from scaling_search.store.states import CLAIMABLE

LIVE = f"{socket.gethostname()}:{os.getppid()}"


def ended_process() -> int:
    """The number of a process of this host that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_a_live_coordinator_is_left_alone(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", LIVE, 60)
    assert try_claim(store, "tiny") is None
    with pytest.raises(StoreError, match="is being run by"):
        claim_study(store, "tiny", wait=0)


def test_a_dead_coordinator_of_this_host_is_followed_at_once(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", f"{socket.gethostname()}:{ended_process()}", 60)
    assert claim_study(store, "tiny", wait=0).fence == 2


def test_a_coordinator_of_another_host_keeps_its_study_for_as_long_as_its_lease(
    store: Store, tiny: Callable[..., str]
) -> None:
    get_or_create_study(store, parse(tiny()))
    began = time.monotonic()
    store.claim("tiny", f"elsewhere:{ended_process()}", 1.5)
    assert try_claim(store, "tiny") is None
    assert claim_study(store, "tiny", wait=30).fence == 2
    assert time.monotonic() - began >= 1.4


def test_an_earlier_process_with_our_number_is_dead(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", f"{socket.gethostname()}:{os.getpid()}", 60)
    claim = try_claim(store, "tiny")
    assert claim is not None
    assert (claim.owner, claim.fence) == (f"{socket.gethostname()}:{os.getpid()}", 2)


def test_a_study_in_another_state_is_not_claimed(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    claim = claim_study(store, "tiny")
    store.move_study(claim, "running")
    store.move_study(claim, "paused")
    store.release(claim)
    assert try_claim(store, "tiny", states=CLAIMABLE) is None
    assert try_claim(store, "tiny") is not None


def test_a_study_that_does_not_exist_cannot_be_claimed(store: Store) -> None:
    with pytest.raises(NotFound):
        try_claim(store, "tiny")
