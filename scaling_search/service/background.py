"""Error handling of endless background loops."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from scaling_search.errors import StoreError

log = logging.getLogger("scaling_search.service")


class LoopErrors:
    """Lets an endless loop continue after an error, and logs unexpected errors once."""

    def __init__(self, loop_name: str) -> None:
        self.loop_name = loop_name
        self._logged: set[tuple[type[Exception], str, int | None]] = set()

    @contextmanager
    def caught(self) -> Iterator[None]:
        """For one step of the loop. A StoreError is ignored, as the database may be unreachable for a while.

        Any other error is a bug. It is logged with its traceback, but only once for each place that raises it.
        """
        try:
            yield
        except StoreError:
            pass
        except Exception as e:
            frame = traceback.extract_tb(e.__traceback__)[-1]
            place = type(e), frame.filename, frame.lineno
            if place not in self._logged:
                self._logged.add(place)
                log.exception("%s failed and continues; the same error is not logged again", self.loop_name)
