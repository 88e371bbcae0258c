"""Who drives: body, clothes, cabin and the camera before them, the same in each picture of a subject.

What stays the same is what a split at random gives away: a model may know a picture by its driver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from training.staging.drawing.pen import Colour, Point, colour

_SKINS = ((246, 214, 190), (224, 178, 142), (196, 142, 100), (150, 100, 66), (104, 66, 44), (70, 46, 34))
_HAIRS = ((20, 18, 18), (58, 38, 24), (110, 72, 36), (196, 160, 96), (150, 150, 150), (140, 52, 28))


@dataclass(frozen=True)
class Body:
    """Lengths in heights of the picture. hair_length: 0 short, 1 below the shoulders."""

    skin: Colour
    hair: Colour
    hair_length: float
    bald: bool
    beard: bool
    glasses: bool
    cap: Colour | None
    clothes: Colour
    stripes: Colour | None
    long_sleeves: bool
    head: float
    trunk: float
    arm: float
    limb: float
    habits: tuple[Point, Point, Point, Point]
    """Where they hold what others hold elsewhere: shifts for wheel, lap, ear and face."""
    phone: Colour
    cup: Colour


@dataclass(frozen=True)
class Cabin:
    """Colours, and where wheel, seat and window are."""

    lining: Colour
    seat: Colour
    dashboard: Colour
    outside: Colour
    display: Colour
    belt: Colour
    wheel: Point
    wheel_size: float
    wheel_flatness: float
    window_sill: float
    window_end: float
    head_rest: float
    sitting: Point
    """How far the driver sits from where others do."""

    def rim(self, angle: float) -> Point:
        """The point of the steering wheel's rim at an angle, in radians from its right upwards.

        The wheel is seen from the side, and leans.
        """
        (x, y), size = self.wheel, self.wheel_size
        across = self.wheel_flatness * math.cos(angle) + 0.25 * math.sin(angle)
        return x + size * across, y + size * math.sin(angle)


@dataclass(frozen=True)
class Camera:
    """Where it is fixed, and what it makes of the light. tint: factors of red, green and blue."""

    zoom: float
    squeeze: float
    slant: float
    tilt: float
    shift: Point
    brightness: float
    contrast: float
    saturation: float
    tint: tuple[float, float, float]
    shade: float
    blur: float
    grain: float


@dataclass(frozen=True)
class Subject:
    """A driver in their car."""

    body: Body
    cabin: Cabin
    camera: Camera


def draw_subject(chance: Random) -> Subject:
    """A subject as `chance` will have it."""
    return Subject(_body(chance), _cabin(chance), _camera(chance))


def _body(chance: Random) -> Body:
    return Body(
        skin=chance.choice(_SKINS),
        hair=chance.choice(_HAIRS),
        hair_length=chance.choice((0.0, 0.0, chance.uniform(0.3, 1.0))),
        bald=chance.random() < 0.12,
        beard=chance.random() < 0.25,
        glasses=chance.random() < 0.35,
        cap=colour(chance) if chance.random() < 0.2 else None,
        clothes=colour(chance),
        stripes=colour(chance) if chance.random() < 0.3 else None,
        long_sleeves=chance.random() < 0.5,
        head=chance.uniform(0.085, 0.115),
        trunk=chance.uniform(0.13, 0.21),
        arm=chance.uniform(0.235, 0.28),
        limb=chance.uniform(0.055, 0.09),
        habits=(_near(chance, 0.04), _near(chance, 0.04), _near(chance, 0.02), _near(chance, 0.02)),
        phone=colour(chance, 0, 70) if chance.random() < 0.7 else colour(chance, 150, 255),
        cup=colour(chance),
    )


def _cabin(chance: Random) -> Cabin:
    lining = chance.randint(30, 190)
    return Cabin(
        lining=_greyish(chance, lining),
        seat=_greyish(chance, chance.randint(20, 190)),
        dashboard=_greyish(chance, chance.randint(15, 120)),
        outside=colour(chance, 110, 255),
        display=colour(chance, 60, 255),
        belt=_greyish(chance, chance.randint(20, 150)),
        wheel=(-0.34 + chance.uniform(-0.05, 0.04), -0.12 + chance.uniform(-0.04, 0.04)),
        wheel_size=chance.uniform(0.16, 0.23),
        wheel_flatness=chance.uniform(0.5, 0.85),
        window_sill=chance.uniform(-0.08, 0.08),
        window_end=chance.uniform(0.2, 0.5),
        head_rest=chance.uniform(0.12, 0.28),
        sitting=(chance.uniform(-0.04, 0.06), chance.uniform(-0.04, 0.04)),
    )


def _camera(chance: Random) -> Camera:
    warm = chance.uniform(-0.14, 0.14)
    return Camera(
        zoom=chance.uniform(0.92, 1.12),
        squeeze=chance.uniform(0.92, 1.06),
        slant=chance.uniform(-0.06, 0.06),
        tilt=chance.gauss(0, 2.5),
        shift=_near(chance, 0.04),
        brightness=chance.uniform(0.65, 1.2),
        contrast=chance.uniform(0.75, 1.15),
        saturation=chance.uniform(0.3, 1.2),
        tint=(1 + warm, 1.0, 1 - warm),
        shade=chance.uniform(0.0, 0.45),
        blur=chance.uniform(0.0, 0.005),
        grain=chance.uniform(1.5, 7),
    )


def _near(chance: Random, most: float) -> Point:
    return chance.uniform(-most, most), chance.uniform(-most, most)


def _greyish(chance: Random, light: int) -> Colour:
    red, green, blue = (min(255, max(0, light + chance.randint(-18, 18))) for _ in range(3))
    return red, green, blue
