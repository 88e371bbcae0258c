"""Whoever rides a vehicle with two wheels: the same on all of them, so they tell nothing apart."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.staging.drawing.pen import Pen, Point, colour


@dataclass(frozen=True)
class Seat:
    """Where a rider touches the vehicle: seat, handlebar grip and foot rest."""

    saddle: Point
    grip: Point
    foot: Point


def draw_rider(pen: Pen, chance: Random, seat: Seat) -> None:
    """Legs, trunk, arm and head."""
    clothes, trousers = colour(chance), colour(chance, 0, 140)
    hip = (seat.saddle[0], seat.saddle[1] + 0.05)
    shoulder = (hip[0] + chance.uniform(0.05, 0.28), hip[1] + chance.uniform(0.36, 0.46))
    knee = (seat.foot[0] + 0.14, (hip[1] + seat.foot[1]) / 2 + 0.05)
    pen.line([hip, knee, seat.foot], trousers, 0.09)
    pen.line([hip, shoulder], clothes, 0.16)
    pen.line([shoulder, seat.grip], clothes, 0.07)
    pen.disc((shoulder[0] + 0.05, shoulder[1] + 0.14), chance.uniform(0.09, 0.12), colour(chance, 30, 240))
