"""Figures that tell how good a classifier is, from its probabilities. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 10


def measure(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], threshold: float
) -> dict[str, Any]:
    """All figures of one split, ready for JSON. `probabilities` [N, classes], `labels` [N], N > 0.

    `accuracy_at_threshold` is that of the images whose confidence reaches the threshold, None if none does.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    correct, accepted = predicted == labels, confidence >= threshold
    confusion = confusion_matrix(predicted, labels, len(classes))
    return {
        "images": len(labels),
        "accuracy": float(correct.mean()),
        "accuracy_interval": list(wilson_interval(float(correct.mean()), len(labels))),
        "per_class": per_class(confusion, classes),
        "confusion_matrix": confusion.tolist(),
        "expected_calibration_error": expected_calibration_error(confidence, correct),
        "mean_confidence": float(confidence.mean(dtype=np.float64)),
        "calibration_standard_error": calibration_standard_error(confidence, correct),
        "coverage_at_threshold": float(accepted.mean()),
        "accuracy_at_threshold": float(correct[accepted].mean()) if accepted.any() else None,
    }


def wilson_interval(share: float, trials: float, z: float = 1.959964) -> tuple[float, float]:
    """Confidence interval of a share of so many trials, 95 % by default (E. B. Wilson, 1927)."""
    square = z * z
    centre = share + square / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def confusion_matrix(
    predicted: NDArray[np.int64], labels: NDArray[np.int64], class_count: int
) -> NDArray[np.int64]:
    """[classes, classes]: row = true class, column = predicted class."""
    cells = np.bincount(labels * class_count + predicted, minlength=class_count * class_count)
    return cells.reshape(class_count, class_count)


def per_class(confusion: NDArray[np.int64], classes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Images, precision and recall by class; None where nothing was predicted or is there."""
    return {
        name: {
            "images": int(confusion[index].sum()),
            "precision": _share(confusion[index, index], confusion[:, index].sum()),
            "recall": _share(confusion[index, index], confusion[index].sum()),
        }
        for index, name in enumerate(classes)
    }


def expected_calibration_error(
    confidence: NDArray[np.float32], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> float:
    """Mean gap between confidence and accuracy over bins of equal width, weighed by images (Naeini, 2015)."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def calibration_standard_error(confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> float:
    """Standard error of (accuracy - mean confidence), from which monitoring estimates accuracy.

    The greater of two: what was seen, and what answers that are right as often as their confidence says
    would show. Without a single wrong answer the first alone would claim to know too much.
    """
    sure = confidence.astype(np.float64)
    return float(np.sqrt(max((correct - sure).var(), (sure * (1 - sure)).mean()) / len(sure)))


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
