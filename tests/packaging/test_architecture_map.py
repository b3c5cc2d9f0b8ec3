"""The packages are as docs/architecture.md says: their purposes, their layers, their faces, the size of their files."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scaling_search"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PURPOSES = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCUMENT, re.MULTILINE))
PACKAGES = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
MODULES = {p.stem for p in PACKAGE.glob("*.py")}
SOURCES = [p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts]


def test_every_contract_holds() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_ten_layers_hold_every_package_and_are_those_of_the_document() -> None:
    (layers,) = [c["layers"] for c in CONTRACTS if c["type"] == "layers"]
    assert len(layers) == 10
    lines = [line.replace("scaling_search.", "") for line in layers]
    placed = [name.strip() for line in lines for name in line.split("|")]
    assert sorted(placed) == sorted({*PACKAGES, *MODULES} - {"__init__"})
    assert "".join(f"    {line}\n" for line in lines) in DOCUMENT


def test_libraries_are_walled_in() -> None:
    walled = {name for c in CONTRACTS if c["type"] == "forbidden" for name in c["forbidden_modules"]}
    assert {"torch", "torchvision", "fvcore", "sqlalchemy", "alembic", "optuna", "ray", "fastapi", "rich"} <= walled
    assert all(c["source_modules"] == ["scaling_search"] for c in CONTRACTS if c["type"] == "forbidden")


def test_the_document_names_every_package_and_every_module_at_top_level() -> None:
    assert sorted(PURPOSES) == sorted({*PACKAGES, *MODULES})


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_its_purpose_and_only_re_exports(name: str) -> None:
    tree = ast.parse((PACKAGE / name / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) == PURPOSES[name]
    assert all(isinstance(node, ast.Import | ast.ImportFrom | ast.Assign) for node in tree.body[1:])
    package = importlib.import_module(f"scaling_search.{name}")
    assert 2 <= len(package.__all__) <= 8
    modules = {p.stem for p in (PACKAGE / name).glob("*.py")}
    assert not modules & set(package.__all__), "a name that is also a module's would be replaced by it"
    assert all(getattr(package, exported) is not None for exported in package.__all__)


def test_no_package_loads_torch() -> None:
    names = ", ".join(f"scaling_search.{name}" for name in PACKAGES)
    every = f"import sys, {names}\nfor p in ({names},):\n    [getattr(p, n) for n in p.__all__]\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", every], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_has_over_300_lines_and_no_function_over_40(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    functions = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 40] == []


TESTS = [p for p in (ROOT / "tests").rglob("*.py") if "benchmarks" not in p.parts]


@pytest.mark.parametrize("path", TESTS, ids=lambda p: str(p.relative_to(ROOT / "tests")))
def test_no_test_file_has_over_300_lines_or_imports_another_test(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    assert not re.search(r"^\s*(from|import) tests\.[\w.]*test_", text, re.MULTILINE)
