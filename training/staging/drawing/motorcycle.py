"""Motorcycles: wide tyres, an engine between the wheels, tank, long seat and exhaust; some light and bare."""

from __future__ import annotations

from random import Random

from training.staging.drawing.pen import Colour, Pen, Point, colour, spokes
from training.staging.drawing.rider import Seat


def draw_motorcycle(pen: Pen, chance: Random) -> Seat:
    """Draw one, and say where its rider would sit."""
    paint, dark = colour(chance, 0, 230), colour(chance, 0, 80)
    light = chance.random() < 0.3
    radius = chance.uniform(0.25, 0.33) if light else chance.uniform(0.2, 0.3)
    tyre = chance.uniform(0.04, 0.07) if light else chance.uniform(0.07, 0.13)
    half = chance.uniform(0.42, 0.55)
    rear, front = (-half, radius), (half, radius)
    for hub in (rear, front):
        _wheel(pen, chance, hub, radius, tyre)
    engine = (chance.uniform(-0.12, 0.06), radius * chance.uniform(0.9, 1.4))
    size = chance.uniform(0.09, 0.13) if light else chance.uniform(0.13, 0.2)
    metal = colour(chance, 30, 180)
    seat = (-half + chance.uniform(0.2, 0.34), radius * chance.uniform(2.1, 2.6))
    head = (half - chance.uniform(0.15, 0.28), radius * chance.uniform(2.3, 2.9))
    tube = chance.uniform(0.03, 0.07)
    for ends in ((rear, seat), (seat, head), (head, engine), (rear, engine)):
        pen.line(ends, paint, tube)
    pen.line([head, front], colour(chance, 60, 220), chance.uniform(0.04, 0.08))
    _engine(pen, chance, engine, size, metal, dark)
    tank = 0.6 if light else 1.0
    pen.disc((0.08, seat[1] + 0.04), 0.2 * tank, paint, chance.uniform(0.45, 0.7))
    pen.line([(seat[0] - 0.18, seat[1] + 0.03), (0.0, seat[1])], dark, chance.uniform(0.06, 0.11))
    if chance.random() < 0.7:
        end = (rear[0] - chance.uniform(0.0, 0.1), radius * chance.uniform(0.8, 1.2))
        pen.line(
            [(engine[0], engine[1] - size * 0.6), end], colour(chance, 110, 230), chance.uniform(0.03, 0.08)
        )
    grip = (head[0] - chance.uniform(-0.02, 0.1), head[1] + chance.uniform(0.05, 0.15))
    pen.line([head, grip, (grip[0] - chance.uniform(0.0, 0.14), grip[1] + 0.02)], dark, 0.05)
    _extras(pen, chance, head, paint)
    return Seat(seat, grip, engine)


def _engine(pen: Pen, chance: Random, centre: Point, size: float, metal: Colour, dark: Colour) -> None:
    """A block with up to three cooling fins."""
    x, y = centre
    pen.box(x - size, y - size, x + size, y + size, metal)
    for fin in range(chance.randint(0, 3)):
        height = y + size * (0.7 - 0.5 * fin)
        pen.line([(x - size, height), (x + size, height)], dark, 0.015)


def _wheel(pen: Pen, chance: Random, hub: Point, radius: float, tyre: float) -> None:
    pen.ring(hub, radius, colour(chance, 0, 70), tyre)
    if chance.random() < 0.5:
        spokes(pen, hub, radius, chance.randint(3, 7), chance.uniform(0, 3), colour(chance, 60, 200), 0.012)
    if chance.random() < 0.6:
        pen.disc(hub, chance.uniform(0.04, 0.1), colour(chance, 70, 220))


def _extras(pen: Pen, chance: Random, head: Point, paint: Colour) -> None:
    """Headlamp and fairing."""
    x, y = head
    if chance.random() < 0.5:
        pen.disc((x + 0.06, y), 0.06, colour(chance, 150, 255))
    if chance.random() < 0.25:
        pen.shape([(x - 0.12, y - 0.25), (x + 0.16, y - 0.2), (x + 0.06, y + 0.14)], paint)
