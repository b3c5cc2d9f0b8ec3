"""The `scaling-search` command."""

from scaling_search.cli.entry import app, main

__all__ = ["app", "main"]
