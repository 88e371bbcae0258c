"""A pen that draws in a vehicle's own coordinates onto a picture.

x runs forwards and y upwards from the ground between the wheels; one unit is about a wheelbase. Where
and how large the vehicle appears, from which side and how slanted, is the pen's affine map.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random

from PIL.ImageDraw import ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]

_CORNERS = 20
"""Corners of the polygon that stands for a circle; at the picture's final size none is seen."""


@dataclass(frozen=True)
class Pen:
    """draw: where to; matrix: (a, b, c, d, e, f) of X = ax + by + c, Y = dx + ey + f, in pixels."""

    draw: ImageDraw
    matrix: tuple[float, float, float, float, float, float]

    def at(self, point: Point) -> Point:
        """The picture's pixel for a point of the vehicle."""
        a, b, c, d, e, f = self.matrix
        x, y = point
        return a * x + b * y + c, d * x + e * y + f

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line through all points; width in units, at least one pixel."""
        self.draw.line(self._pixels(points), fill=colour, width=max(1, round(width * self._scale)))

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self.draw.polygon(self._pixels(points), fill=colour)

    def box(self, left: float, bottom: float, right: float, top: float, colour: Colour) -> None:
        """A filled rectangle."""
        self.shape([(left, bottom), (right, bottom), (right, top), (left, top)], colour)

    def disc(self, centre: Point, radius: float, colour: Colour, flatness: float = 1.0) -> None:
        """A filled circle, or an ellipse of `flatness` times its height."""
        self.shape(_circle(centre, radius, flatness), colour)

    def ring(self, centre: Point, radius: float, colour: Colour, width: float) -> None:
        """A circle's outline."""
        points = _circle(centre, radius)
        self.line([*points, *points[:2]], colour, width)

    @property
    def _scale(self) -> float:
        a, b, _, d, e, _ = self.matrix
        return math.sqrt(abs(a * e - b * d))

    def _pixels(self, points: Iterable[Point]) -> list[float]:
        return list(chain.from_iterable(self.at(point) for point in points))


def _circle(centre: Point, radius: float, flatness: float = 1.0) -> list[Point]:
    x, y = centre
    turns = (2 * math.pi * corner / _CORNERS for corner in range(_CORNERS))
    return [(x + radius * math.cos(turn), y + flatness * radius * math.sin(turn)) for turn in turns]


def between(start: Point, end: Point, share: float) -> Point:
    """The point that is `share` of the way from `start` to `end`."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def colour(chance: Random, darkest: int = 0, brightest: int = 255) -> Colour:
    """Any colour whose three parts lie between the limits."""
    return (
        chance.randint(darkest, brightest),
        chance.randint(darkest, brightest),
        chance.randint(darkest, brightest),
    )


def spokes(
    pen: Pen, centre: Point, radius: float, count: int, turn: float, colour: Colour, width: float
) -> None:
    """`count` diameters of a wheel, the first at the angle `turn`."""
    x, y = centre
    for number in range(count):
        angle = turn + math.pi * number / count
        dx, dy = radius * math.cos(angle), radius * math.sin(angle)
        pen.line([(x - dx, y - dy), (x + dx, y + dy)], colour, width)
