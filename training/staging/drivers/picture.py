"""One picture of a driver: the cabin, the driver in a pose, and how the camera saw them."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from training.staging.drawing.pen import Pen
from training.staging.drivers.activity import pose
from training.staging.drivers.cabin import draw_behind
from training.staging.drivers.person import draw_person
from training.staging.drivers.subject import Camera, Subject, draw_subject
from training.staging.example import Pixels

VERSION = 1
"""Raised whenever the same seed no longer gives the same pictures."""
OVERSAMPLING = 3
"""Pixels drawn for one finished pixel, across and down."""
_RATIO = 4 / 3
"""Width to height of what is drawn at least, whatever the picture's ratio."""


def draw_driver(activity: str, seed: int, subject: int, index: int, size: tuple[int, int]) -> Pixels:
    """Picture number `index` of a subject, uint8 [height, width, 3] RGB; `size` is (width, height).

    Nothing else decides its pixels. The scene is 4:3; another ratio sees more of what is around it.
    """
    who = _subject(seed, subject)
    chance = Random(f"{VERSION}:{seed}:{activity}:{subject}:{index}")
    picture = Image.new("RGB", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
    pen = _aim(picture, who.camera, chance)
    draw_behind(pen, who, chance)
    draw_person(pen, who, pose(activity, who, chance))
    return _expose(picture, size, who.camera, chance)


@lru_cache(maxsize=256)
def _subject(seed: int, number: int) -> Subject:
    return draw_subject(Random(f"{VERSION}:{seed}:subject:{number}"))


def _aim(picture: Image.Image, camera: Camera, chance: Random) -> Pen:
    """A pen from the picture's middle, in heights of the picture; the car shakes the camera a little."""
    zoom = min(picture.height, picture.width / _RATIO) * camera.zoom * chance.gauss(1, 0.015)
    tilt = math.radians(camera.tilt + chance.gauss(0, 1))
    cosine, sine = math.cos(tilt), math.sin(tilt)
    across, aslant = camera.squeeze * zoom, camera.slant * zoom
    x = picture.width / 2 + zoom * (camera.shift[0] + chance.gauss(0, 0.008))
    y = picture.height / 2 + zoom * (camera.shift[1] + chance.gauss(0, 0.008))
    matrix = (
        cosine * across,
        cosine * aslant + sine * zoom,
        x,
        sine * across,
        sine * aslant - cosine * zoom,
        y,
    )
    return Pen(ImageDraw.Draw(picture), matrix)


def _expose(picture: Image.Image, size: tuple[int, int], camera: Camera, chance: Random) -> Pixels:
    """The finished picture: out of focus, in the light of the day, shaded at one side, grainy."""
    radius = (camera.blur + chance.uniform(0, 0.003)) * picture.height
    small = picture.filter(ImageFilter.GaussianBlur(radius)).resize(size, Image.Resampling.BOX)
    for adjust, factor in (
        (ImageEnhance.Contrast, camera.contrast * chance.uniform(0.92, 1.08)),
        (ImageEnhance.Brightness, camera.brightness * chance.uniform(0.88, 1.12)),
        (ImageEnhance.Color, camera.saturation),
    ):
        small = adjust(small).enhance(factor)
    width, height = size
    shade = 1 - camera.shade * np.linspace(0, 1, width)[None, :, None]
    noise = np.random.default_rng(chance.getrandbits(64)).normal(0, camera.grain, (height, width, 3))
    light = np.asarray(small, dtype=np.float64) * shade * np.array(camera.tint)
    return np.clip(light + noise, 0, 255).astype(np.uint8)
