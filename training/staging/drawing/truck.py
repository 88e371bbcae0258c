"""Trucks: a cab in front of a tall cargo box or an open bed, on two or three wheels."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Pen, colour
from training.staging.drawing.wheels import filled_wheel


def draw_truck(pen: Pen, chance: Random) -> None:
    """Draw one."""
    paint = colour(chance, 10, 245)
    radius = chance.uniform(0.09, 0.14)
    floor = radius * 1.5
    cab_back = chance.uniform(0.2, 0.32)
    cab_top = floor + chance.uniform(0.34, 0.46)
    pen.box(-0.62, floor - 0.06, 0.6, floor, colour(chance, 0, 90))
    cargo = floor + (chance.uniform(0.42, 0.62) if chance.random() < 0.75 else chance.uniform(0.15, 0.25))
    pen.box(-0.65, floor, cab_back - 0.03, cargo, colour(chance, 30, 255))
    pen.shape(
        [
            (cab_back, floor - 0.06),
            (0.62, floor - 0.06),
            (0.62, floor + 0.2),
            (0.54, cab_top),
            (cab_back, cab_top),
        ],
        paint,
    )
    pen.shape(
        [
            (cab_back + 0.08, floor + 0.2),
            (0.58, floor + 0.2),
            (0.52, cab_top - 0.04),
            (cab_back + 0.08, cab_top - 0.04),
        ],
        colour(chance, 40, 200),
    )
    axles = [-0.42, 0.42] if chance.random() < 0.6 else [-0.5, -0.24, 0.42]
    for x in axles:
        filled_wheel(pen, chance, (x, radius), radius)
