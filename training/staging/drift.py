"""How pictures change on the way in a simulation, so that monitoring has something to find."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from PIL import Image, ImageFilter

from training.staging.example import Pixels

BRIGHTER = 90
"""What each pixel gains of 255: a camera that is overexposed."""
BLUR_RADIUS = 1.5
"""Pixels of a picture of 32 x 32 over which a point is spread: a lens out of focus."""
NEW_CLASS_SHARE = 0.5
"""Share of the pictures that show a class which the model was never taught."""
_REFERENCE_SIDE = 32


class Drift(StrEnum):
    """What changes."""

    brightness = "brightness"
    blur = "blur"
    new_class = "new-class"


def drifted(pixels: Pixels, drift: Drift) -> Pixels:
    """The same picture, uint8 [height, width, 3], brighter or blurred; a new class leaves it as it is."""
    match drift:
        case Drift.brightness:
            return np.clip(pixels.astype(np.int16) + BRIGHTER, 0, 255).astype(np.uint8)
        case Drift.blur:
            radius = BLUR_RADIUS * min(pixels.shape[:2]) / _REFERENCE_SIDE
            return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))
        case Drift.new_class:
            return pixels


def new_class(known: Sequence[str], drawable: Sequence[str]) -> str | None:
    """The first of `drawable` that is not in `known`, or None when all are."""
    return next((name for name in drawable if name not in known), None)
