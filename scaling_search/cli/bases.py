"""Commands about base networks: list, show, check."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import Json, console, find_spec, print_json

if TYPE_CHECKING:
    from torch import nn

    from scaling_search.spec.study import StudySpec
    from scaling_search.training.user_network import Make

app = typer.Typer(no_args_is_help=True, help="Base networks: which there are, and what scaling means for each.")


def _facts(name: str) -> dict[str, Any]:
    """The JSON form of `base show`."""
    from dataclasses import asdict

    from scaling_search.networks.bases import FACTS, base_network
    from scaling_search.networks.cost import cost

    network = base_network(name)
    its, facts = cost(network), asdict(FACTS[name])
    table = facts.pop("network")
    size = {"macs": its.macs, "params": its.params, "activations": its.activations, "resolution_px": network.resolution}
    return {"name": name, **size, **facts, "stem": table["stem"], "stages": table["stages"], "head": table["head"]}


@app.command(name="list")
def list_bases(as_json: Json = False) -> None:
    """List the base networks with their cost at scale 1."""
    from scaling_search.cli.display import table
    from scaling_search.networks.bases import FACTS

    found = [_facts(name) for name, _ in FACTS.usable()]
    if as_json:
        print_json(found)
        return
    rows = [
        [f["name"], f"{f['macs'] / 1e6:,.0f}", f"{f['params'] / 1e6:.2f}", str(f["resolution_px"]), f["source"]]
        for f in found
    ]
    console().print(table(["base", "MACs (M)", "params (M)", "px", "source"], rows))


@app.command()
def show(name: Annotated[str, typer.Argument(help="A base network.")], as_json: Json = False) -> None:
    """Say what depth, width and resolution mean for a base, what stays fixed, and its stages."""
    from scaling_search.cli.display import table

    found = _facts(name)
    if as_json:
        print_json(found)
        return
    words = {
        "MACs": f"{found['macs']:,}",
        "params": f"{found['params']:,}",
        "activations": f"{found['activations']:,}",
        "resolution": f"{found['resolution_px']} px: {found['resolution']}",
        "depth": found["depth"],
        "width": found["width"],
        "stays": found["stays"],
        "divisor": f"channels are multiples of {found['divisor']} unless a study says otherwise",
        "largest px": "any" if found["cap"] is None else f"{found['cap']} in families",
        "source": found["source"],
        "equals": found["reference"],
    }
    print(f"{name}\n" + "\n".join(f"  {key}: {text}" for key, text in words.items()))
    rows = [[str(v) for v in stage.values()] for stage in found["stages"]]
    console().print(f"stem {found['stem']}, head {found['head'] or 'none'}", highlight=False)
    console().print(table(["block", "expand", "kernel", "stride", "channels", "blocks"], rows))


@app.command()
def check(
    base: Annotated[str, typer.Argument(help="A base's name, a study file, or a factory: package.module:function.")],
    px: Annotated[
        int | None, typer.Option(min=4, max=1024, help="Side of the images at φ = 0. Default: the study's, or 32.")
    ] = None,
    channels: Annotated[
        int | None, typer.Option(min=1, max=16, help="Channels of an image. Default: the study's, or 3.")
    ] = None,
    classes: Annotated[int | None, typer.Option(min=2, help="Outputs. Default: the study's, or 10.")] = None,
    as_json: Json = False,
) -> None:
    """Say in words whether a base can be searched: depth and width count, cost grows, any px works, always the same."""
    from dataclasses import asdict

    from scaling_search.errors import InputError
    from scaling_search.networks.bases import FACTS
    from scaling_search.training.user_network_check import check as look

    study = None if ":" in base or base in FACTS else find_spec(base)
    px = px or (study.base.resolution if study else 32)
    channels = channels or (study.proxy.channel_count if study else 3)
    classes = classes or (study.proxy.class_count if study else 10)
    with redirect_stdout(sys.stderr):  # what the user's code prints is no part of --json
        found = look(_maker(base, study, channels), classes, channels, px)
    if as_json:
        print_json([asdict(f) for f in found])
    else:
        print("\n".join(f"{'ok  ' if f.ok else 'FAIL'}  {f.check}: {f.sentence}" for f in found))
    wrong = [f.check for f in found if not f.ok]
    if wrong:
        raise InputError(f"{base} cannot be searched as it is: {', '.join(wrong)}")


def _maker(base: str, study: StudySpec | None, channels: int) -> Make:
    """What builds the base as its study would: (depth, width, classes) → module."""
    from dataclasses import replace

    from scaling_search.networks.architecture import scale
    from scaling_search.networks.bases import base_network
    from scaling_search.training.build import build_model
    from scaling_search.training.user_network import find

    if ":" in base:
        return find(base)
    if study is not None and study.base.factory is not None:
        find(study.base.factory)  # a module that cannot be imported is refused, not found wanting at some depth
    network = replace(study.base_architecture() if study else base_network(base), image_channels=channels)
    rounding, divisor = (study.budget.rounding, study.budget.divisor) if study else ("nearest", 8)

    def make(depth: float, width: float, classes: int) -> nn.Module:
        return build_model(replace(scale(network, depth, width, None, rounding, divisor), classes=classes))

    return make
