"""What surrounds a vehicle: ground, sky or studio, clutter behind it, and things in front of it."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw

from training.staging.drawing.pen import colour


def background(chance: Random, side: int) -> Image.Image:
    """A square picture of a place without the vehicle: a plain studio or a street with clutter."""
    if chance.random() < 0.3:
        return _studio(chance, side)
    sky, ground = colour(chance, 30, 255), colour(chance, 40, 200)
    picture = _gradient(sky, colour(chance, 30, 255), side, upright=chance.random() < 0.5)
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, int(side * chance.uniform(0.35, 0.75)), side, side], fill=ground)
    for _ in range(chance.randint(0, 6)):
        _blot(draw, chance, side, largest=0.45)
    for _ in range(chance.randint(0, 4)):
        ends = [chance.randint(0, side) for _ in range(4)]
        draw.line(ends, fill=colour(chance), width=chance.randint(1, 4))
    return picture


def foreground(picture: Image.Image, chance: Random) -> None:
    """Perhaps a post, a passer-by or a leaf before the lens."""
    if chance.random() < 0.3:
        _blot(ImageDraw.Draw(picture), chance, picture.width, largest=0.4)


def _studio(chance: Random, side: int) -> Image.Image:
    light = chance.randint(190, 255) if chance.random() < 0.6 else chance.randint(60, 255)
    shades = [min(255, max(0, light + chance.randint(-14, 14))) for _ in range(6)]
    first, second = (shades[0], shades[1], shades[2]), (shades[3], shades[4], shades[5])
    return _gradient(first, second, side, upright=True)


def _gradient(
    first: tuple[int, int, int], second: tuple[int, int, int], side: int, *, upright: bool
) -> Image.Image:
    mask = Image.linear_gradient("L").resize((side, side))
    if not upright:
        mask = mask.transpose(Image.Transpose.ROTATE_90)
    return Image.composite(
        Image.new("RGB", (side, side), second), Image.new("RGB", (side, side), first), mask
    )


def _blot(draw: ImageDraw.ImageDraw, chance: Random, side: int, *, largest: float) -> None:
    x, y = chance.uniform(-0.1, 1) * side, chance.uniform(-0.1, 1) * side
    width, height = chance.uniform(0.04, largest) * side, chance.uniform(0.04, 1.3 * largest) * side
    paint = draw.ellipse if chance.random() < 0.4 else draw.rectangle
    paint([x, y, x + width, y + height], fill=colour(chance))
