"""Camera-like pictures of drawn drivers, as `scones stage drivers --format recordio` would store them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import SPLITS
from training.staging.drivers.activity import ACTIVITIES
from training.staging.drivers.picture import draw_driver
from training.staging.folder import write_manifest
from training.staging.formats import Placed, RecordIO

SHARES = {"train": 0.73, "validation": 0.08, "test": 0.19}
SUBJECTS, DRAWN, REPEATED = 26, 260, 10
"""Drivers, pictures of them that are drawn, and times that each file made of one is there."""
SIZE = (640, 480)
CLASSES = list(ACTIVITIES)


def stage(folder: Path, pictures: int) -> None:
    """A data set as `scones stage drivers --format recordio` makes it, of camera-like JPEGs."""
    folder.mkdir()
    drawn = list(_draw())
    chance = np.random.default_rng(0)
    counts: dict[str, int] = {split: round(pictures * share) for split, share in SHARES.items()}
    for split, count in counts.items():
        RecordIO().write(folder, split, _noisy(split, count, drawn, chance))
    per_class = {split: dict.fromkeys(CLASSES, count // len(CLASSES)) for split, count in counts.items()}
    about = {"schema_version": 1, "name": "scale", "classes": CLASSES, "counts": per_class}
    write_manifest(folder, about | {"fingerprint": "0" * 64, "mirror": False, "format": "recordio"})


def _draw() -> Iterator[tuple[int, int, np.ndarray]]:
    """Label, subject and pixels."""
    for number in range(DRAWN):
        label, subject = number % len(CLASSES), number // len(CLASSES) % SUBJECTS
        yield label, subject, draw_driver(CLASSES[label], 0, subject, number, SIZE)


def _noisy(
    split: str, count: int, drawn: list[tuple[int, int, np.ndarray]], chance: np.random.Generator
) -> Iterator[Placed]:
    """The first subjects' pictures to train, the next ones' to validate, the last ones' to test."""
    ends = np.cumsum([0, *SHARES.values()]) * SUBJECTS
    at = SPLITS.index(split)
    own = [one for one in drawn if round(ends[at]) <= one[1] < round(ends[at + 1])]
    files = [_jpeg(own[number % len(own)][2], chance) for number in range(-(-count // REPEATED))]
    for number in range(count):
        label, subject, _ = own[number % len(files) % len(own)]
        yield Placed(label, f"{split}/{number:06d}.jpg", files[number % len(files)], f"p{subject:03d}")


def _jpeg(pixels: np.ndarray, chance: np.random.Generator) -> bytes:
    coarse = chance.integers(-20, 21, (60, 80, 3), dtype=np.int16).repeat(8, 0).repeat(8, 1)
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels + coarse, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()
