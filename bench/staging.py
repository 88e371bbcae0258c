"""Staging photographs to RecordIO, whose files are kept as they are: `python -m bench.staging`.

Drawn photographs of 640x480 in ten classes are staged as `scones stage folder PATH --format recordio` does.
Each is looked at, which is most of the work; how fast they are written is measured by itself as well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
from PIL import Image

from training.listing import list_images
from training.staging.formats import Placed, RecordIO

PICTURES = 22_424
"""As many as State Farm published to train with."""
CLASSES = 10
GOAL = 1_500
"""Pictures a second."""
_FEW = 5
"""What part of the pictures is staged first, to see how memory grows."""


def run(pictures: int = PICTURES) -> list[dict[str, Any]]:
    """The entries of bench/__main__.py."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder / "few", pictures // _FEW)
        draw(folder / "all", pictures)
        _, _, few_kilobytes = staged(folder / "few", folder / "few-staged")
        seconds, cpu_seconds, kilobytes = staged(folder / "all", folder / "all-staged")
        written = write_speed(folder / "all", folder)
        train = len(list_images(folder / "all-staged", "train", CLASSES))
    print(f"{pictures} staged in {seconds:.1f} s, {train} of them to train", file=sys.stderr)
    growth = (kilobytes - few_kilobytes) / 1024
    return [
        entry("staging.recordio.pictures_a_second", pictures / seconds, "1/s", GOAL, at_least=True),
        entry("staging.recordio.pictures_a_cpu_second", pictures / cpu_seconds, "1/s", None),
        entry("staging.recordio.written_a_cpu_second", written, "1/s", GOAL, at_least=True),
        entry("staging.recordio.memory", kilobytes / 1024, "MB", None),
        entry("staging.recordio.memory_growth", growth, "MB", max(20, pictures / 500), at_least=False),
    ]


def draw(folder: Path, pictures: int) -> None:
    """Coloured clouds, all different, as a camera's JPEGs of some 50 KB."""
    chance = np.random.default_rng(pictures)
    for number in range(pictures):
        path = folder / f"c{number % CLASSES}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        few = Image.fromarray(chance.integers(0, 256, (30, 40, 3), dtype=np.uint8))
        few.resize((640, 480), Image.Resampling.BICUBIC).save(path, quality=85)


def staged(folder: Path, out: Path) -> tuple[float, float, int]:
    """Seconds by the clock and of processors, and the largest memory of this and earlier processes, in KB."""
    begun, busy = time.monotonic(), _cpu_seconds(RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "operations", "stage", "folder", str(folder)]
    subprocess.run(
        [*command, "--format", "recordio", "--out", str(out)], check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.monotonic() - begun
    return seconds, _cpu_seconds(RUSAGE_CHILDREN) - busy, getrusage(RUSAGE_CHILDREN).ru_maxrss


def write_speed(folder: Path, out: Path) -> float:
    """Pictures a second of this process, read from a folder and written in RecordIO."""
    files = sorted(folder.rglob("*.jpg"))
    before = _cpu_seconds(RUSAGE_SELF)
    RecordIO().write(out, "train", (Placed(0, f"train/{file.name}", file.read_bytes()) for file in files))
    return len(files) / (_cpu_seconds(RUSAGE_SELF) - before)


def _cpu_seconds(who: int) -> float:
    usage = getrusage(who)
    return usage.ru_utime + usage.ru_stime


def entry(name: str, value: float, unit: str, goal: float | None, at_least: bool = True) -> dict[str, Any]:
    met = None if goal is None else value >= goal if at_least else value <= goal
    return {
        **{"name": name, "value": value, "unit": unit, "reference": None, "ratio": None},
        **{"goal": goal, "met": met},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.staging", description="How fast pictures are staged.")
    parser.add_argument("--pictures", type=int, default=PICTURES, help=f"default: {PICTURES:,}")
    print(json.dumps(run(parser.parse_args().pictures), indent=2))
