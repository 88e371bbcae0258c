"""What synthesizing needs besides the sources, and what brings it. It needs nothing: it is asked first."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from stacks.constructs.source_code import CHARTS, LAYER, PROJECT

LIBRARIES = ("aws_cdk", "cdk_nag", "constructs", "pydantic")
COMPILED = "cpython-314-aarch64-linux-gnu.so"
LAYER_FILES = (
    f"{LAYER}/python/numpy/_core/_multiarray_umath.{COMPILED}",
    f"{LAYER}/python/PIL/_imaging.{COMPILED}",
)
"""NumPy and Pillow for the monitoring function's Python and processor."""


def missing(project: Path = PROJECT) -> list[str]:
    """A line for each thing that is not there, with the command that brings it; but for the artifact."""
    layer = _files(project, LAYER_FILES, "python3 -m setup.layer")
    return [*_libraries(), *_files(project, CHARTS, "npm ci"), *layer]


def _libraries() -> Iterator[str]:
    if lacking := [name for name in LIBRARIES if importlib.util.find_spec(name) is None]:
        yield (
            f"{sys.executable} does not have {', '.join(lacking)}: pip install -r requirements.txt, or "
            "activate an environment that has them (make setup SET=synth && . .venv/bin/activate)"
        )


def _files(project: Path, names: tuple[str, ...], command: str) -> Iterator[str]:
    if lacking := [name for name in names if not (project / name).is_file()]:
        yield f"{' and '.join(lacking)} missing in {project}: {command}"
