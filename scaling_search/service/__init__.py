"""The service: an API and a dashboard over one store, and a worker beside them."""

from scaling_search.service.app import create_app
from scaling_search.service.settings import Settings

__all__ = ["Settings", "create_app"]
