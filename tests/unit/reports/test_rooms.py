"""The rooms of reports import in one direction: from capture files to the monitor."""

from __future__ import annotations

from pathlib import Path

import pytest

import reports
from tests.unit.test_architecture import imports

FOLDER = Path(reports.__file__).parent
ORDER = ("document", "times", "captured", "history", "figures", "page", "markdown", "monitor")
"""Each may import of those before it, and of itself."""


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def sources(name: str) -> list[Path]:
    module = FOLDER / f"{name}.py"
    return [module] if module.exists() else list((FOLDER / name).rglob("*.py"))


@pytest.mark.parametrize("name", ORDER)
def test_a_room_imports_only_of_those_before_it(name: str) -> None:
    known = set(ORDER[: ORDER.index(name) + 1])
    for path in (
        [FOLDER / f"{name}.py"] if (FOLDER / f"{name}.py").exists() else (FOLDER / name).rglob("*.py")
    ):
        used = {room(module) for module in imports(path) if module.startswith("reports.")}
        assert used <= known, f"{path.relative_to(FOLDER)} imports {', '.join(sorted(used - known))}"


def test_every_room_has_its_place() -> None:
    names = {
        path.stem for path in FOLDER.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert names - {"__init__"} == set(ORDER)
