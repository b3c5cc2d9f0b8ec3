"""The command `family`."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from scaling_search.cli.common import (
    Json,
    ModelOption,
    Output,
    console,
    rendered,
    write,
)
from scaling_search.errors import InputError

app = typer.Typer()


@app.command()
def family(
    alpha: Annotated[float | None, typer.Option(help="Growth of depth for each unit of φ.")] = None,
    beta: Annotated[float | None, typer.Option(help="Growth of width.")] = None,
    gamma: Annotated[float | None, typer.Option(help="Growth of resolution.")] = None,
    phi: Annotated[str, typer.Option(help="φ of B1, B2, …, separated by commas.")] = "0.5,1,2,3.5,5,6,7",
    rounding: Annotated[
        str, typer.Option(help="nearest (solved to 2^φ real MACs) or official (the released code's).")
    ] = "nearest",
    base: Annotated[str, typer.Option(help="Base network.")] = "efficientnet_b0",
    resolution: Annotated[int | None, typer.Option(min=4, max=4096, help="Its px at φ = 0. Default: its own.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="efficientnet: the released B0–B7, whatever else is given.")
    ] = None,
    form: Annotated[str | None, typer.Option("--format", help="As for `export`, but html and bundle.")] = None,
    model: ModelOption = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Print B1 … Bn of any triple, with real cost; no study is needed."""
    if form is not None:
        from scaling_search.export.documents import ALL_FORMATS, check_format

        check_format(form, (*ALL_FORMATS, "onnx"))
    made = _family(preset, alpha, beta, gamma, phi, rounding, base, resolution)
    if any((m["phi"] or 0) < 0 for m in made["models"]):
        from scaling_search.networks.family import SHRINKING_NOTE

        print(f"note: {SHRINKING_NOTE}", file=sys.stderr)
    for words in made.get("notes", ()):
        print(f"note: {words}", file=sys.stderr)
    if as_json:
        write(json.dumps(made, indent=2) + "\n", output)
    elif form is not None or output is not None:
        from scaling_search.export.documents import document

        write(rendered(document(made), form or "json", model), output)
    else:
        from scaling_search.cli.display import family_table

        console().print(family_table(made))


def _family(
    preset: str | None,
    alpha: float | None,
    beta: float | None,
    gamma: float | None,
    phi: str,
    rounding: str,
    base: str,
    resolution: int | None,
) -> dict[str, Any]:
    """The family that the options of `family` describe, in JSON form."""
    from scaling_search.networks.bases import base_network
    from scaling_search.networks.coefficients import Triple, parse_phis
    from scaling_search.networks.family import family as make_family
    from scaling_search.networks.family import released

    if preset is not None:
        if preset != "efficientnet":
            raise InputError(f"--preset: unknown preset {preset!r}", "choose: efficientnet")
        return released().to_dict()
    if alpha is None or beta is None or gamma is None:
        raise InputError("--alpha, --beta and --gamma are needed", "or give --preset efficientnet")
    if rounding not in ("nearest", "official"):
        raise InputError(f"--rounding: unknown policy {rounding!r}", "choose one of: nearest, official")
    network = base_network(base)
    network = network.resized(resolution) if resolution else network
    phis = parse_phis(phi, "--phi", "--phi 0.5,1,2, or --phi=-1")
    return make_family(Triple(alpha, beta, gamma), network, phis, rounding).to_dict()  # type: ignore[arg-type]
