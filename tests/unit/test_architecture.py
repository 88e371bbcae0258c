"""Imports run in one direction: read from the sources, so that an arrow that runs back is an error."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from stacks.constructs import source_code

PROJECT = Path(__file__).parents[2]
PACKAGES = (
    *("bench", "contracts", "costs", "demo", "lambda_src", "loopback_aws", "notebooks", "operations"),
    *("pictures", "reports", "serving", "setup", "stacks", "training"),
)

# What a package may import of the project besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "contracts": set(),
    "setup": set(),
    "pictures": set(),
    "app": {"contracts", "stacks"},
    "stacks": {"contracts"},
    "lambda_src": {"pictures"},
    "training": {"contracts", "pictures"},
    "serving": {"contracts", "pictures"},
    "reports": {"contracts", "lambda_src", "pictures", "training", "serving"},
    "costs": {"contracts", "lambda_src"},
    "operations": {"contracts", "costs", "lambda_src", "pictures", "reports", "training", "serving"},
    "bench": {"contracts", "costs", "lambda_src", "pictures", "reports", "training", "serving"},
    "notebooks": {"contracts", "operations", "reports"},
    "demo": {"contracts", "costs", "lambda_src", "pictures", "reports", "training", "serving"},
}

READS_FILES = ("files", "jpeg", "kinds", "limits", "orientation", "png", "recordio", "refusals", "webp")
"""Of `pictures`: what the functions have, too."""


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a source file imports, anywhere in it, by its full name."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(package: str) -> list[Path]:
    return [PROJECT / "app.py"] if package == "app" else sorted((PROJECT / package).rglob("*.py"))


def roots(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imports(path)}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_arrows_run_in_one_direction(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for path in sources(package):
        back = roots(path) & {*PACKAGES, "app", "tests"} - allowed
        assert not back, f"{path.relative_to(PROJECT)} imports {', '.join(sorted(back))}"


@pytest.mark.parametrize(
    "package", ["contracts", "pictures", "training", "serving", "lambda_src", "operations", "reports"]
)
def test_only_stacks_know_cdk(package: str) -> None:
    for path in sources(package):
        assert not roots(path) & {"aws_cdk", "constructs", "cdk_nag"}, path


def test_the_core_of_the_functions_needs_the_standard_library_only() -> None:
    for path in sources("lambda_src/core"):
        for module in imports(path):
            root = module.partition(".")[0]
            if root == "pictures":
                assert f"{module.split('.')[1]}" in READS_FILES, f"{path}: {module}"
                continue
            assert root in sys.stdlib_module_names or module.startswith("lambda_src"), f"{path}: {module}"
            assert (
                not module.startswith("lambda_src")
                or module.startswith("lambda_src.core")
                or (module == "lambda_src")
            ), f"{path}: {module}"


def test_what_reads_files_of_pictures_for_the_functions_needs_the_standard_library_only() -> None:
    """And what it imports is in the functions' package, where there is no Pillow."""
    for name in ("__init__", *READS_FILES):
        for module in imports(PROJECT / "pictures" / f"{name}.py"):
            root, *rest = module.split(".")
            assert root in sys.stdlib_module_names or (root == "pictures" and rest[0] in READS_FILES), module
    assert tuple(f"pictures/{name}.py" for name in ("__init__", *READS_FILES)) == source_code.READS_FILES


@pytest.mark.parametrize("package", ["contracts", "setup"])
def test_what_comes_before_any_package_needs_the_standard_library_only(package: str) -> None:
    for path in sources(package):
        assert roots(path) <= sys.stdlib_module_names | {package}, path


@pytest.mark.parametrize(
    ("room", "above"),
    [
        ("image", ["batch", "run", "inbox"]),
        ("batch", ["run", "inbox"]),
        ("run", ["inbox"]),
        ("", ["image", "batch", "run", "inbox"]),
    ],
)
def test_rooms_of_the_core_build_on_each_other_in_one_direction(room: str, above: list[str]) -> None:
    for path in (PROJECT / "lambda_src" / "core" / room).glob("*.py"):
        for module in imports(path):
            assert module.removeprefix("lambda_src.core.").partition(".")[0] not in above, f"{path}: {module}"


def test_the_filter_needs_the_standard_library_and_the_core_only() -> None:
    for module in imports(PROJECT / "lambda_src" / "filter_predictions.py"):
        root = module.partition(".")[0]
        assert root in sys.stdlib_module_names or module.startswith("lambda_src.core"), module


def test_each_stack_keeps_to_its_own_part() -> None:
    """app.py hands from one to the other. The monitoring stack is handed those that it watches as a whole."""
    parts = ("storage", "inference", "workflow", "monitoring")
    arrows = {"monitoring": {"stacks.inference.InferenceStack", "stacks.workflow.WorkflowStack"}}
    for part in (*parts, "constructs", "settings", "policy"):
        others = {f"stacks.{other}" for other in parts} - {f"stacks.{part}"}
        for path in sources(f"stacks/{part}"):
            reached = {module for module in imports(path) if ".".join(module.split(".")[:2]) in others}
            assert reached - others <= arrows.get(part, set()), path
            assert part in arrows or not reached, path


def test_settings_know_no_construct_and_constructs_only_their_own_settings() -> None:
    """All settings of a stage are for the stacks, which tell each construct what it needs."""
    for path in sources("stacks"):
        modules = set(imports(path))
        if path.is_relative_to(PROJECT / "stacks" / "settings"):
            assert not roots(path) & {"aws_cdk", "constructs"}, path
            assert all(module.startswith("stacks.settings") for module in modules if "stacks" in module), path
        elif path.name != "stack.py":
            assert not {module for module in modules if module.endswith(".StageSettings")}, path


def test_constructs_do_not_read_the_environment() -> None:
    for path in [*sources("stacks"), PROJECT / "app.py"]:
        assert not {"os.environ", "os.getenv"} & set(imports(path)), path
        attributes = {
            node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)
        }
        assert not attributes & {"environ", "getenv", "now", "today"}, path


def test_the_emulator_and_the_application_know_each_other_by_command_line_and_configuration_only() -> None:
    application = {*PACKAGES, "app"} - {"loopback_aws"}
    for path in sorted((PROJECT / "emulator").rglob("*.py")):
        assert not roots(path) & application, path
        assert not re.search(r"\bscones\b", path.read_text(encoding="utf-8"), re.IGNORECASE), path
    for path in sources("tests"):
        assert "loopback_aws" not in roots(path), path


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """What lies at the top of its package: the module itself, or the folder that it is in."""
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("whole", [str, room_of], ids=["modules", "rooms"])
def test_nothing_imports_what_imports_it(whole: Callable[[str], str]) -> None:
    """Modules, and the rooms of a package taken as one. A package named with a module of it is not meant."""
    files = {module_of(path): path for package in MAY_IMPORT for path in sources(package)}
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        targets = set(imports(path)) & set(files)
        packages = {target.rpartition(".")[0] for target in targets}
        arrows = {whole(target) for target in targets - packages}
        graph.setdefault(whole(module), set()).update(arrows - {whole(module)})
    assert len(graph) > 80
    TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_no_folder_is_crowded() -> None:
    """Twenty files and `__init__`; the emulator's tests hold it to the same."""
    folders = {path.parent for package in (*MAY_IMPORT, "tests") for path in sources(package)} - {PROJECT}
    assert not [folder for folder in folders if len(list(folder.glob("*.py"))) > 21]


def test_every_package_has_its_rule() -> None:
    assert {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"tests"} <= set(MAY_IMPORT)
