"""How a vehicle is seen: from where, how sharp, in which light, with how much noise."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from training.staging.drawing.pen import Pen
from training.staging.example import Pixels

SIDE = 32
"""Side of the finished picture in pixels, as in CIFAR."""
OVERSAMPLING = 4
"""Pixels drawn for one finished pixel, so that thin tubes fade instead of vanishing."""
MIDDLE = 0.4
"""Height of a vehicle's middle above the ground, in the pen's units."""


def aim(picture: Image.Image, chance: Random) -> Pen:
    """A pen for a vehicle that appears anywhere near the middle, facing either way, slanted and tilted."""
    side = picture.width
    zoom = side * chance.uniform(0.45, 0.85)
    facing = chance.choice([-1, 1])
    squeeze = chance.uniform(0.6, 1.0) if chance.random() < 0.4 else chance.uniform(0.9, 1.05)
    slant = chance.uniform(-0.15, 0.15)
    tilt = math.radians(chance.gauss(0, 8))
    cosine, sine = math.cos(tilt), math.sin(tilt)
    forwards, sideways = facing * squeeze * zoom, slant * zoom
    a, d = cosine * forwards, sine * forwards
    b, e = cosine * sideways + sine * zoom, sine * sideways - cosine * zoom
    x, y = side * (0.5 + chance.gauss(0, 0.06)), side * (0.5 + chance.gauss(0, 0.06))
    return Pen(ImageDraw.Draw(picture), (a, b, x - b * MIDDLE, d, e, y - e * MIDDLE))


def expose(picture: Image.Image, chance: Random) -> Pixels:
    """The finished picture, uint8 [32, 32, 3]: out of focus, in poor light, grainy."""
    blurred = picture.filter(ImageFilter.GaussianBlur(chance.uniform(0, 2.4)))
    small = blurred.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    for adjust, least, most in (
        (ImageEnhance.Contrast, 0.4, 1.25),
        (ImageEnhance.Brightness, 0.6, 1.3),
        (ImageEnhance.Color, 0.0, 1.3),
    ):
        small = adjust(small).enhance(chance.uniform(least, most))
    grain = np.random.default_rng(chance.getrandbits(64)).normal(0, chance.uniform(1, 13), (SIDE, SIDE, 3))
    return np.clip(np.asarray(small, dtype=np.float64) + grain, 0, 255).astype(np.uint8)
