"""Real studies on the digits up to their choice: other bases, a user's factory, and half the cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.engine import LocalEngine
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database

SUPPORT = Path(__file__).parents[1] / "support"

STUDY = """
name: {name}
base: {base}
budget: {{divisor: 2, tolerance: 0.05, target: {target}}}
search: {{trials: 10, replicates: 2, base_runs: 1, round: 5}}
proxy: {{dataset: digits, root: {root}, train_size: 256, validation_size: 256, epochs: 2, batch_size: 64, crop: 1, flip: false}}
family: {family}
"""

STUDIES = {
    "resnet18": ("{network: resnet18, width: 0.125, resolution: 8, strides: [1, 1, 2, 1, 1]}", 2, "{base: resnet18, phi: [1]}"),
    "mobilenet_v2": (
        "{network: mobilenet_v2, width: 0.25, resolution: 6, strides: [1, 1, 2, 1, 2, 1, 1, 1]}",
        2,
        "{base: mobilenet_v2, phi: [1]}",
    ),
    "factory": ("{factory: 'own_nets:sound', resolution: 8}", 2, "{base: own, resolution: 16, phi: [1]}"),
    "half": ("{network: resnet18, width: 0.25, resolution: 8, strides: [1, 1, 2, 1, 1]}", 0.5, "{phi: [-1]}"),
}  # fmt: skip


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n != "half" else n for n in STUDIES])
def test_a_study_of_it_runs_to_its_choice(
    name: str, tmp_path: Path, digits_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SUPPORT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    base, target, family = STUDIES[name]
    spec = parse(STUDY.format(name=name, base=base, target=target, family=family, root=digits_root))
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    row = run_study(spec, store, LocalEngine(2), tmp_path / "runs")
    trials, choice = store.trials(name), store.choice(name)
    store.close()
    assert row.state == "complete"
    assert [t.state for t in trials] == ["complete"] * 11
    assert all(t.counted_macs in (None, t.macs) for t in trials)
    assert any(t.counted_macs for t in trials)
    assert all(t.macs_ratio == pytest.approx(target, rel=0.051) for t in trials if t.role == "candidate")
    assert choice is not None
    assert sum(choice["shares"]) == pytest.approx(1)
    assert min(choice["alpha"], choice["beta"], choice["gamma"]) >= 1
    family_models = choice["family"]["models"]
    assert family_models[1]["macs_ratio"] == pytest.approx(target, rel=0.1 if name == "factory" else 0.01)
