"""What a coordinator is to do when it is asked to pause, stop or cancel, or when its time is over. Pure."""

from __future__ import annotations

from scaling_search.records import StudyState
from scaling_search.spec.run import RunSpec
from scaling_search.store.control import Orders


def requested_exit(orders: Orders, run: RunSpec, hours: float) -> tuple[StudyState, str] | None:
    """The state in which a study that has run for so many hours is to be left now, and why; None to go on."""
    if orders.request == "pause":
        return "paused", "pause was asked for"
    if orders.request == "cancel":
        return "stopped", "cancel was asked for"
    if run.max_hours is not None and hours > run.max_hours:
        return "stopped", f"run.max_hours ({run.max_hours:g}) is over; run it again to go on"
    return None
