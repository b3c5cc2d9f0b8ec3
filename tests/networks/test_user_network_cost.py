"""The cost of a user's network: measured in a subprocess, cached, and refused in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaling_search.errors import CostMismatch, InputError, SpecError
from scaling_search.export.frameworks import CODE_FORMATS
from scaling_search.networks import architecture
from scaling_search.networks import user_network_cost as measured
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study_file import parse
from scaling_search.training.build import build_model
from scaling_search.training.count import verify_cost
from scaling_search.training.user_network import import_factory
from tests.support.user_networks import NO_MODULE, OWN_NETS_DIR, factory_spec, write_factory


@pytest.fixture
def cache_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache of measured costs, with the folder of ``own_nets`` as the working directory."""
    monkeypatch.chdir(OWN_NETS_DIR)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    measured.measured_costs.cache_clear()
    return tmp_path


@pytest.fixture
def empty_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_a_broken_package_around_a_factory_and_one_without_a_file_are_said(empty_dir: Path) -> None:
    package = Path("own_package")
    package.mkdir()
    (package / "__init__.py").write_text("1 / 0")
    (package / "nets.py").touch()
    with pytest.raises(InputError, match=r"cannot import 'own_package.nets': ZeroDivisionError"):
        search_space(factory_spec("own_package.nets:f"))
    with pytest.raises(InputError, match="module 'sys' has no file"):
        search_space(factory_spec("sys:exit"))
    with pytest.raises(InputError, match=r"base\.factory own_dict:f: returns dict, not a torch.nn.Module"):
        search_space(factory_spec(write_factory(empty_dir, "dict", NO_MODULE)))


def test_a_factory_is_measured_cached_and_searched(cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architecture, "FACTORY_STEP", 0.1)  # a quarter of the networks to measure
    spec = factory_spec()
    found = search_space(spec)
    assert len({c.key for c in found}) >= 4
    assert all(abs(c.macs_ratio / 2 - 1) <= 0.05 for c in found)
    arch = found[0].architecture
    assert verify_cost(build_model(arch), arch) == found[0].cost
    assert Architecture.from_dict(json.loads(json.dumps(arch.to_dict()))) == arch
    (file,) = (cache_dir / "scaling_search" / "measured").iterdir()
    child = measured.measured_costs("own_nets:sound").process
    assert child.process is not None
    child.close()
    measured.measured_costs.cache_clear()
    assert cost(arch) == found[0].cost
    assert measured.measured_costs("own_nets:sound").process.process is None
    file.write_text(file.read_text().replace(str(found[0].cost.macs), "12345"))
    measured.measured_costs.cache_clear()
    with pytest.raises(CostMismatch, match="when it was measured"):
        verify_cost(build_model(arch), arch)


def test_a_familys_networks_of_a_factory_are_the_users_to_build(cache_dir: Path) -> None:
    made = family(PAPER, factory_spec().export_architecture(), (1,)).to_dict()
    assert made["models"][1]["macs_ratio"] == pytest.approx(2, rel=0.1)
    with pytest.raises(InputError, match="own_nets:sound makes this family's networks"):
        CODE_FORMATS["pytorch"](made)


def test_a_factory_that_cannot_be_had_is_said(cache_dir: Path) -> None:
    with pytest.raises(InputError, match="no module 'no_such_nets'"):
        search_space(factory_spec("no_such_nets:f"))
    with pytest.raises(InputError, match="has no attribute 'f'"):
        search_space(factory_spec("own_nets:f"))
    with pytest.raises(InputError, match="cannot import own_nets:f"):
        import_factory("own_nets:f")
    with pytest.raises(SpecError, match=r"base\.factory"):
        parse("name: x\nbase: {factory: 'os.system'}")
