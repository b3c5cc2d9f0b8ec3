"""Arrays cached on disk: written once, whole or not at all, and checked when they are read."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from scaling_search.data.array_cache import Images, Labels, cached_arrays, default_test_split
from scaling_search.data.dataset import open_dataset
from scaling_search.errors import DataError
from tests.support.images import random_images


@pytest.mark.parametrize(("n", "test"), [(1_797, 360), (1_593, 319), (27_000, 5_400), (5, 1), (6, 2)])
def test_a_fifth_is_held_out_where_there_is_no_test_split(n: int, test: int) -> None:
    parts = [default_test_split(n, "development"), default_test_split(n, "test")]
    assert [len(part) for part in parts] == [n - test, test]
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert np.array_equal(parts[1], default_test_split(n, "test"))


def test_one_process_decodes_while_others_wait(tmp_path: Path) -> None:
    calls = list[int]()

    def make() -> tuple[Images, Labels]:
        calls.append(1)
        time.sleep(0.2)
        return random_images(3, 2, 2, 1), np.arange(3)

    def open_cached(_: int) -> Images:
        return cached_arrays("digits", tmp_path / "cache" / "digits", tmp_path / "lock", make, "no hint")[0]

    with ThreadPoolExecutor(4) as pool:
        arrays = list(pool.map(open_cached, range(4)))
    assert len(calls) == 1
    assert all(np.array_equal(images, arrays[0]) for images in arrays)


def test_what_a_killed_process_left_is_swept_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    for name in ("digits-development.npy.7.tmp", "digits-development-labels.npy.7.tmp"):
        (tmp_path / "cache" / name).write_bytes(b"half")
    assert len(open_dataset("digits", tmp_path).labels) == 1_437
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_cache_is_written_once_and_mapped(tmp_path: Path) -> None:
    first = open_dataset("digits", tmp_path)
    files = sorted((tmp_path / "cache").iterdir())
    assert [f.name for f in files] == ["digits-development-labels.npy", "digits-development.npy"]
    written = [f.stat().st_ino for f in files]
    again = open_dataset("digits", tmp_path)
    assert [f.stat().st_ino for f in files] == written
    assert isinstance(first.images, np.memmap)
    assert str(first.images.filename) == str(files[1])
    assert np.array_equal(first.images, again.images)


def test_writing_to_a_mapped_image_leaves_the_cache_alone(tmp_path: Path) -> None:
    open_dataset("digits", tmp_path).images[:] = 7
    assert open_dataset("digits", tmp_path).images.max() == 255


@pytest.mark.parametrize(
    "content",
    [b"", b"no array", b"PK\x03\x04 no zip", "half", "header", "other"],
    ids=["empty", "other bytes", "zip-like", "truncated", "damaged header", "another length"],
)
@pytest.mark.parametrize("which", ["digits-development.npy", "digits-development-labels.npy"])
def test_a_damaged_cache_is_named(tmp_path: Path, which: str, content: bytes | str) -> None:
    open_dataset("digits", tmp_path)
    file = tmp_path / "cache" / which
    raw = file.read_bytes()
    if content == "other":
        np.save(file, np.load(file)[:100])
    else:
        texts = {"half": raw[: len(raw) // 2], "header": raw[:11] + b"(((((" + raw[16:]}
        file.write_bytes(content if isinstance(content, bytes) else texts[content])
    with pytest.raises(DataError, match=r"cached copy of digits is damaged") as caught:
        open_dataset("digits", tmp_path)
    assert str(tmp_path / "cache") in caught.value.message
    assert "delete" in caught.value.hint


def test_half_a_cache_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    open_dataset("digits", tmp_path)
    (tmp_path / "cache" / "digits-development-labels.npy").unlink()
    assert len(open_dataset("digits", tmp_path).labels) == 1_437
    (tmp_path / "cache" / "digits-development.npy").unlink()
    with pytest.raises(DataError, match="damaged"):
        open_dataset("digits", tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DataError, match="cannot prepare digits") as caught:
        open_dataset("digits", file)
    assert "proxy.root" in caught.value.hint
