"""`data check`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

REFUSED: list[tuple[str, int, str]] = [
    ("data check fashion-mnist", 2, "there is no dataset 'fashion-mnist'"),
    ("data check fashion-mnist", 2, "did you mean fashion_mnist"),
    ("data check CIFAR-100", 2, "did you mean cifar100"),
    ("data check quick_start", 2, "did you mean quickstart?"),
    ("data check nothing-like-it", 2, "datasets: fashion_mnist, digits"),
    ("data check nope.yaml", 2, "cannot read the study file nope.yaml"),
    ("data check torchvision:Nope", 2, "torchvision:Nope cannot be used"),
]


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
