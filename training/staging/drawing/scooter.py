"""Scooters: small wheels, a floorboard between front shield and seat box."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Pen, colour
from training.staging.drawing.rider import Seat


def draw_scooter(pen: Pen, chance: Random) -> Seat:
    """Draw one, and say where its rider would sit."""
    paint, dark = colour(chance, 20, 240), colour(chance, 0, 80)
    radius = chance.uniform(0.13, 0.2)
    half = chance.uniform(0.42, 0.5)
    for x in (-half, half):
        pen.ring((x, radius), radius, dark, chance.uniform(0.06, 0.1))
        pen.disc((x, radius), 0.05, colour(chance, 90, 220))
    floor = radius * chance.uniform(1.1, 1.5)
    seat = (-half * 0.6, floor + chance.uniform(0.38, 0.5))
    back = -half - chance.uniform(0.02, 0.14)
    pen.shape([(back, floor), (-0.08, floor), (-0.12, seat[1]), (back, seat[1] - 0.08)], paint)
    pen.line([(-0.15, floor), (half * 0.6, floor)], paint, chance.uniform(0.08, 0.13))
    head = (half * chance.uniform(0.55, 0.75), floor + chance.uniform(0.6, 0.78))
    pen.line([(half * 0.85, floor), head], paint, chance.uniform(0.09, 0.17))
    pen.line([head, (half, radius)], dark, 0.05)
    pen.line([(back + 0.04, seat[1] + 0.02), (-0.1, seat[1] + 0.03)], dark, chance.uniform(0.07, 0.11))
    grip = (head[0] - chance.uniform(0.04, 0.12), head[1] + chance.uniform(0.03, 0.1))
    pen.line([head, grip], dark, 0.05)
    if chance.random() < 0.6:
        pen.disc((head[0] + 0.04, head[1] - 0.04), 0.06, colour(chance, 150, 255))
    if chance.random() < 0.3:
        pen.box(back - 0.1, seat[1], back + 0.18, seat[1] + 0.25, colour(chance, 0, 220))
    return Seat(seat, grip, (0.05, floor))
