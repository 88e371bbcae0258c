"""What images and answers look like on held-out data, against which drift is judged. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HISTOGRAM_EDGES = [round(step * 0.05, 2) for step in range(21)]
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


def make_baseline(
    images: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    classes: Sequence[str],
) -> dict[str, Any]:
    """Ready for JSON. `images` uint8 [N, H, W, 3] as the model gets them.

    `sizes` [N, 2] are (height, width) of the images before they were resized. class_shares are of the
    predicted classes: production has no others to compare with.
    """
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    statistics = {**image_statistics(images), "width": sizes[:, 1], "height": sizes[:, 0]}
    return {
        "images": len(images),
        "confidence_histogram": {
            "edges": HISTOGRAM_EDGES,
            "counts": np.histogram(confidence, HISTOGRAM_EDGES)[0].tolist(),
        },
        "class_shares": {name: float((predicted == index).mean()) for index, name in enumerate(classes)},
        "quantile_levels": QUANTILES,
        "image_statistics": {name: _summary(values) for name, values in statistics.items()},
    }


def image_statistics(images: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    """By image, of the luma (ITU-R BT.601) or the colours in 0..255:

    brightness: mean luma. contrast: its standard deviation. sharpness: variance of its Laplacian
    (Pech-Pacheco et al., 2000). colorfulness: Hasler and Suesstrunk, 2003.
    """
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


def _summary(values: NDArray[Any]) -> dict[str, Any]:
    return {
        "mean": round(float(values.mean()), 6),
        "std": round(float(values.std()), 6),
        "quantiles": [round(float(value), 6) for value in np.quantile(values, QUANTILES)],
    }
