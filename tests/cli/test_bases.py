"""`base list`, `base show`, and what `base check` refuses. tests/networks/test_own_base.py has its findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.networks.bases import FACTS
from scaling_search.networks.cost import cost

REFUSED: list[tuple[str, int, str]] = [
    ("base check nope", 2, "there is no study file 'nope'"),
    ("base check :b", 2, "invalid factory ':b'"),
    ("base check ../x:y", 2, "invalid factory '../x:y'"),
    ("base check no_such_nets:f", 2, "cannot import no_such_nets:f: ModuleNotFoundError"),
]


def test_every_base_is_listed_with_its_cost(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    bases = printed_json("base", "list", cwd=tmp_path)
    assert {b["name"]: b["macs"] for b in bases} == {name: cost(facts.network).macs for name, facts in FACTS.items()}
    table = printed("base", "list", cwd=tmp_path).decode()
    assert all(f"\n{name} " in table for name in FACTS)


def test_a_base_is_shown_with_its_stages(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    facts = printed_json("base", "show", "resnet50", cwd=tmp_path)
    assert (facts["name"], facts["resolution_px"], len(facts["stages"])) == ("resnet50", 224, 4)
    text = printed("base", "show", "resnet50", cwd=tmp_path).decode()
    assert text.startswith("resnet50\n  MACs: ")
    assert all(words in text for words in (facts["depth"], facts["width"], facts["stays"]))


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
