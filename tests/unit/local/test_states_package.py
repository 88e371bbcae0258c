"""The docstring of `local.states` is its map: whoever adds a file says there where it belongs."""

from __future__ import annotations

import re
from pathlib import Path

import local.states


def test_the_map_of_the_package_names_every_file() -> None:
    folder = Path(local.states.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    named = {name.removesuffix("/") for name in re.findall(r"`([a-z_]+/?)`", str(local.states.__doc__))}
    assert named == modules | packages
