"""Fixtures of the dataset tests: the digits, a folder of pictures, and a user without a cache or a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.data.dataset import Dataset, open_dataset
from tests.support.images import RANDOM, random_images, save_images


@pytest.fixture
def user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's cache folder, empty; every connection to the network is refused."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    return tmp_path / "home" / "scaling_search"


@pytest.fixture(scope="session")
def digits(digits_root: Path) -> Dataset:
    return open_dataset("digits", digits_root)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Thirty pictures of three classes, of many sizes, as PNG and JPEG."""
    root = tmp_path / "pictures"
    for c in range(3):
        sizes = [(int(h), int(w), 3) for h, w in RANDOM.integers(10, 30, (10, 2))]
        save_images(root / f"class{c}", [random_images(*size) // 2 + 60 * c for size in sizes[:7]], "png")
        save_images(root / f"class{c}" / "more", [random_images(*size) for size in sizes[7:]], "jpg")
    return root
