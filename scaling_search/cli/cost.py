"""The command `cost`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaling_search.cli.common import Db, Json, console, no_choice, open_store, print_json

if TYPE_CHECKING:
    from scaling_search.networks.architecture import Architecture

app = typer.Typer()


@app.command()
def cost(
    name: Annotated[str, typer.Argument(metavar="STUDY", help="A study with a choice, or the name of a base network.")],
    beside: Annotated[
        list[str] | None, typer.Option(help="Another study whose chosen network is shown too. Repeatable.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Images per forward pass. Default: that of the study, else 1.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Measure latency and peak memory on this device, and show them with MACs, activations and parameters.

    The networks are the base, the extremes of each axis, and the choice.
    """
    from scaling_search.cli.display import price_table
    from scaling_search.networks.bases import FACTS, base_network
    from scaling_search.networks.cost_summary import cost_summaries
    from scaling_search.networks.latency import conditions

    networks: dict[str, Architecture] = {}
    if name in FACTS:
        base, images = base_network(name), batch or 1
    else:
        base, networks, images = _study_networks(db, name, beside or [])
        images = batch or images
    costs = cost_summaries(base, networks, images, measure=True)
    if as_json:
        print_json({**conditions(), "batch": images, "networks": [p.to_dict() for p in costs]})
    else:
        device = conditions()
        title = f"{name} on {device['device']}, torch {device['torch']}, {images} image{'s' * (images != 1)} a pass"
        console().print(price_table(costs, title))


def _study_networks(db: str | None, name: str, beside: list[str]) -> tuple[Architecture, dict[str, Architecture], int]:
    """(base, extremes and choices by name, images per pass) of a study."""
    from scaling_search.networks.architecture import Architecture
    from scaling_search.networks.candidates import extremes
    from scaling_search.report.labels import AXIS_ONLY
    from scaling_search.spec.search_space import search_space
    from scaling_search.spec.study import StudySpec

    store = open_store(db)
    spec = StudySpec.model_validate(store.study(name).spec)
    networks = {AXIS_ONLY[axis]: c.architecture for axis, c in extremes(search_space(spec)).items()}
    for study in (name, *beside):
        choice = store.choice(study)
        if choice is None or "network" not in choice:
            raise no_choice(study, db)
        networks["chosen" if study == name else f"chosen by {study}"] = Architecture.from_dict(choice["network"])
    return spec.base_architecture(), networks, spec.budget.latency_batch
