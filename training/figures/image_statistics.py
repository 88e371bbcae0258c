"""Simple statistics of a picture, for judging drift: how bright, contrasty, sharp, colourful. NumPy only.

Training measures the held-out images with it and monitoring the captured ones, so that both mean the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 32
"""Images that are floats at a time, which take eight times the memory and more."""


def image_statistics(images: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    """By image of `images` [N, H, W, 3], of the luma (ITU-R BT.601) or the colours in 0..255:

    brightness: mean luma. contrast: its standard deviation. sharpness: variance of its Laplacian
    (Pech-Pacheco et al., 2000). colorfulness: Hasler and Suesstrunk, 2003.
    """
    starts = range(0, max(1, len(images)), AT_ONCE)
    parts = [_statistics(images[start : start + AT_ONCE]) for start in starts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _statistics(images: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    red, green, blue = np.moveaxis(images.astype(np.float64), 3, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return {
        "brightness": luma.mean((1, 2)),
        "contrast": luma.std((1, 2)),
        "sharpness": _laplacian(luma).var((1, 2)),
        "colorfulness": _colorfulness(red - green, (red + green) / 2 - blue),
    }


def _laplacian(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    inner = luma[:, 1:-1, 1:-1]
    return luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:] - 4 * inner


def _colorfulness(red_green: NDArray[np.float64], yellow_blue: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = np.hypot(red_green.std((1, 2)), yellow_blue.std((1, 2)))
    distance = np.hypot(red_green.mean((1, 2)), yellow_blue.mean((1, 2)))
    return np.asarray(spread + 0.3 * distance)
