"""Where a classifier's confidence can be trusted: curves for plots, and for who sets a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.figures.metrics import CALIBRATION_BINS, wilson_interval

POINTS = 200
"""The most thresholds of a curve: what a page or a plot can show."""


def reliability(
    confidence: NDArray[np.float32], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> list[dict[str, Any]]:
    """A reliability diagram (DeGroot and Fienberg, 1983): a row for each of the bins of equal width.

    `images` of low <= confidence < high, in the last one up to 1; their mean confidence, the share of right
    answers and its 95 % interval, None where there are no images. The gaps between both, weighed by images,
    add up to metrics.expected_calibration_error.
    """
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    sure = np.bincount(places, weights=confidence, minlength=bins)
    right = np.bincount(places, weights=correct, minlength=bins)
    return [
        {
            "low": number / bins,
            "high": (number + 1) / bins,
            "images": int(images),
            "mean_confidence": float(sure[number] / images) if images else None,
            "accuracy": float(right[number] / images) if images else None,
            "interval": list(wilson_interval(right[number] / images, images)) if images else None,
        }
        for number, images in enumerate(counts)
    ]


def coverage_curve(
    confidence: NDArray[np.float32], correct: NDArray[np.bool_], points: int = POINTS
) -> list[dict[str, float]]:
    """What thresholds would do, the strictest first: at most so many, evenly spread over the images.

    Of each the share of images whose confidence reaches it, `coverage`, and the share of right answers among
    those, `accuracy`. Between two of them nothing changes, if there are no more than `points` confidences.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, right = confidence[order], np.cumsum(correct[order])
    cuts = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))  # equal ones cannot be told apart
    chosen = cuts[np.unique(np.linspace(0, len(cuts) - 1, min(points, len(cuts))).round().astype(int))]
    return [
        {
            "threshold": float(ranked[cut]),
            "coverage": float((cut + 1) / len(ranked)),
            "accuracy": float(right[cut] / (cut + 1)),
        }
        for cut in chosen
    ]
