"""Torch code: build, count, time, train, and inspect one network."""

from scaling_search.training.checkpoints import Place, checkpoint_of, folder_of

__all__ = ["Place", "checkpoint_of", "folder_of"]
