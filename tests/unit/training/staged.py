"""A tiny staged data set: a picture's colour is its class, which a small network learns in no time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((200, 30, 30), (30, 30, 200), (30, 200, 30), (200, 200, 30), (200, 30, 200))
COUNTS = {"train": 12, "validation": 4, "test": 6}


def make_staged(
    folder: Path,
    classes: Sequence[str] = ("red", "blue"),
    sides: Sequence[int] = (16,),
    counts: Mapping[str, int] = COUNTS,
) -> Path:
    """Write so many pictures a class; their sides are taken from `sides` in turn."""
    random = np.random.default_rng(0)
    for split, count in counts.items():
        (folder / split).mkdir(parents=True)
        lines = []
        for index in range(count * len(classes)):
            label = index % len(classes)
            side = sides[index % len(sides)]
            pixels = np.array(COLOURS[label]) + random.normal(0, 30, (side, side, 3))
            name = f"{split}/{classes[label]}_s_{index:06d}.png"
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name)
            lines.append(f"{index}\t{label}\t{name}\n")
        (folder / f"{split}.lst").write_text("".join(lines))
    manifest = {
        "schema_version": 1,
        "name": "colours",
        "source": "drawn by a test",
        "seed": 0,
        "classes": list(classes),
        "counts": {split: dict.fromkeys(classes, count) for split, count in counts.items()},
        "fingerprint": "f" * 64,
        "image": {"width": sides[0], "height": sides[0]},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
