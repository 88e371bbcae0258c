"""What the monitoring function takes along that is no source of this project: `make setup` brings it."""

from __future__ import annotations

from pathlib import Path

from stacks.constructs.source_code import CHARTS, LAYER, PROJECT

COMPILED = "cpython-314-aarch64-linux-gnu.so"
LAYER_FILES = (
    f"{LAYER}/python/numpy/_core/_multiarray_umath.{COMPILED}",
    f"{LAYER}/python/PIL/_imaging.{COMPILED}",
)


class PackagesError(ValueError):
    """Something that is to be deployed is not on this machine; the message says what brings it."""


def require_packages(project: Path = PROJECT) -> None:
    """Raises PackagesError when a chart library, NumPy or Pillow for the function's Python is not there."""
    missing = [name for name in (*CHARTS, *LAYER_FILES) if not (project / name).is_file()]
    if missing:
        raise PackagesError(
            f"the monitoring function cannot be packaged, {' and '.join(missing)} missing in {project}: "
            "`make setup` fetches what it needs"
        )
