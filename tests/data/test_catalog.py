"""Names of datasets and what is known of each before it is opened."""

from __future__ import annotations

import pytest
from torchvision import datasets as torchvision_datasets

from scaling_search.data.catalog import DATASETS, resolve
from scaling_search.data.dataset import open_dataset
from scaling_search.errors import InputError, SpecError
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study_file import parse

pytestmark = pytest.mark.usefixtures("user_cache")


def test_a_torchvision_class_is_another_name_of_its_set() -> None:
    assert resolve("torchvision:CIFAR10") == "cifar10"
    assert ProxySpec(dataset="torchvision:SVHN") == ProxySpec(dataset="svhn")
    assert resolve("numpy") == "numpy"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("torchvision:Food101", "differ in size"),
        ("torchvision:VOCDetection", "not a classification set"),
        ("torchvision:Omniglot", "test classes"),
        ("torchvision:Nonsense", "not a classification set"),
        ("torchvision:", "not a classification set"),
        ("Cifar10", "unknown dataset"),
    ],
)
def test_other_names_are_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(SpecError, match=why) as caught:
        parse(f"name: x\nproxy: {{dataset: '{name}'}}\n")
    assert "proxy.dataset" in caught.value.message
    assert "cifar10" in caught.value.message.lower()
    with pytest.raises(InputError, match=why):
        open_dataset(name)


def test_every_set_names_a_class_of_torchvision_and_the_files_it_wants() -> None:
    for facts in DATASETS.values():
        if facts.torchvision:
            assert hasattr(torchvision_datasets, facts.torchvision)
            assert facts.files
            assert facts.native_px
