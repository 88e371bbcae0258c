"""What is around a driver: window, seat, dashboard with its display, and the steering wheel."""

from __future__ import annotations

import math
from random import Random

from training.staging.drawing.pen import Colour, Pen, between, colour
from training.staging.drivers.subject import Subject

_FAR = 3.0
"""Further than any camera sees."""


def draw_behind(pen: Pen, subject: Subject, chance: Random) -> None:
    """What the driver hides: lining, the window with what passes outside, the seat."""
    cabin = subject.cabin
    pen.box(-_FAR, -_FAR, _FAR, _FAR, cabin.lining)
    left, right, sill, top = -0.62, cabin.window_end, cabin.window_sill, 0.44
    pen.shape([(left, sill), (right, sill), (right - 0.06, top), (left + 0.12, top)], cabin.outside)
    for _ in range(chance.randint(0, 4)):
        x, height = chance.uniform(left + 0.1, right - 0.12), chance.uniform(0.03, 0.25)
        width = min(chance.uniform(0.02, 0.2), right - 0.04 - x)
        pen.box(x, sill, x + width, min(top, sill + height), colour(chance, 20, 230))
    sitting, dark = cabin.sitting, _darker(cabin.seat)
    back = 0.3 + sitting[0]
    pen.shape([(back - 0.06, -_FAR), (back - 0.02, 0.1), (back + 0.2, 0.12), (back + 0.3, -_FAR)], cabin.seat)
    pen.box(back + 0.06, 0.1, back + 0.1, cabin.head_rest + 0.06, dark)
    pen.box(back - 0.01, cabin.head_rest - 0.02, back + 0.13, cabin.head_rest + 0.13, cabin.seat)
    pen.line([(back + 0.2, 0.12), (back + 0.28, -0.5)], dark, 0.012)


def draw_dashboard(pen: Pen, subject: Subject) -> None:
    """Dashboard, the radio's display, and the wheel: before the left arm, behind the right one."""
    cabin = subject.cabin
    pen.shape([(-_FAR, -0.02), (-0.5, -0.06), (-0.33, -0.3), (-0.26, -_FAR), (-_FAR, -_FAR)], cabin.dashboard)
    pen.box(-0.56, -0.42, -0.41, -0.27, _darker(cabin.dashboard))
    pen.box(-0.54, -0.35, -0.43, -0.29, cabin.display)
    rubber = _darker(_darker(cabin.dashboard))
    points = [cabin.rim(2 * math.pi * step / 24) for step in range(26)]
    pen.line(points, rubber, 0.028)
    for angle in (0.1, 3.3, 4.6):
        pen.line([cabin.wheel, cabin.rim(angle)], rubber, 0.02)
    pen.disc(cabin.wheel, 0.05, rubber)


def draw_belt(pen: Pen, subject: Subject) -> None:
    """The belt over the trunk."""
    x, y = subject.cabin.sitting
    start, end = (0.3 + x, 0.04 + y), (0.06 + x, -0.5)
    pen.line([start, between(start, end, 1.3)], subject.cabin.belt, 0.03)


def _darker(light: Colour) -> Colour:
    return light[0] * 2 // 3, light[1] * 2 // 3, light[2] * 2 // 3
