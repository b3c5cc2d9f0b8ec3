"""What several test files need: the golden numbers, random networks, and one hypothesis profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from scaling_search.architecture import Architecture, Stage

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

GOLDEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "efficientnet.json").read_text())["models"]


@pytest.fixture(params=range(len(GOLDEN)), ids=[m["name"] for m in GOLDEN])
def published(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each released EfficientNet in turn: its literals and its exact cost."""
    return GOLDEN[request.param]


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
