"""The `data` commands: check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaling_search.cli.common import Json, did_you_mean, find_spec, is_path, print_json
from scaling_search.errors import DataError, InputError
from scaling_search.paths import shipped_studies

if TYPE_CHECKING:
    from scaling_search.spec.proxy import ProxySpec


app = typer.Typer(no_args_is_help=True, help="Download and check datasets.")


@app.command("check")
def data_check(
    name: Annotated[
        str, typer.Argument(help="Name of a dataset, or a study file, whose dataset must be as the file says.")
    ],
    root: Annotated[str | None, typer.Option(help="Folder of the dataset. Default: the user's cache folder.")] = None,
    as_json: Json = False,
) -> None:
    """Download a dataset if it is missing, and describe it; list the images of a folder that cannot be read."""
    from scaling_search.data.check import check

    dataset, proxy = _dataset(name)
    facts = check(dataset, root or (proxy.root if proxy else None), proxy.data_request() if proxy else None)
    corrupt = facts.get("corrupt", [])
    if as_json:
        print_json(facts)
    else:
        print("\n".join(f"{key}: {_shown(value)}" for key, value in facts.items() if key != "corrupt"))
        print("".join(f"corrupt: {bad['reason']}\n" for bad in corrupt), end="")
    if corrupt:
        raise DataError(f"{len(corrupt)} of {facts['images']} images cannot be read", "replace or delete them")


def _dataset(name: str) -> tuple[str, ProxySpec | None]:
    """(name of the dataset, None), or (name of its dataset, its proxy section) for a study file or a shipped study.

    Raises:
        InputError: there is neither such a dataset nor such a study.
    """
    from scaling_search.data.catalog import DATASETS, PATTERNS, is_dataset_name, resolve

    if is_dataset_name(name):
        try:
            return resolve(name), None
        except ValueError as e:
            raise InputError(str(e)) from None
    studies = shipped_studies()
    if not is_path(name) and name not in studies:
        known = f"datasets: {', '.join([*DATASETS, *PATTERNS])}; or give a study file"
        raise InputError(f"there is no dataset {name!r}", did_you_mean(name, [*DATASETS, *studies]) + known)
    proxy = find_spec(name).proxy
    return proxy.dataset, proxy


def _shown(value: object) -> str:
    if isinstance(value, list):
        first = ", ".join(map(_shown, value[:10]))
        return first if len(value) <= 10 else f"{first}, … ({len(value)})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
