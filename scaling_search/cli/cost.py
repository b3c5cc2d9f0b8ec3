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
    what: Annotated[str, typer.Argument(metavar="STUDY", help="A study with a choice, or the name of a base network.")],
    beside: Annotated[list[str] | None, typer.Option(help="Other studies whose chosen networks are shown too.")] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Images a pass. Default: the study's, or 1.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Measure latency and peak memory here, beside MACs, activations and parameters: base, extremes, choice."""
    from scaling_search.cli.display import price_table
    from scaling_search.networks.bases import FACTS, base_network
    from scaling_search.networks.cost_summary import cost_summaries
    from scaling_search.networks.latency import conditions

    networks: dict[str, Architecture] = {}
    if what in FACTS:
        base, images = base_network(what), batch or 1
    else:
        base, networks, images = _of_study(db, what, beside or [])
        images = batch or images
    found = cost_summaries(base, networks, images, measure=True)
    if as_json:
        print_json({**conditions(), "batch": images, "networks": [p.to_dict() for p in found]})
    else:
        where = conditions()
        title = f"{what} on {where['device']}, torch {where['torch']}, {images} image{'s' * (images != 1)} a pass"
        console().print(price_table(found, title))


def _of_study(db: str | None, name: str, beside: list[str]) -> tuple[Architecture, dict[str, Architecture], int]:
    """(base, extremes and choices by name, images a pass) of a study."""
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
