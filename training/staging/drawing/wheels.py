"""Wheels as cars and trucks have them."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Pen, Point, colour


def filled_wheel(pen: Pen, chance: Random, hub: Point, radius: float) -> None:
    """A dark tyre with a rim of any brightness."""
    pen.disc(hub, radius, colour(chance, 0, 60))
    pen.disc(hub, radius * chance.uniform(0.4, 0.65), colour(chance, 60, 220))
