"""Cars: a low body with bonnet and windows over two small filled wheels."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Pen, colour
from training.staging.drawing.wheels import filled_wheel


def draw_car(pen: Pen, chance: Random) -> None:
    """Draw one: saloon, hatchback or estate, as its roof's ends decide."""
    paint, glass = colour(chance, 10, 245), colour(chance, 40, 200)
    radius = chance.uniform(0.11, 0.15)
    sill, belt = radius * 0.9, radius + chance.uniform(0.16, 0.22)
    roof = belt + chance.uniform(0.16, 0.24)
    tail, nose = -chance.uniform(0.55, 0.65), chance.uniform(0.55, 0.68)
    pen.shape([(tail, sill), (nose, sill), (nose, belt - 0.07), (0.3, belt), (tail, belt)], paint)
    back, front = tail + chance.uniform(0.04, 0.2), chance.uniform(0.05, 0.16)
    pen.shape([(tail + 0.02, belt), (back + 0.06, roof), (front, roof), (0.34, belt)], paint)
    for left, right in ((back + 0.08, -0.08), (-0.04, front - 0.01)):
        if right > left:
            pen.shape(
                [(left - 0.03, belt), (right + 0.05, belt), (right, roof - 0.04), (left, roof - 0.04)], glass
            )
    if chance.random() < 0.6:
        pen.disc((nose - 0.04, belt - 0.1), 0.035, colour(chance, 180, 255))
    for x in (-0.36, 0.36):
        filled_wheel(pen, chance, (x, radius), radius)
