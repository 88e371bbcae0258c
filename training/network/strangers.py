"""Pictures made unfamiliar on purpose, so that a model can learn what it has not learnt from.

Outlier exposure (Hendrycks et al., 2019), with what training has at hand: its own pictures in another light,
through another lens, or put together so that they show nothing that there is.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Picture = NDArray[np.float64]
"""[height, width, 3] in 0..255."""
Change = Callable[[Picture, np.random.Generator], Picture]


def in_another_light(images: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    """Each of `images` [N, H, W, 3] brighter, darker, in other contrast or other colours."""
    return _changed(images, (_exposure, _contrast, _gamma, _colour_cast, _inverted, _mixed_channels), chance)


def through_another_lens(images: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    """Each blurred, noisy, packed too tightly or enlarged from few pixels."""
    return _changed(images, (_blur, _noise, _jpeg, _few_pixels), chance)


def of_no_thing(
    images: NDArray[np.uint8], labels: NDArray[np.int64], chance: np.random.Generator
) -> NDArray[np.uint8]:
    """Each with its quarters dealt anew, turned round, or with a part of a picture of another class."""
    partners = [_partner(labels, label, chance) for label in labels]
    made = np.empty(images.shape, np.uint8)
    for row, other in enumerate(partners):
        made[row] = _pixels(_rearranged(images[row] * 1.0, images[other] * 1.0, chance))
    return made


def _changed(
    images: NDArray[np.uint8], changes: tuple[Change, ...], chance: np.random.Generator
) -> NDArray[np.uint8]:
    changed = np.empty(images.shape, np.uint8)
    for row, one in enumerate(images):
        changed[row] = _pixels(changes[chance.integers(len(changes))](one * 1.0, chance))
    return changed


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _exposure(picture: Picture, chance: np.random.Generator) -> Picture:
    return picture + chance.choice([-1, 1]) * chance.uniform(35, 120)


def _contrast(picture: Picture, chance: np.random.Generator) -> Picture:
    return 128 + (picture - 128) * chance.choice([chance.uniform(0.2, 0.6), chance.uniform(1.6, 3)])


def _gamma(picture: Picture, chance: np.random.Generator) -> Picture:
    power: float = chance.choice([chance.uniform(0.25, 0.6), chance.uniform(1.7, 3.5)])
    return np.asarray(255 * (picture / 255) ** power)


def _colour_cast(picture: Picture, chance: np.random.Generator) -> Picture:
    return picture * chance.uniform(0.5, 1.5, 3) + chance.uniform(-30, 30, 3)


def _inverted(picture: Picture, _: np.random.Generator) -> Picture:
    return 255 - picture


def _mixed_channels(picture: Picture, chance: np.random.Generator) -> Picture:
    """In another order, or grey."""
    if chance.random() < 0.5:
        return picture[:, :, chance.permutation(3)]
    return np.repeat(picture.mean(2, keepdims=True), 3, 2)


def _blur(picture: Picture, chance: np.random.Generator) -> Picture:
    """Radii of 0.6 to 2.5 pixels of 32, and as much wider as a picture is larger."""
    radius = chance.uniform(0.6, 2.5) * min(picture.shape[:2]) / 32
    return np.asarray(Image.fromarray(_pixels(picture)).filter(ImageFilter.GaussianBlur(radius))) * 1.0


def _noise(picture: Picture, chance: np.random.Generator) -> Picture:
    return picture + chance.normal(0, chance.uniform(6, 40), picture.shape)


def _jpeg(picture: Picture, chance: np.random.Generator) -> Picture:
    file = io.BytesIO()
    Image.fromarray(_pixels(picture)).save(file, "JPEG", quality=int(chance.integers(8, 40)))
    return np.asarray(Image.open(file)) * 1.0


def _few_pixels(picture: Picture, chance: np.random.Generator) -> Picture:
    whole, share = Image.fromarray(_pixels(picture)), chance.uniform(0.25, 0.7)
    few = whole.resize(
        (max(1, round(whole.width * share)), max(1, round(whole.height * share))), Image.Resampling.BILINEAR
    )
    how = Image.Resampling.NEAREST if chance.random() < 0.5 else Image.Resampling.BILINEAR
    return np.asarray(few.resize(whole.size, how)) * 1.0


def _partner(labels: NDArray[np.int64], label: np.int64, chance: np.random.Generator) -> int:
    """The row of a picture of another class; of any, where there is no other class."""
    others = np.flatnonzero(labels != label)
    return int(chance.choice(others if len(others) else np.arange(len(labels))))


def _rearranged(picture: Picture, other: Picture, chance: np.random.Generator) -> Picture:
    match chance.integers(4):
        case 0:
            return _dealt_quarters(picture, chance)
        case 1:
            return _cut_together(picture, other, chance)
        case 2:
            square = picture.shape[0] == picture.shape[1]
            return np.rot90(picture, int(chance.integers(1, 4)) if square else 2)
        case _:
            share = chance.uniform(0.35, 0.65)
            return share * picture + (1 - share) * other


def _dealt_quarters(picture: Picture, chance: np.random.Generator) -> Picture:
    """A row or a column of odd sides stays where it is."""
    high, wide = picture.shape[0] // 2, picture.shape[1] // 2
    places = [(top, left) for top in (0, high) for left in (0, wide)]
    dealt = picture.copy()
    for (top, left), source in zip(places, chance.permutation(4), strict=True):
        y, x = places[source]
        dealt[top : top + high, left : left + wide] = picture[y : y + high, x : x + wide]
    return dealt


def _cut_together(picture: Picture, other: Picture, chance: np.random.Generator) -> Picture:
    """One part of each, side by side or one above the other (CutMix; Yun et al., 2019)."""
    joined, axis = picture.copy(), int(chance.integers(2))
    cut = round(picture.shape[axis] * chance.uniform(0.3, 0.7))
    if axis == 0:
        joined[cut:] = other[cut:]
    else:
        joined[:, cut:] = other[:, cut:]
    return joined
