"""Bicycles: thin tall wheels and an open frame of thin tubes, sometimes loaded, fat-tyred or step-through."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Pen, Point, between, colour, spokes
from training.staging.drawing.rider import Seat


def draw_bicycle(pen: Pen, chance: Random) -> Seat:
    """Draw one, and say where its rider would sit."""
    paint, dark = colour(chance, 0, 230), colour(chance, 0, 80)
    radius = chance.uniform(0.27, 0.36)
    tyre = chance.choice([0.03, 0.035, 0.05, 0.08])
    half = chance.uniform(0.42, 0.52)
    rear, front = (-half, radius), (half, radius)
    for hub in (rear, front):
        pen.ring(hub, radius, dark, tyre)
        if chance.random() < 0.7:
            count, turn = chance.randint(4, 8), chance.uniform(0, 3)
            spokes(pen, hub, radius, count, turn, colour(chance, 60, 180), 0.01)
    crank = (chance.uniform(-0.12, -0.02), radius * chance.uniform(0.85, 1.05))
    saddle = (crank[0] - chance.uniform(0.08, 0.18), radius * chance.uniform(2.1, 2.7))
    head = (half - chance.uniform(0.1, 0.2), radius * chance.uniform(2.1, 2.6))
    tube = chance.uniform(0.03, 0.065)
    step_through = chance.random() < 0.3
    top = between(crank, saddle, 0.35 if step_through else 0.85)
    for ends in ((rear, crank), (crank, saddle), (rear, top), (crank, head), (top, head), (head, front)):
        pen.line(ends, paint, tube)
    pen.line([(saddle[0] - 0.11, saddle[1]), (saddle[0] + 0.1, saddle[1])], dark, chance.uniform(0.05, 0.09))
    grip = (head[0] + chance.uniform(-0.08, 0.06), head[1] + chance.uniform(0.05, 0.16))
    pen.line([head, grip, (grip[0] - 0.1, grip[1] + chance.uniform(-0.06, 0.06))], dark, tube)
    pen.ring(crank, chance.uniform(0.05, 0.09), dark, 0.03)
    _load(pen, chance, crank, rear, front, radius)
    return Seat(saddle, grip, crank)


def _load(
    pen: Pen,
    chance: Random,
    crank: Point,
    rear: Point,
    front: Point,
    radius: float,
) -> None:
    """Battery, panniers or basket: blobs where a motorcycle has its engine, tank and lamp."""
    if chance.random() < 0.35:
        x, y = between(crank, front, chance.uniform(0.1, 0.4))
        pen.box(x - 0.14, y - 0.04, x + 0.14, y + chance.uniform(0.1, 0.25), colour(chance, 0, 200))
    if chance.random() < 0.2:
        pen.box(rear[0] - 0.18, radius * 1.1, rear[0] + 0.16, radius * 2.1, colour(chance, 0, 200))
    if chance.random() < 0.2:
        pen.box(front[0] - 0.12, radius * 2, front[0] + 0.14, radius * 2.8, colour(chance, 0, 200))
