from .coordinator import Coordinator as Coordinator
from .progress import Snapshot as Snapshot
from .run import run_study as run_study
