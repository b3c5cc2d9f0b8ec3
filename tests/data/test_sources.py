"""The table of sources: every reader exists, planning loads none, and one entry makes a new source known everywhere."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

from scaling_search.data import catalog
from scaling_search.data.catalog import SOURCES, is_dataset_name, source_of
from scaling_search.data.check import check
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.data.sources import DatasetFacts, Source, SplitRequest
from scaling_search.errors import DataError, SpecError
from tests.support.factories import tiny_spec


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_has_a_reader(source: Source) -> None:
    assert callable(import_module(source.reader).open_split)
    assert source_of(f"{source.name}x" if source.is_prefix else source.name) is source


def test_planning_loads_no_reader() -> None:
    code = (
        "import sys; from scaling_search.spec import parse;"
        "from scaling_search.spec.search_space import search_space;"
        "search_space(parse('name: x'));"
        "print(sorted({'torch', 'torchvision', 'PIL', 'datasets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _open_split(request: SplitRequest) -> Dataset:
    if request.name == "noise:none":
        raise DataError("noise:none has no images", "give another name")
    images = np.arange(20 * 4 * 4, dtype=np.int64).reshape(20, 4, 4, 1).astype(np.uint8)
    return Dataset(request.name, images, np.arange(20) % 2)


@pytest.fixture
def _noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source with the prefix ``noise:``, whose reader is a module of this test."""
    reader = ModuleType("noise_reader")
    monkeypatch.setattr(reader, "open_split", _open_split, raising=False)
    monkeypatch.setitem(sys.modules, "noise_reader", reader)
    facts = DatasetFacts(2, 1, None, None, "noise")
    monkeypatch.setitem(catalog.SOURCES, "noise:", Source("noise:", facts, "noise_reader", names_a_path=True))


@pytest.mark.usefixtures("_noise")
def test_an_entry_makes_a_source_known_to_studies_and_readers() -> None:
    assert is_dataset_name("noise:white")
    proxy = tiny_spec(proxy={"dataset": "noise:white", "train_size": 10, "validation_size": 5, "batch_size": 5}).proxy
    assert (proxy.class_count, proxy.channel_count, proxy.native_px) == (2, 1, None)
    assert open_dataset("noise:white").labels.tolist() == [0, 1] * 10
    assert check("noise:white", None, proxy.data_request())["images"] == 20
    with pytest.raises(SpecError, match="no dataset given"):
        tiny_spec(proxy={"dataset": "noise:"})
    with pytest.raises(DataError, match="no images"):
        open_dataset("noise:none")


def test_other_prefixes_are_unknown() -> None:
    assert not is_dataset_name("noise:white")
    with pytest.raises(SpecError, match="unknown dataset"):
        tiny_spec(proxy={"dataset": "numpy:x"})
    with pytest.raises(KeyError, match="noise:white"):
        source_of("noise:white")
