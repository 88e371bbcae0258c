"""What the model's artifact says about held-out images: that with which captured data is compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.artifact.card import Card
from contracts.artifact.fields import as_count, as_number, as_numbers, as_object

EDGES = tuple(round(step * 0.05, 2) for step in range(21))
"""Of the histograms of confidence, as in training/figures/baseline.py."""
IMAGE_MEASURES = ("brightness", "contrast", "sharpness", "colorfulness", "width", "height")
_LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One image statistic of the held-out images.

    values: its distinct quantiles, ascending. counts: held-out images below the first value, at it, between
    it and the second, at the second, and so on: 2 * len(values) + 1 numbers; None when they are not known.
    """

    mean: float
    values: tuple[float, ...]
    counts: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The model, and what it did on held-out images; None or empty is what the artifact does not say.

    threshold: the one in force. names: of classes for people, by class. digest: SHA-256 of the artifact in
    hex, "" unknown. size: (height, width) of the model's input. mean_confidence, calibration_error: of the
    held-out images, and the standard error of (accuracy - mean confidence). coverage: share of them that
    reaches the recommended threshold. unfamiliarity: how unlike those learnt from the model found them,
    None where it does not say it. confidence_counts: of them, in bins between EDGES. class_shares: of the
    predicted classes.
    """

    classes: tuple[str, ...]
    threshold: float
    recommended: float
    names: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    size: tuple[int, int] = (0, 0)
    held_out_images: int = 0
    held_out_accuracy: float | None = None
    mean_confidence: float | None = None
    calibration_error: float | None = None
    coverage: float | None = None
    confidence_counts: tuple[int, ...] | None = None
    class_shares: tuple[float, ...] | None = None
    image_statistics: Mapping[str, Summary] = field(default_factory=dict)
    unfamiliarity: Summary | None = None

    @property
    def expected_low_confidence(self) -> float | None:
        """Share of held-out images below `threshold`, None if unknown.

        Exact for the recommended threshold; for another one from the histogram, evenly spread in each bin.
        """
        if self.coverage is not None and self.threshold == self.recommended:
            return 1 - self.coverage
        counts = self.confidence_counts
        if counts is None or sum(counts) == 0:
            return None
        place = min(max(bisect_right(EDGES, self.threshold) - 1, 0), len(counts) - 1)
        inside = (self.threshold - EDGES[place]) / (EDGES[place + 1] - EDGES[place])
        return (sum(counts[:place]) + counts[place] * min(max(inside, 0.0), 1.0)) / sum(counts)


def read_baseline(card: Card, *, digest: str = "", threshold: float | None = None) -> Baseline:
    """From model.json. `threshold` None: the recommended one. What is missing or malformed stays unknown."""
    metrics, baseline = card.metrics, card.baseline
    images = as_count(baseline.get("images")) or metrics.images
    return Baseline(
        classes=card.classes,
        threshold=card.threshold if threshold is None else threshold,
        recommended=card.threshold,
        names=card.names,
        digest=digest,
        size=card.size,
        held_out_images=images,
        held_out_accuracy=metrics.accuracy if images else None,
        mean_confidence=metrics.mean_confidence if images else None,
        calibration_error=metrics.calibration_standard_error if images else None,
        coverage=metrics.coverage_at_threshold if images else None,
        confidence_counts=_histogram(as_object(baseline.get("confidence_histogram"))),
        class_shares=_shares(as_object(baseline.get("class_shares")), card.classes),
        image_statistics=_summaries(baseline, images),
        unfamiliarity=_summary(as_object(baseline.get("unfamiliarity")), None, images),
    )


def _histogram(histogram: dict[str, Any]) -> tuple[int, ...] | None:
    counts = as_numbers(histogram.get("counts"))
    edges = as_numbers(histogram.get("edges"))
    if counts is None or edges != EDGES or len(counts) != len(EDGES) - 1 or sum(counts) <= 0:
        return None
    return tuple(int(count) for count in counts) if min(counts) >= 0 else None


def _shares(shares: Mapping[str, Any], classes: Sequence[str]) -> tuple[float, ...] | None:
    known = as_numbers([shares.get(name) for name in classes])
    return known if known is not None and min(known) >= 0 and sum(known) > 0 else None


def _summaries(baseline: Mapping[str, Any], images: int) -> dict[str, Summary]:
    levels = baseline.get("quantile_levels")
    found = as_object(baseline.get("image_statistics"))
    summaries = {name: _summary(as_object(found.get(name)), levels, images) for name in IMAGE_MEASURES}
    return {name: summary for name, summary in summaries.items() if summary is not None}


def _summary(summary: dict[str, Any], levels: object, images: int) -> Summary | None:
    quantiles, mean = as_numbers(summary.get("quantiles")), as_number(summary.get("mean"))
    if not quantiles or mean is None or list(quantiles) != sorted(quantiles):
        return None
    values = tuple(sorted(set(quantiles)))
    counts = as_numbers(summary.get("counts"))
    if counts is None or len(counts) != 2 * len(values) + 1 or min(counts) < 0 or sum(counts) <= 0:
        counts = _counts_by_levels(quantiles, levels, images, as_number(summary.get("std")))
    return Summary(mean=mean, values=values, counts=counts)


def _counts_by_levels(
    quantiles: tuple[float, ...], levels: object, images: int, std: float | None
) -> tuple[float, ...] | None:
    """For artifacts without counts: what the quantiles alone say, None where ties leave it open."""
    if len(set(quantiles)) == 1 and std == 0:
        return (0.0, float(images), 0.0)
    if levels != _LEVELS or len(set(quantiles)) != len(_LEVELS):
        return None
    between = [high - low for low, high in zip([0.0, *_LEVELS], [*_LEVELS, 1.0], strict=True)]
    cells = [0.0] * (2 * len(_LEVELS) + 1)
    cells[::2] = [share * images for share in between]
    return tuple(cells)
