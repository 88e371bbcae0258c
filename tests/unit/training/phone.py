"""A staged data set as phones save it: JPEGs held in all eight ways of EXIF, portrait and landscape.

Of the two classes one has a bright stripe along its top, the other along its left edge: not turned upright, a
picture that was taken with the phone on its side shows the other class.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.unit.pictures.kinds import TURNED
from tests.unit.training.staged import make_staged

LANDSCAPE, PORTRAIT = (48, 64), (64, 48)
"""Rows and columns."""


def make_phone_set(folder: Path, classes: Sequence[str] = ("top", "left")) -> Path:
    """All splits; every orientation is in each class."""
    make_staged(folder, classes, counts={"train": 48, "validation": 16, "test": 8})
    random = np.random.default_rng(0)
    for split in ("train", "validation", "test"):
        by_number = sorted((folder / split).glob("*.png"), key=lambda path: path.name[-10:])
        for index, path in enumerate(by_number):
            label, number = index % 2, index // 2
            shape = (LANDSCAPE, PORTRAIT)[number % 2]
            _save(path, _picture(label, shape, random), orientation=1 + number % 8)
    return folder


def _picture(label: int, shape: tuple[int, int], random: np.random.Generator) -> Image.Image:
    rows, columns = shape
    upright = random.normal(70, 40, (rows, columns, 3)) + random.normal(0, 20, 3)
    if label == 0:
        upright[: rows // 4] += 150
    else:
        upright[:, : columns // 4] += 150
    return Image.fromarray(upright.clip(0, 255).astype(np.uint8))


def _save(path: Path, upright: Image.Image, orientation: int) -> None:
    """As the sensor saw it, with the note how it was held."""
    exif, turn = Image.Exif(), TURNED[orientation]
    exif[0x0112] = orientation
    seen = upright if turn is None else upright.transpose(turn)
    seen.save(path, "JPEG", exif=exif, quality=85)
