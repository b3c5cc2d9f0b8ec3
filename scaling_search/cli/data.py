"""The commands about datasets: check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaling_search.cli.common import Json, find_spec, is_path, nearest, print_json
from scaling_search.errors import InputError
from scaling_search.paths import shipped_studies

if TYPE_CHECKING:
    from scaling_search.spec.proxy import ProxySpec


app = typer.Typer(no_args_is_help=True, help="Datasets.")


@app.command("check")
def data_check(
    name: Annotated[str, typer.Argument(help="A dataset's name, or a study file, whose data must be what it says.")],
    root: Annotated[str | None, typer.Option(help="Its folder. Default: the user's cache folder.")] = None,
    as_json: Json = False,
) -> None:
    """Get a dataset if it is not there, and say what is in it; damaged images of a folder are named."""
    from scaling_search.errors import DataError

    dataset, proxy = _dataset(name)
    from scaling_search.data.check import check

    found = check(dataset, root or (proxy.root if proxy else None), proxy.data_request() if proxy else None)
    corrupt = found.get("corrupt", [])
    if as_json:
        print_json(found)
    else:
        print("\n".join(f"{key}: {_shown(value)}" for key, value in found.items() if key != "corrupt"))
        print("".join(f"corrupt: {bad['reason']}\n" for bad in corrupt), end="")
    if corrupt:
        raise DataError(f"{len(corrupt)} of {found['images']} images cannot be read", "replace or delete them")


def _dataset(name: str) -> tuple[str, ProxySpec | None]:
    """(a dataset's own name, None), or that of the study file of this path or name and the file's section.

    Raises:
        InputError: it is neither.
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
        raise InputError(f"there is no dataset {name!r}", nearest(name, [*DATASETS, *studies]) + known)
    proxy = find_spec(name).proxy
    return proxy.dataset, proxy


def _shown(value: object) -> str:
    if isinstance(value, list):
        few = ", ".join(map(_shown, value[:10]))
        return few if len(value) <= 10 else f"{few}, … ({len(value)})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
