"""What pyproject.toml and the emulator's own declare, set by set."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from setup.sets import ROOT, PackageSet


def declared(packages: PackageSet, root: Path = ROOT) -> list[str]:
    """The requirements of a set as they are declared, sorted, each once."""
    return sorted({line for need in packages.needs for line in _lines(need, root)})


def digest(requirements: list[str]) -> str:
    """Names a declaration, in the header of the file that was made from it: 16 digits of SHA-256."""
    return hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:16]


def _lines(need: str, root: Path) -> Iterator[str]:
    project, _, group = need.rpartition(":")
    if need == "emulator":
        yield from _read(root / "emulator")["project"]["dependencies"]
    else:
        yield from _expanded(_read(root / project)["dependency-groups"], group)


def _expanded(groups: dict[str, Any], name: str) -> Iterator[str]:
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _expanded(groups, entry["include-group"])


def _read(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
