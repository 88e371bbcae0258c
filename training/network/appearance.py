"""How a picture looks, whatever it shows, in numbers that ONNX can make: light, colours, sharpness."""

from __future__ import annotations

import torch
from torch import Tensor

_LITTLE = 0.003
"""Of 1: keeps the logarithm of a flat picture finite."""


def appearance(images: Tensor) -> Tensor:
    """[N, 52] of uint8 [N, H, W, 3] RGB images: of each channel mean, deviation, range, ends, shape
    and differences between neighbours of the first three orders; how channels go together; the mean luma of
    four strips from top to bottom."""
    shares = images.float() / 255
    return torch.cat([_tones(shares.flatten(1, 2)), _differences(shares), _strips(shares)], dim=1)


def _tones(pixels: Tensor) -> Tensor:
    """Of [N, pixels, 3]."""
    mean = pixels.mean(1, keepdim=True)
    centred = pixels - mean
    spread = centred.square().mean(1).sqrt() + 0.01
    darkest, brightest = pixels.amin(1), pixels.amax(1)
    ends = [(pixels <= 0.02).float().mean(1).sqrt(), (pixels >= 0.98).float().mean(1).sqrt()]
    shape = [(centred**3).mean(1) / spread**3, torch.log((centred**4).mean(1) / spread**4 + 0.01)]
    together = (centred * centred.roll(1, 2)).mean(1) / (spread * spread.roll(1, 1))
    return torch.cat(
        [mean[:, 0], torch.log(spread), darkest, brightest, *ends, *shape, together],
        dim=1,
    )


def _differences(shares: Tensor) -> Tensor:
    """Logarithms of mean absolute differences of [N, H, W, 3] and how they fall from order to order."""
    across = shares[:, :, 1:] - shares[:, :, :-1]
    down = shares[:, 1:] - shares[:, :-1]
    across2, down2 = across[:, :, 1:] - across[:, :, :-1], down[:, 1:] - down[:, :-1]
    across3 = across2[:, :, 1:] - across2[:, :, :-1]
    first, first_down, second, second_down, third = (
        torch.log(each.abs().mean((1, 2)) + _LITTLE) for each in (across, down, across2, down2, across3)
    )
    return torch.cat([first, first_down, second, second_down, third, second - first, third - first], dim=1)


def _strips(shares: Tensor) -> Tensor:
    red, green, blue = shares.unbind(3)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    height = luma.shape[1] // 4
    return torch.stack(
        [luma[:, place * height : (place + 1) * height].mean((1, 2)) for place in range(4)], dim=1
    )
