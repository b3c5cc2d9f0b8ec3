"""Commands about base networks: list, show."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from scaling_search.cli.common import Json, console, print_json

app = typer.Typer(no_args_is_help=True, help="Base networks: which there are, and what scaling means for each.")


def _facts(name: str) -> dict[str, Any]:
    """The JSON form of `base show`."""
    from dataclasses import asdict

    from scaling_search.bases import FACTS, base_network
    from scaling_search.cost import cost

    network = base_network(name)
    its, facts = cost(network), asdict(FACTS[name])
    table = facts.pop("network")
    size = {"macs": its.macs, "params": its.params, "activations": its.activations, "resolution_px": network.resolution}
    return {"name": name, **size, **facts, "stem": table["stem"], "stages": table["stages"], "head": table["head"]}


@app.command(name="list")
def list_bases(as_json: Json = False) -> None:
    """List the base networks with their cost at scale 1."""
    from scaling_search.bases import BASES
    from scaling_search.console import table

    found = [_facts(name) for name in BASES]
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
    from scaling_search.console import table

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
