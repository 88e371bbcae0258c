"""What images and answers look like on held-out data, against which drift is judged. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.figures.image_statistics import image_statistics

HISTOGRAM_EDGES = [round(step * 0.05, 2) for step in range(21)]
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
UNFAMILIARITY_QUANTILES = [0.1, 0.3, 0.5, 0.7, 0.9]
"""An image above the last but one counts as unfamiliar: three tenths of those held out."""


def make_baseline(
    images: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    classes: Sequence[str],
    unfamiliarity: NDArray[np.float32] | None = None,
) -> dict[str, Any]:
    """Ready for JSON. `images` uint8 [N, H, W, 3] as the model gets them; `unfamiliarity` [N], if it says it.

    `sizes` [N, 2] are (height, width) of the images before they were resized. class_shares are of the
    predicted classes: production has no others to compare with.
    """
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    strange = {} if unfamiliarity is None else {"unfamiliarity": unfamiliarity}
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
        **{name: _summary(values, UNFAMILIARITY_QUANTILES) for name, values in strange.items()},
    }


def _summary(values: NDArray[Any], levels: Sequence[float] = QUANTILES) -> dict[str, Any]:
    quantiles = [round(float(value), 6) for value in np.quantile(values, levels)]
    return {
        "mean": round(float(values.mean()), 6),
        "std": round(float(values.std()), 6),
        "quantiles": quantiles,
        "counts": count_cells(values, quantiles),
    }


def count_cells(values: NDArray[Any], quantiles: Sequence[float]) -> list[int]:
    """How many values lie below the first of the distinct quantiles, at it, between it and the second, ...

    Sizes have few distinct values: how many images have exactly a quantile's one, quantiles alone do not say.
    """
    points, rounded = np.unique(quantiles), np.round(values.astype(np.float64), 6)
    cells = np.searchsorted(points, rounded, "left") + np.searchsorted(points, rounded, "right")
    return np.bincount(cells, minlength=2 * len(points) + 1).tolist()
