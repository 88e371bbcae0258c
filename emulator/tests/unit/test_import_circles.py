"""Imports run in one direction: read from the sources, those inside of functions as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import loopback_aws
import pytest

SOURCES = Path(loopback_aws.__file__).parent
Graph = dict[str, set[str]]

# From the top down: a room of Step Functions uses those below it only.
ROOMS = (
    *("service", "interruptions", "api", "definitions", "map_run", "runs", "flow", "data", "history"),
    *("arns", "records"),
)


def graph_of(files: dict[str, str]) -> Graph:
    """Module -> the modules of the package that it imports; `files` holds each one's source text."""
    return {module: set(imported(text, files)) - {module} for module, text in files.items()}


def imported(text: str, known: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:  # a module of a package, or what is in a module
                inside = f"{node.module}.{alias.name}"
                if inside in known or node.module in known:
                    yield inside if inside in known else str(node.module)


def circles(graph: Graph) -> list[set[str]]:
    """The strongly connected components of more than one module (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for target in graph[module]:
            if target not in order:
                visit(target)
            if target in path:
                lowest[module] = min(lowest[module], lowest[target])
        if lowest[module] == order[module]:
            start = path.index(module)
            if len(component := path[start:]) > 1:
                found.append(set(component))
            del path[start:]

    for module in graph:
        if module not in order:
            visit(module)
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCES.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of({module_of(path): path.read_text() for path in SOURCES.rglob("*.py")})


def test_no_modules_import_each_other(graph: Graph) -> None:
    assert len(graph) > 100
    assert circles(graph) == []


def test_a_circle_is_found_wherever_it_is_closed() -> None:
    files = {
        "a": "import b",
        "b": "def later():\n    from package import c",
        "package": "",
        "package.c": "from a import name",
        "d": "import a",
    }
    assert circles(graph_of(files)) == [{"a", "b", "package.c"}]


def test_rooms_of_step_functions_use_those_below_them_only(graph: Graph) -> None:
    back = {
        f"{module} imports {target}"
        for module, targets in graph.items()
        for target in targets
        if (here := floor(module)) is not None and (there := floor(target)) is not None and there < here
    }
    assert not back


def floor(module: str) -> int | None:
    """Index of the room of Step Functions that a module is in; None for any other."""
    _, _, inside = module.partition("loopback_aws.states.")
    return ROOMS.index(inside.partition(".")[0]) if inside else None


def test_no_room_is_crowded() -> None:
    crowded = {
        str(folder.relative_to(SOURCES))
        for folder in SOURCES.rglob("*")
        if len(list(folder.glob("*.py"))) > 21  # twenty and __init__
    }
    assert not crowded
