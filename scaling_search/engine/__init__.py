"""Where trials run: protocol, local processes, Ray."""

from scaling_search.engine.local import LocalEngine
from scaling_search.engine.making import make_engine
from scaling_search.engine.protocol import Counted, Engine, Event, Failed, Finished, Progress, Task, Tested

__all__ = [
    "Counted",
    "Engine",
    "Event",
    "Failed",
    "Finished",
    "LocalEngine",
    "Progress",
    "Task",
    "Tested",
    "make_engine",
]
