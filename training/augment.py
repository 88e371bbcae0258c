"""Random changes to training images that leave their class alone. All draw from the given generator."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional


def augment(images: Tensor, generator: Generator) -> Tensor:
    """Moved, mirrored, recoloured and partly hidden copies of normalised images [N, 3, H, W]."""
    changed = recolour(move(images, generator), generator)
    return hide_square(changed, generator).contiguous(memory_format=torch.channels_last)


def move(images: Tensor, generator: Generator) -> Tensor:
    """Turn by up to 7 degrees, shift by up to a ninth of the side, scale and squeeze by about a tenth.

    Half of the images are mirrored. What comes in from outside is reflected.
    """
    count = len(images)

    def draw(limit: float) -> Tensor:
        return limit * (2 * torch.rand(count, generator=generator) - 1)

    angle, scale, squeeze, shear = draw(0.13), draw(0.11).exp(), draw(0.075).exp(), draw(0.075)
    across, down = draw(0.22), draw(0.22)  # in halves of the side
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    rows = [
        torch.stack([angle.cos() * scale * squeeze * mirror, (shear - angle.sin()) * scale, across], dim=1),
        torch.stack([angle.sin() * scale * mirror, angle.cos() * scale / squeeze, down], dim=1),
    ]
    grid = functional.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


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


def shrink(images: Tensor, share: float = 3 / 4, least: int = 16) -> Tensor:
    """Images of `share` the side, which cost half; none that would get smaller than `least`."""
    if min(images.shape[2:]) * share < least:
        return images
    smaller = functional.interpolate(images, scale_factor=share, mode="bilinear")
    return smaller.contiguous(memory_format=torch.channels_last)


def _one_each(images: Tensor, generator: Generator) -> Tensor:
    return torch.rand(len(images), 1, 1, 1, generator=generator)
