"""The proxy section: what the dataset decides, and what is refused before the data is read."""

from __future__ import annotations

import pytest

from scaling_search.errors import SpecError
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study_file import parse


@pytest.mark.parametrize(
    ("proxy", "classes", "channels", "px"),
    [
        ("dataset: cifar100", 100, 3, 32),
        ("dataset: emnist", 47, 1, 28),
        ("dataset: image_folder", 1000, 3, 320),
        ("dataset: image_folder, classes: 7, channels: 1, stored_px: 64", 7, 1, 64),
        ("dataset: numpy", 10, 3, None),
        ("dataset: numpy, classes: 4, channels: 5", 4, 5, None),
    ],
)
def test_a_plan_takes_classes_and_channels_from_the_spec(
    proxy: str, classes: int, channels: int, px: int | None
) -> None:
    spec = parse(f"name: x\nproxy: {{{proxy}, root: /nowhere}}\n")
    base = spec.base_architecture()
    assert (base.classes, base.image_channels, spec.proxy.native_px) == (classes, channels, px)


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("dataset: cifar10, channels: 1", ["channels (1)", "cifar10 has 3"]),
        ("dataset: cifar100, classes: 10", ["classes (10)", "cifar100 has 100"]),
        ("dataset: image_folder, channels: 4", ["channels (4)", "1 channel (grey) or 3 (RGB)"]),
        ("dataset: svhn, train_size: 70000", ["75000", "svhn", "73257"]),
        ("dataset: numpy, channels: 0", ["proxy.channels"]),
        ("dataset: image_folder, cache_gb: -1", ["proxy.cache_gb"]),
        ("dataset: image_folder, stored_px: 2", ["proxy.stored_px"]),
        ("dataset: image_folder, workers: -1", ["proxy.workers"]),
    ],
)
def test_what_is_known_to_be_wrong_is_said_at_once(proxy: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"name: x\nproxy: {{{proxy}}}\n")
    assert all(word in caught.value.message for word in words)


def test_the_peak_rate_falls_with_depth_as_asked() -> None:
    proxy = ProxySpec(learning_rate=0.004, depth_exponent=0.5)
    assert proxy.at_depth(4.0) == proxy.model_copy(update={"learning_rate": 0.002})
    assert proxy.at_depth(1.0) == proxy
    assert ProxySpec(learning_rate=0.004).at_depth(4.0).learning_rate == 0.004


def test_class_count_is_the_datasets_unless_given() -> None:
    assert ProxySpec().class_count == 10
    assert ProxySpec(dataset="image_folder", classes=37).class_count == 37
