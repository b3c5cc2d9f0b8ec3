"""The error tree: every error a person can cause carries a message and a hint.

``exit_code`` is what the command line returns: 2 when the input was wrong, 1 when something failed while running.
"""

from __future__ import annotations


class ScalingSearchError(Exception):
    """Root of the tree. ``message`` says what is wrong, ``hint`` what to do about it."""

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
    """A study file is wrong; the message names the field and the value."""


class NoCandidates(InputError):
    """No real network lies within the tolerance of the target cost."""


class StudyChanged(InputError):
    """A spec differs from the one stored under its name."""


class StudyExists(InputError):
    """A study of that name is stored already."""


class NotFound(InputError):
    """No study, trial or base of that name."""


class InfrastructureError(ScalingSearchError):
    """The disk or the data stopped a run; its network is not to blame, so its trial waits for better times."""


class DataError(InfrastructureError):
    """A dataset is missing, unreadable or not what the spec says."""


class CheckpointError(InfrastructureError):
    """A checkpoint cannot be written."""


class StoreError(ScalingSearchError):
    """The database cannot be used."""


class LeaseLost(StoreError):
    """Another coordinator holds the study; nothing was written."""


class IllegalTransition(StoreError):
    """A study or trial was not in the state the change starts from."""


class EngineError(ScalingSearchError):
    """Runs cannot be started here."""


class CostMismatch(ScalingSearchError):
    """The built network's counted cost differs from the closed form."""


class Diverged(ScalingSearchError):
    """Training gave a value that is not finite."""
