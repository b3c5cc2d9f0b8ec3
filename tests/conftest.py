"""What several test files need: golden numbers, random networks, small studies, and a store on each kind of database."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from scaling_search.engine import Engine, make_engine
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.blocks import Stage
from scaling_search.spec.run import RunSpec
from scaling_search.store import Store, open_database, upgrade_database
from tests.support.factories import TINY, digits_dir, tiny_yaml
from tests.support.postgresql import Server, needed_binaries

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

GOLDEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "efficientnet.json").read_text())[
    "models"
]


@pytest.fixture(params=range(len(GOLDEN)), ids=[m["name"] for m in GOLDEN])
def published(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each released EfficientNet in turn: its literals and its exact cost."""
    model: dict[str, Any] = GOLDEN[request.param]
    return model


@pytest.fixture(scope="session")
def networks() -> st.SearchStrategy[Architecture]:
    """Small random networks, any channel counts, one to three stages."""
    stage = st.builds(
        Stage,
        block=st.just("mbconv"),
        expand=st.sampled_from([1, 2, 6]),
        kernel=st.sampled_from([3, 5]),
        stride=st.sampled_from([1, 2]),
        channels=st.integers(2, 24),
        blocks=st.integers(1, 3),
    )
    return st.builds(
        Architecture,
        base=st.just("random"),
        stem=st.integers(2, 24),
        stem_stride=st.sampled_from([1, 2]),
        stages=st.lists(stage, min_size=1, max_size=3).map(tuple),
        head=st.integers(8, 64),
        resolution=st.integers(8, 40),
        classes=st.integers(2, 20),
        image_channels=st.sampled_from([1, 3]),
    )


@pytest.fixture(scope="session")
def digits_root() -> Path:
    """The folder of the digits of ``tiny_yaml`` and ``tiny_spec``."""
    return digits_dir()


@pytest.fixture(scope="session")
def diverging() -> str:
    """A study none of whose runs stays finite."""
    return tiny_yaml(proxy={"batch_size": 8, "learning_rate": 10, "weight_decay": 10})


@pytest.fixture
def damaged_root(tmp_path: Path) -> Path:
    """A dataset folder whose cached digits cannot be read."""
    cache = tmp_path / "damaged" / "cache"
    cache.mkdir(parents=True)
    for name in ("digits-development.npy", "digits-development-labels.npy"):
        (cache / name).write_bytes(b"no array")
    return cache.parent


@pytest.fixture(scope="session")
def tiny() -> Callable[..., str]:
    """``tiny_yaml`` with fields given by name alone, as YAML; new tests call ``tiny_yaml`` or ``tiny_spec``."""

    section_of = {field: section for section, fields in TINY.items() for field in fields} | {"root": "proxy"}

    def text(name: str = "tiny", **changes: str) -> str:
        sections: dict[str, dict[str, Any]] = defaultdict(dict)
        for field, value in changes.items():
            sections[section_of[field]][field] = yaml.safe_load(value)
        return tiny_yaml(name, **sections)

    return text


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A real server; skips where PostgreSQL is not installed."""
    server = Server(needed_binaries())
    yield server
    server.close()


@pytest.fixture(scope="module")
def ray_here() -> Iterator[Engine]:
    """A Ray of our own on this machine, of two CPUs, which the engines made meanwhile share."""
    pytest.importorskip("ray", reason="pip install 'scaling-search[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.setenv("RAY_worker_niceness", "0")  # Ray's 15 would starve them on a busy machine
        keeper = make_engine(RunSpec(engine="ray"), 2)
    yield keeper
    keeper.close()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema and no rows, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    upgrade_database(str(path))
    return path


@pytest.fixture(scope="session")
def empty_database(postgresql: Server) -> str:
    """The name of a PostgreSQL database with the newest schema and no rows, to be copied."""
    url = postgresql.new_database()
    upgrade_database(url)
    return str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest schema and no rows, of each kind: where it is, as --db has it."""
    if request.param == "sqlite":
        return str(shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "s.db"))
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database(request.getfixturevalue("empty_database"))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store on a database of each kind."""
    opened = Store(open_database(database))
    yield opened
    opened.close()
