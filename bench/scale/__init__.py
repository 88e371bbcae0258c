"""Training of 22,000 photographs: memory, and how long on two cores: `python -m bench.scale`.

Drawn drivers of 640x480 under noise, each file ten times, in RecordIO, groups known, are trained on with few
steps; how long all steps take is told by those. `--whole` takes them all (an hour).

What counts against a container's limit and cannot be let go is anonymous memory, and files in memory (tmpfs):
what all processes have of that together is looked at all the while. The pixels lie in a mapped file, written
to the disk once they are there: the system lets go of its pages when it wants their room.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench.scale.memory import Watch
from bench.scale.pictures import SIZE, stage
from training.data import SPLITS
from training.input_size import choose_size
from training.network.recipe import PRESETS, within_time

PICTURES = 22_000
MEMORY_GOAL, MINUTES_GOAL = 2_000.0, 60.0
STEPS = 20


class Measured(NamedTuple):
    """Seconds until the pictures are read, until the first network's steps are through, until all networks
    answered, until the end; steps that each network took and would take; peaks in MB."""

    reading: float
    first: float
    fitted: float
    ended: float
    steps: int
    all_steps: int
    unreclaimable: float
    mapped: float


def run(pictures: int = PICTURES, steps: int | None = STEPS, preset: str = "full") -> list[dict[str, Any]]:
    """The entries of bench/__main__.py. `steps` of each network; None: all of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(folder / "data", pictures)
        measured = train(folder, steps, preset)
    a_step = (measured.first - measured.reading) / measured.steps
    waves = -(-PRESETS[preset].folds * PRESETS[preset].members // 2)
    minutes = (measured.ended + waves * a_step * (measured.all_steps - measured.steps)) / 60
    print(f"{measured}; {a_step:.2f} s a step of two networks", file=sys.stderr)
    return [
        entry("scale.training.unreclaimable_memory", measured.unreclaimable, "MB", MEMORY_GOAL),
        entry("scale.training.mapped_file", measured.mapped, "MB", None),
        entry("scale.training.read_pictures_a_second", pictures / measured.reading, "1/s", None),
        entry("scale.training.minutes", minutes, "min", MINUTES_GOAL),
    ]


def train(folder: Path, steps: int | None, preset: str) -> Measured:
    learned = sum(len((folder / "data" / f"{split}.lst").read_text().splitlines()) for split in SPLITS[:2])
    pretrained = bool(PRESETS[preset].kept_blocks)
    recipe = within_time(PRESETS[preset], learned, choose_size("", SIZE[::-1], pretrained))
    kept = learned * (recipe.folds - 1) // recipe.folds
    all_steps = recipe.max_steps or recipe.epochs * (kept // recipe.batch_size)
    command = [sys.executable, "-m", "training.train", "--preset", preset, "--threads", "2"]
    command += ["--data", str(folder / "data"), "--artifact", str(folder / "model.tar.gz")]
    if steps is not None:
        command += ["--max-steps", str(steps)]
    begun, times = time.monotonic(), dict[str, float]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        watch.start()
        for line in process.stdout or ():
            print(line, end="", file=sys.stderr)
            for key in ("to learn from", "network=1/", "temperature"):
                if key in line:
                    times[key] = time.monotonic() - begun
    if process.returncode:
        raise RuntimeError(f"training ended with status {process.returncode}")
    watch.join()
    return Measured(
        *(times["to learn from"], times["network=1/"], times["temperature"], time.monotonic() - begun),
        *(steps or all_steps, all_steps, watch.unreclaimable / 1024, watch.mapped / 1024),
    )


def entry(name: str, value: float, unit: str, goal: float | None) -> dict[str, Any]:
    met = None if goal is None else value <= goal
    return {
        **{"name": name, "value": round(value, 1), "unit": unit, "reference": None, "ratio": None},
        **{"goal": goal, "met": met},
    }
