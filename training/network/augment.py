"""Random changes to training images that leave their class alone. All draw from the given generator."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional


def augment(images: Tensor, generator: Generator, mirror: bool = True) -> Tensor:
    """Shifted, mirrored, recoloured and partly hidden copies of normalised images [N, 3, H, W]."""
    changed = recolour(shift_and_mirror(images, generator, mirror), generator)
    return hide_square(changed, generator).contiguous(memory_format=torch.channels_last)


def shift_and_mirror(
    images: Tensor, generator: Generator, mirror: bool = True, share: float = 1 / 8
) -> Tensor:
    """Shift by up to `share` of each side, filling up by reflection; mirror half of the images, or none."""
    count, _, height, width = images.shape
    down, right = int(height * share), int(width * share)
    padded = functional.pad(images, (right, right, down, down), mode="reflect")
    tops = torch.randint(0, 2 * down + 1, (count, 1), generator=generator)
    lefts = torch.randint(0, 2 * right + 1, (count, 1), generator=generator)
    rows = tops + torch.arange(height)
    columns = lefts + torch.arange(width)
    mirrored = torch.rand(count, 1, generator=generator) < (0.5 if mirror else 0)
    columns = torch.where(mirrored, columns.flip(1), columns)
    index = torch.arange(count)[:, None, None, None]
    channels = torch.arange(3)[None, :, None, None]
    return padded[index, channels, rows[:, None, :, None], columns[:, None, None, :]]


def recolour(images: Tensor, generator: Generator) -> Tensor:
    """Change contrast by up to 30 %, brightness by up to a quarter deviation; make one in ten grey."""
    contrast = 0.7 + 0.6 * _one_each(images, generator)
    brightness = 0.5 * (_one_each(images, generator) - 0.5)
    mean = images.mean((1, 2, 3), keepdim=True)
    changed = (images - mean) * contrast + mean + brightness
    grey = _one_each(images, generator) < 0.1
    return torch.where(grey, changed.mean(1, keepdim=True), changed)


def hide_square(images: Tensor, generator: Generator, share: float = 1 / 4) -> Tensor:
    """Grey out a square of `share` of the side at a random place (cutout: DeVries and Taylor, 2017)."""
    count, _, height, width = images.shape
    half = max(1, round(min(height, width) * share / 2))
    rows = torch.randint(0, height, (count, 1), generator=generator)
    columns = torch.randint(0, width, (count, 1), generator=generator)
    in_rows = (torch.arange(height) - rows).abs() < half
    in_columns = (torch.arange(width) - columns).abs() < half
    hidden = in_rows[:, None, :, None] & in_columns[:, None, None, :]
    return images.masked_fill(hidden, 0.0)


SHRUNK = 3 / 4
SHRUNK_COST = SHRUNK**2


def shrink(images: Tensor, share: float = SHRUNK, least: int = 16) -> Tensor:
    """Images of `share` the side, which cost half; none that would get smaller than `least`."""
    if min(images.shape[2:]) * share < least:
        return images
    smaller = functional.interpolate(images, scale_factor=share, mode="bilinear")
    return smaller.contiguous(memory_format=torch.channels_last)


def one_copy(copies: Tensor, generator: Generator) -> Tensor:
    """One by chance of each [N, copies, C, H, W], in float32."""
    chosen = torch.randint(0, copies.shape[1], (len(copies),), generator=generator)
    return copies[torch.arange(len(copies)), chosen].float().contiguous(memory_format=torch.channels_last)


def _one_each(images: Tensor, generator: Generator) -> Tensor:
    return torch.rand(len(images), 1, 1, 1, generator=generator)
