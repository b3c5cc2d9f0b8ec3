"""The `base` commands: list, show, check."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import Json, console, find_spec, print_json

if TYPE_CHECKING:
    from torch import nn

    from scaling_search.spec.study import StudySpec
    from scaling_search.training.user_network import FactoryFunction

app = typer.Typer(no_args_is_help=True, help="List, describe and check base networks.")


def _facts(name: str) -> dict[str, Any]:
    """The JSON form of `base show`."""
    from dataclasses import asdict

    from scaling_search.networks.bases import FACTS, base_network
    from scaling_search.networks.cost import cost

    network = base_network(name)
    base_cost, facts = cost(network), asdict(FACTS[name])
    table = facts.pop("network")
    costs = {"macs": base_cost.macs, "params": base_cost.params, "activations": base_cost.activations}
    size = {**costs, "resolution_px": network.resolution}
    return {"name": name, **size, **facts, "stem": table["stem"], "stages": table["stages"], "head": table["head"]}


@app.command(name="list")
def list_bases(as_json: Json = False) -> None:
    """List the base networks with their cost at scale 1."""
    from scaling_search.cli.display import table
    from scaling_search.networks.bases import FACTS

    bases = [_facts(name) for name, _ in FACTS.usable()]
    if as_json:
        print_json(bases)
        return
    rows = [
        [f["name"], f"{f['macs'] / 1e6:,.0f}", f"{f['params'] / 1e6:.2f}", str(f["resolution_px"]), f["source"]]
        for f in bases
    ]
    console().print(table(["base", "MACs (M)", "params (M)", "px", "source"], rows))


@app.command()
def show(name: Annotated[str, typer.Argument(help="Name of a base network.")], as_json: Json = False) -> None:
    """Show what depth, width and resolution mean for a base, what stays fixed, and its stages."""
    from scaling_search.cli.display import table

    facts = _facts(name)
    if as_json:
        print_json(facts)
        return
    lines = {
        "MACs": f"{facts['macs']:,}",
        "params": f"{facts['params']:,}",
        "activations": f"{facts['activations']:,}",
        "resolution": f"{facts['resolution_px']} px: {facts['resolution']}",
        "depth": facts["depth"],
        "width": facts["width"],
        "stays": facts["stays"],
        "divisor": f"channels are multiples of {facts['divisor']} unless a study says otherwise",
        "largest px": "any" if facts["cap"] is None else f"{facts['cap']} in families",
        "source": facts["source"],
        "equals": facts["reference"],
    }
    print(f"{name}\n" + "\n".join(f"  {key}: {text}" for key, text in lines.items()))
    rows = [[str(v) for v in stage.values()] for stage in facts["stages"]]
    console().print(f"stem {facts['stem']}, head {facts['head'] or 'none'}", highlight=False)
    console().print(table(["block", "expand", "kernel", "stride", "channels", "blocks"], rows))


@app.command()
def check(
    base: Annotated[str, typer.Argument(help="Name of a base, a study file, or a factory: package.module:function.")],
    px: Annotated[
        int | None, typer.Option(min=4, max=1024, help="Side of the images at φ = 0. Default: the study's, or 32.")
    ] = None,
    channels: Annotated[
        int | None, typer.Option(min=1, max=16, help="Channels of an image. Default: the study's, or 3.")
    ] = None,
    classes: Annotated[int | None, typer.Option(min=2, help="Outputs. Default: the study's, or 10.")] = None,
    as_json: Json = False,
) -> None:
    """Check that a base can be searched: depth and width change it, cost grows with both, any px works, and builds are repeatable."""
    from dataclasses import asdict

    from scaling_search.errors import InputError
    from scaling_search.networks.bases import FACTS
    from scaling_search.training.user_network_check import check_base

    study = None if ":" in base or base in FACTS else find_spec(base)
    px = px or (study.base.resolution if study else 32)
    channels = channels or (study.proxy.channel_count if study else 3)
    classes = classes or (study.proxy.class_count if study else 10)
    with redirect_stdout(sys.stderr):  # the user's code may print, which must not break --json
        findings = check_base(_builder(base, study, channels), classes, channels, px)
    if as_json:
        print_json([asdict(f) for f in findings])
    else:
        print("\n".join(f"{'ok  ' if f.ok else 'FAIL'}  {f.check}: {f.sentence}" for f in findings))
    failed = [f.check for f in findings if not f.ok]
    if failed:
        raise InputError(f"{base} cannot be searched as it is: {', '.join(failed)}")


def _builder(base: str, study: StudySpec | None, channels: int) -> FactoryFunction:
    """A function (depth, width, classes) → module that builds the base as the study would."""
    from dataclasses import replace

    from scaling_search.networks.architecture import scale
    from scaling_search.networks.bases import base_network
    from scaling_search.training.build import build_model
    from scaling_search.training.user_network import import_factory

    if ":" in base:
        return import_factory(base)
    if study is not None and study.base.factory is not None:
        import_factory(study.base.factory)  # raises here if the module cannot be imported
    network = replace(study.base_architecture() if study else base_network(base), image_channels=channels)
    rounding, divisor = (study.budget.rounding, study.budget.divisor) if study else ("nearest", 8)

    def make(depth: float, width: float, classes: int) -> nn.Module:
        return build_model(replace(scale(network, depth, width, None, rounding, divisor), classes=classes))

    return make
