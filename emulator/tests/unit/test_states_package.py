"""The docstring of `loopback_aws.states` is its map: whoever adds a file says there where it belongs."""

from __future__ import annotations

import re
from pathlib import Path

import loopback_aws.states


def test_the_map_of_the_package_names_every_file() -> None:
    folder = Path(loopback_aws.states.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    named = {
        name.removesuffix("/") for name in re.findall(r"`([a-z_]+/?)`", str(loopback_aws.states.__doc__))
    }
    assert named == modules | packages
