"""Exports as code: each network that the real library builds is the one that was exported."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import InputError, NotFound
from scaling_search.export.frameworks import CODE_FORMATS, network
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.cost import cost
from scaling_search.networks.family import Family, family, family_member
from scaling_search.training.build import build_model
from tests.support.logits import assert_same

PUBLISHED = (0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0)
SHOWN = ("b1", "b4", "b7")
OFFICIAL = family(PAPER, phi=PUBLISHED, rounding="official").to_dict()
NEAREST = family(PAPER, phi=(0.5, 3.5)).to_dict()


def _module(text: str) -> dict[str, Any]:
    module = ModuleType("exported")
    exec(compile(text, "exported.py", "exec", dont_inherit=True), module.__dict__)  # as an import compiles it
    return module.__dict__


def code(form: str, values: dict[str, Any]) -> str:
    """A family in JSON form as code."""
    return CODE_FORMATS[form](Family.model_validate(values))


def _params(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def _macs(net: nn.Module, px: int) -> int:
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, 3, px, px, device="meta"))
    return int(counter.get_total_flops()) // 2


def _expected(values: dict[str, Any], name: str) -> dict[str, Any]:
    return next(m for m in values["models"] if m["name"] == name)


@pytest.mark.parametrize("form", ["pytorch", "torchvision", "timm"])
def test_torch_libraries_build_b1_b4_b7_of_the_papers_triple(form: str) -> None:
    module = _module(code(form, OFFICIAL))
    for name in SHOWN:
        m = _expected(OFFICIAL, name)
        assert module["NETWORKS"][name]["resolution"] == m["resolution"]
        with torch.device("meta"):
            net = module["build"](name)
        assert _params(net) == m["params"]
        assert name == "b7" or _macs(net, m["resolution"]) == m["macs"]  # counting takes time in proportion to depth


@pytest.mark.parametrize("name", ["b1", *(pytest.param(n, marks=pytest.mark.slow) for n in ("b4", "b7"))])
def test_keras_builds_the_papers_networks_and_its_own_from_the_tuple(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    module, tuples = _module(code("keras", OFFICIAL)), _module(code("tensorflow", OFFICIAL))["PARAMS"]
    import keras

    assert keras.backend.backend() == "torch"
    m, (width, depth, px, dropout) = _expected(OFFICIAL, name), tuples[name]
    with torch.device("meta"):
        nets = [module["build"](name), module["EfficientNet"](width, depth, px, dropout, weights=None)]
    for net in nets:
        assert sum(int(np.prod(w.shape)) for w in net.trainable_weights) == m["params"]
        assert net.input_shape[1] == m["resolution"]
        convolutions = [x for x in net.layers if isinstance(x, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)]
        macs = sum(int(np.prod(x.kernel.shape)) * x.output.shape[1] * x.output.shape[2] for x in convolutions)
        assert macs + m["channels"][-1] * 1000 == m["macs"]


def test_pycls_builds_b1_b4_b7() -> None:
    from pycls.core.config import cfg
    from pycls.models.effnet import EffNet

    text = code("pycls", OFFICIAL)
    documents = dict(zip([m["name"] for m in OFFICIAL["models"]], yaml.safe_load_all(text), strict=True))
    assert "# b4\n" in text
    for name in SHOWN:
        m, settings = _expected(OFFICIAL, name), cfg.clone()
        settings.merge_from_other_cfg(type(cfg)(documents[name]))
        assert settings.MODEL.TYPE == "effnet"
        en = settings.EN
        with torch.device("meta"):
            net = EffNet(
                stem_w=en.STEM_W, ds=en.DEPTHS, ws=en.WIDTHS, exp_rs=en.EXP_RATIOS, se_r=en.SE_R, ss=en.STRIDES,
                ks=en.KERNELS, head_w=en.HEAD_W, nc=settings.MODEL.NUM_CLASSES,
            )  # fmt: skip
        assert m["resolution"] == settings.TRAIN.IM_SIZE
        assert (_params(net), _macs(net, m["resolution"])) == (m["params"], m["macs"])


def test_the_tensorflow_tuple_implies_the_same_networks() -> None:
    params = _module(code("tensorflow", OFFICIAL))["PARAMS"]
    for m in OFFICIAL["models"]:
        width, depth, px, dropout = params[m["name"]]
        arch = scale(base_network("efficientnet_b0"), depth, width, px, "official")
        assert (cost(arch).params, cost(arch).macs, dropout) == (m["params"], m["macs"], m["dropout"])


def test_solved_families_are_built_too() -> None:
    for form in ("pytorch", "torchvision", "timm"):
        module = _module(code(form, NEAREST))
        with torch.device("meta"):
            assert [_params(module["build"](m["name"])) for m in NEAREST["models"]] == [
                m["params"] for m in NEAREST["models"]
            ]


@pytest.mark.parametrize("form", ["torchvision", "timm", "keras", "pycls", "tensorflow"])
def test_formats_for_efficientnets_refuse_other_bases(form: str) -> None:
    values = family(PAPER, base_network("resnet18"), (1,)).to_dict()
    with pytest.raises(InputError, match="cannot express resnet18") as refused:
        code(form, values)
    assert "pytorch or onnx" in refused.value.hint


@pytest.mark.parametrize("form", ["torchvision", "keras", "tensorflow", "timm"])
def test_channels_that_a_format_would_round_are_refused(form: str) -> None:
    values = family(PAPER, phi=(1,), divisor=1).to_dict()
    assert any(c % 4 for c in values["models"][1]["channels"])
    with pytest.raises(InputError, match="round"):
        code(form, values)
    assert _module(code("pytorch", values))["NETWORKS"]["b1"]["stem"] == values["models"][1]["channels"][0]


def test_the_tensorflow_tuple_refuses_another_rounding() -> None:
    with pytest.raises(InputError, match=r"released code's rounding, which does not give b\d") as refused:
        code("tensorflow", NEAREST)
    assert "--rounding official" in refused.value.hint


def test_keras_refuses_a_stem_that_no_width_gives() -> None:
    values = json.loads(json.dumps(OFFICIAL))
    values["models"][1]["channels"][0] += 16
    with pytest.raises(InputError, match="stem and head from one width"):
        code("keras", values)


def test_pycls_refuses_channels_it_would_squeeze_to_none_and_formats_refuse_other_stems() -> None:
    base = scale(base_network("efficientnet_b0"), 1, 0.1, 64, divisor=2)
    b0 = family_member("b0", base, base, phi=0.0, depth=1.0, width=1.0, target_ratio=1.0, dropout=0.0)
    small = Family(base="b", rounding="nearest", **PAPER._asdict(), models=(b0,), network=base.to_dict())
    values = small.to_dict()
    with pytest.raises(InputError, match="squeezes 2 channels of b0 to 0"):
        code("pycls", values)
    values["network"] = base.with_strides([1, *base.strides[1:]]).to_dict()
    with pytest.raises(InputError, match="stem of stride 1"):
        code("timm", values)


@pytest.mark.parametrize("form", ["torchvision", "timm", "keras", "pycls", "tensorflow"])
@pytest.mark.parametrize(
    ("change", "words"), [({"head": 0}, "without a head"), ({"expand": 1.5}, r"expansion of 1\.5")]
)
def test_own_bases_that_a_format_cannot_say_are_refused(form: str, change: dict[str, float], words: str) -> None:
    base = base_network("efficientnet_b0").to_dict()
    if "expand" in change:
        base["stages"] = [{**stage, **change} for stage in base["stages"]]
    else:
        base |= change
    values = family(PAPER, Architecture.from_dict(base), (1,)).to_dict() | {"network": base}
    with pytest.raises(InputError, match=f"cannot express.*{words}"):
        code(form, values)


def test_a_family_names_its_networks() -> None:
    with pytest.raises(NotFound, match="'b9'"):
        network(Family.model_validate(OFFICIAL), "b9")


@pytest.mark.parametrize("name", sorted(FACTS))
def test_the_plain_file_builds_every_base_at_1_2_and_8_times_its_cost(name: str) -> None:
    values = family(PAPER, base_network(name), (1, 3)).to_dict()
    module = _module(code("pytorch", values))
    for m in values["models"]:
        with torch.device("meta"):
            net = module["build"](m["name"])
        assert (_params(net), _macs(net, m["resolution"])) == (m["params"], m["macs"])


@pytest.mark.parametrize("name", sorted(FACTS))
def test_the_plain_file_computes_the_same_outputs(name: str) -> None:
    base = scale(replace(base_network(name), resolution=32), 0.1, 0.25)
    values = {**family(PAPER, base, (1, 3)).to_dict(), "network": base.to_dict()}
    module = _module(code("pytorch", values))
    for m in values["models"]:
        torch.manual_seed(0)
        ours, theirs = (
            build_model(network(Family.model_validate(values), m["name"])).eval(),
            module["build"](m["name"]).eval(),
        )
        theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
        images = torch.randn(1, 3, 32, 32)
        with torch.inference_mode():
            assert_same(theirs(images), ours(images), 1e-4)


def test_the_plain_file_needs_torch_alone(tmp_path: Path) -> None:
    base = scale(base_network("mobilenet_v2"), 1, 0.1, 32)
    values = {**family(PAPER, base, (1,)).to_dict(), "network": base.to_dict()}
    (tmp_path / "exported.py").write_text(code("pytorch", values))
    script = (
        "import sys, torch, exported; exported.build('b1', 10, 1, 0.1)(torch.zeros(2, 1, 32, 32)).sum().backward();"
        "sys.exit(any(m.split('.')[0] in ('scaling_search', 'torchvision') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False).returncode == 0


def test_commands_write_networks(tmp_path: Path) -> None:
    run, given = CliRunner().invoke, ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--phi", "1"]
    written = run(app, [*given, "--base", "mobilenet_v2", "--format", "pytorch", "-o", str(tmp_path / "nets.py")])
    assert written.exit_code == 0
    assert "def build(name" in (tmp_path / "nets.py").read_text()
    refused = run(app, [*given, "--format", "onnx"])
    assert isinstance(refused.exception, InputError)
    assert "--model b1" in refused.exception.hint
    refused = run(app, [*given, "--format", "onnx", "--model", "b7"])
    assert isinstance(refused.exception, NotFound)
    assert asdict(network(Family.model_validate(OFFICIAL), "b0")) == asdict(base_network("efficientnet_b0"))
