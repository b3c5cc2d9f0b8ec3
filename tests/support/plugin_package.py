"""A small package that adds to scaling_search through entry points, built as a wheel and installed by pip."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: scaling-search-addon\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def install(code: str, entries: Mapping[str, Mapping[str, str]], folder: Path) -> Path:
    """Install a package ``addon`` of that code into a folder; ``entries`` are names and objects by entry-point group."""
    groups = [
        f"[{group}]\n" + "".join(f"{n} = addon:{o}\n" for n, o in names.items()) for group, names in entries.items()
    ]
    info = "scaling_search_addon-1.0.dist-info"
    files = {
        "addon.py": code,
        f"{info}/METADATA": METADATA,
        f"{info}/WHEEL": WHEEL,
        f"{info}/entry_points.txt": "\n".join(groups),
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    wheel = folder / "scaling_search_addon-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)
    site = folder / "site"
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
    return site
