"""The emulator stands by itself: what it imports is its own, the standard library's, or declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DECLARATION = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def imported(folder: str) -> Iterator[tuple[Path, str]]:
    """Every top-level module that a folder's sources import, with the file."""
    for path in sorted((PROJECT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name.partition(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: relative import"
                yield path, (node.module or "").partition(".")[0]


def distributions(requirements: list[str]) -> set[str]:
    """Names of the distributions that are required."""
    return {normal(re.split(r"[=<>~! \[;]", requirement)[0]) for requirement in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folder", "own", "groups"),
    [("src", {"loopback_aws"}, ()), ("tests", {"loopback_aws", "tests"}, ("test",))],
)
def test_everything_that_is_imported_is_declared(folder: str, own: set[str], groups: tuple[str, ...]) -> None:
    required = [*DECLARATION["project"]["dependencies"]]
    for group in groups:
        required += DECLARATION["dependency-groups"][group]
    declared = distributions(required)
    installed = packages_distributions()
    for path, module in imported(folder):
        if module not in own and module not in sys.stdlib_module_names:
            provided_by = {normal(name) for name in installed.get(module, ())}
            assert provided_by & declared, f"{path.relative_to(PROJECT)} imports {module}"
