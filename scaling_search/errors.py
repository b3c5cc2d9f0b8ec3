"""The error tree. Every error that a user can cause has a message, a hint, and an exit code of the command line.

Exit code 2 means wrong input, 1 a failure while running.
"""

from __future__ import annotations


class ScalingSearchError(Exception):
    """Base class. ``message`` says what is wrong, ``hint`` what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[type[ScalingSearchError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class InputError(ScalingSearchError):
    """A value given on the command line or to a function is wrong."""

    exit_code = 2


class SpecError(InputError):
    """A study file is invalid; the message names the field and the value."""


class NoCandidates(InputError):
    """No real network lies within the tolerance of the target cost."""


class StudyChanged(InputError):
    """A spec differs from the stored spec of the same name."""


class StudyExists(InputError):
    """A study of that name already exists."""


class NotFound(InputError):
    """No study, trial or base of that name."""


class InfrastructureError(ScalingSearchError):
    """The disk or the data stopped a run. The network is not the cause, so the trial goes back to waiting."""


class DataError(InfrastructureError):
    """A dataset is missing, unreadable, or differs from the spec."""


class CheckpointError(InfrastructureError):
    """A checkpoint cannot be written."""


class StoreError(ScalingSearchError):
    """The database cannot be used."""


class LeaseLost(StoreError):
    """Another coordinator holds the study; nothing was written."""


class IllegalTransition(StoreError):
    """A study or trial is not in the state that the change requires."""


class EngineError(ScalingSearchError):
    """The engine cannot start runs."""


class CostMismatch(ScalingSearchError):
    """The counted cost of a built network differs from its closed form."""


class Diverged(ScalingSearchError):
    """Training gave a loss that is not finite."""
