"""One picture of a vehicle: place, shadow, vehicle, rider, and whatever is in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random

from training.staging.drawing.bicycle import draw_bicycle
from training.staging.drawing.camera import OVERSAMPLING, SIDE, aim, expose
from training.staging.drawing.car import draw_car
from training.staging.drawing.motorcycle import draw_motorcycle
from training.staging.drawing.pen import Pen
from training.staging.drawing.rider import Seat, draw_rider
from training.staging.drawing.scenery import background, foreground
from training.staging.drawing.scooter import draw_scooter
from training.staging.drawing.truck import draw_truck
from training.staging.example import Pixels

VERSION = 1
"""Raised whenever the same seed no longer gives the same pictures."""
VEHICLES: dict[str, Callable[[Pen, Random], Seat | None]] = {
    "bicycle": draw_bicycle,
    "motorcycle": draw_motorcycle,
    "scooter": draw_scooter,
    "car": draw_car,
    "truck": draw_truck,
}
"""The classes that can be drawn."""


def draw_picture(vehicle: str, seed: int, index: int) -> Pixels:
    """Picture number `index` of a vehicle, uint8 [32, 32, 3] RGB; nothing else decides its pixels."""
    chance = Random(_number(f"{VERSION}:{seed}:{vehicle}:{index}"))
    picture = background(chance, SIDE * OVERSAMPLING)
    pen = aim(picture, chance)
    if chance.random() < 0.35:
        dark = chance.randint(0, 80)
        pen.disc((0, 0), 0.62, (dark, dark, dark), flatness=0.08)
    seat = VEHICLES[vehicle](pen, chance)
    if seat is not None and chance.random() < 0.25:
        draw_rider(pen, chance, seat)
    foreground(picture, chance)
    return expose(picture, chance)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
