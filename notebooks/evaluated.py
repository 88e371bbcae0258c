"""Plots of a data set's pictures and of what training.evaluate says of a model.

Each function returns a PNG that a notebook shows, with a text for who cannot see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import Image
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from notebooks.looks import (
    BLUE,
    LOW_ZONE,
    MUTED,
    ORANGE,
    PERCENT,
    TEXT,
    drawn,
    plain,
    threshold_line,
)

BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", BLUE])
MOST_COUNTED = 20
"""Classes of a matrix whose cells have room for their counts."""
LETTERS_BESIDE = 40
"""Of all classes' names together: more do not fit beside each other below a matrix."""


def pictures(images: NDArray[np.uint8], labels: NDArray[np.int64], names: Sequence[str]) -> Image:
    """Pictures as the model gets them, uint8 [N, height, width, 3]: a row for each class in `labels`."""
    present = sorted(set(labels.tolist()))
    height, width = images.shape[1:3]
    most = max(int((labels == label).sum()) for label in present)
    side = 8.6 / most
    figure = Figure(figsize=(10, len(present) * side * height / width + 0.5), layout="constrained")
    rows = figure.subplots(len(present), 1, squeeze=False)[:, 0]
    for axes, label in zip(rows, present, strict=True):
        axes.imshow(_strip(images[labels == label], most), interpolation="nearest")
        axes.set_ylabel(names[label], rotation=0, ha="right", va="center", fontsize=11, color=TEXT)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    figure.suptitle(f"Pictures of each class, {width}x{height} pixels as the model gets them", color=TEXT)
    return drawn(figure, f"{len(labels)} pictures of {', '.join(names[label] for label in present)}")


def confusion_matrix(figures: Mapping[str, Any]) -> Image:
    """What training.evaluate counted: images by true class (row) and predicted class (column)."""
    counts, classes = np.array(figures["confusion_matrix"]), figures["classes"]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(9.0, 3.2 + 0.55 * len(classes))
    figure = Figure(figsize=(side + 1.6, side), layout="constrained")
    axes = figure.subplots()
    cells = axes.imshow(shares, cmap=BLUES, vmin=0, vmax=1)
    if len(classes) <= MOST_COUNTED:
        for (row, column), share in np.ndenumerate(shares):
            colour = "white" if share > 0.55 else TEXT
            axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=colour)
    axes.set(xlabel="predicted class", ylabel="true class")
    crowded = sum(map(len, classes)) > LETTERS_BESIDE
    axes.set_xticks(range(len(classes)), classes, rotation=35 if crowded else 0)
    axes.set_yticks(range(len(classes)), classes)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(cells, ax=axes, label="share of the true class", format=PERCENT, shrink=0.85)
    bar.outline.set_visible(False)
    axes.set_title(_title("Confusion matrix", figures))
    return drawn(
        figure, f"Confusion matrix: {figures['accuracy']:.1%} of {figures['images']} images are right"
    )


def reliability(figures: Mapping[str, Any]) -> Image:
    """How right the answers of each bin of confidence were, and below how many images it has."""
    rows = [row for row in figures["reliability"] if row["images"]]
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="as sure as right")
    sure, right = ([row[name] for row in rows] for name in ("mean_confidence", "accuracy"))
    below, above = zip(*(_error(row) for row in rows), strict=True)
    label = "images of a bin, with the 95 % interval"
    upper.errorbar(sure, right, (below, above), color=BLUE, fmt="o", capsize=3, label=label)
    upper.set(ylabel="share of right answers", xlim=(0, 1.01), ylim=(0, 1.02))
    lows, counts = ([row[name] for row in figures["reliability"]] for name in ("low", "images"))
    lower.bar(lows, counts, width=1 / len(lows), align="edge", color=BLUE, edgecolor="white")
    lower.set(xlabel="confidence", ylabel="images")
    for axes in (upper, lower):
        plain(axes)
        threshold_line(axes, figures["threshold"])
    upper.legend(loc="upper left", frameon=False)
    upper.yaxis.set_major_formatter(PERCENT)
    lower.xaxis.set_major_formatter(PERCENT)
    error = figures["expected_calibration_error"]
    upper.set_title(_title(f"Reliability: calibration error {error:.3f}", figures))
    return drawn(figure, f"Reliability diagram with a calibration error of {error:.3f}")


def thresholds(figures: Mapping[str, Any]) -> Image:
    """What every threshold would do: the share of images that are answered, and how many of them rightly."""
    curve, threshold = figures["coverage_curve"], figures["threshold"]
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axes = figure.subplots()
    at = [row["threshold"] for row in curve]
    for name, colour, style in (("accuracy", BLUE, "-"), ("coverage", ORANGE, "--")):
        axes.plot(at, [row[name] for row in curve], style, color=colour, linewidth=2, label=name)
    axes.axvspan(min(*at, threshold), threshold, color=LOW_ZONE, zorder=0)
    plain(axes)
    threshold_line(axes, threshold)
    axes.set(
        xlabel="threshold: the least confidence that is trusted", ylabel="share of images", ylim=(0, 1.02)
    )
    axes.xaxis.set_major_formatter(PERCENT)
    axes.yaxis.set_major_formatter(PERCENT)
    axes.legend(loc="lower left", frameon=False)
    axes.set_title(_title("Accuracy and coverage by threshold", figures))
    covered = figures["coverage_at_threshold"]
    return drawn(figure, f"At the threshold {threshold:.3f} the model answers {covered:.1%} of the images")


def _strip(images: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """Pictures side by side with a white line between them; white where there are fewer than `most`."""
    _, height, width, _ = images.shape
    gap = max(1, width // 24)
    strip = np.full((height, most * (width + gap) - gap, 3), 255, dtype=np.uint8)
    for place, image in enumerate(images):
        strip[:, place * (width + gap) : place * (width + gap) + width] = image
    return strip


def _error(row: Mapping[str, Any]) -> tuple[float, float]:
    low, high = row["interval"]
    return max(0.0, row["accuracy"] - low), max(0.0, high - row["accuracy"])


def _title(words: str, figures: Mapping[str, Any]) -> str:
    return f"{words}\n{figures['images']:,} images of {figures['dataset']}, {figures['split']} part"
