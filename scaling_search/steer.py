"""What a coordinator does when it is asked to pause, stop or cancel, to use other slots, or when its time is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scaling_search.store import Control

if TYPE_CHECKING:
    from scaling_search.coordinator import Coordinator


def obey(coordinator: Coordinator) -> bool:
    """Carry out what the database and the clock ask; whether the study has been left.

    Raises:
        LeaseLost: another coordinator has taken over.
    """
    orders = Control(coordinator.store).orders(coordinator.claim)
    if orders.slots is not None:
        coordinator.engine.slots = orders.slots
    if orders.request == "pause":
        coordinator.leave("paused", "pause was asked for")
    elif orders.request == "cancel":
        coordinator.leave("stopped", "cancel was asked for")
    elif _is_over(coordinator):
        hours = coordinator.spec.run.max_hours
        coordinator.leave("stopped", f"run.max_hours ({hours:g}) is over; run it again to go on")
    else:
        if coordinator.draining != (orders.request == "stop"):
            coordinator.draining = orders.request == "stop"
            coordinator.stopped = "stop was asked for" if coordinator.draining else None
        return False
    return True


def _is_over(coordinator: Coordinator) -> bool:
    hours = coordinator.spec.run.max_hours
    return hours is not None and time.monotonic() - coordinator.began > hours * 3600
