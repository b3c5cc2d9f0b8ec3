"""Torch code: build, count, time, train, and inspect one network."""

from scaling_search.training.checkpoints import Location, checkpoint_of, folder_of

__all__ = ["Location", "checkpoint_of", "folder_of"]
