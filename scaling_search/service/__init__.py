"""HTTP API and dashboard."""

from scaling_search.service.app import create_app
from scaling_search.service.settings import Settings

__all__ = ["Settings", "create_app"]
