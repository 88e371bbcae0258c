"""Statistics of the captured images, counted in the cells of the baseline's quantiles."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reports.captured.counts import Found
from reports.captured.inference import EncodedImage, Inference
from reports.figures.baseline import IMAGE_MEASURES, Baseline
from reports.figures.hours import MEASURED, STATISTIC_UNIT, UNDECODABLE, Hour
from reports.figures.images import measure
from reports.figures.rounding import DIGITS


def is_sampled(inference: Inference, every: int) -> bool:
    """Whether this one, of about every `every`, is measured.

    Told by a digest of its time, id and answer: a count would depend on the order in which files are read.
    """
    if every <= 1:
        return every == 1
    digest = zlib.crc32(repr((inference.time, inference.inference_id, inference.probabilities)).encode())
    return digest % every == 0


def count_image(image: EncodedImage, hour: Hour, found: Found, baseline: Baseline) -> None:
    """Measure the image, and add it to the counts of its hour."""
    try:
        statistics = measure(image.read(), baseline.size)
    except ValueError:
        hour.add("images", UNDECODABLE)
        found.add("undecodable_image", image.place)
        return
    hour.add("images", MEASURED)
    for name in IMAGE_MEASURES:
        summary = baseline.image_statistics.get(name)
        hour.add(name, cell(round(statistics[name], DIGITS), summary.values if summary else ()))
        hour.add(f"{name} sum", 0, round(statistics[name] * STATISTIC_UNIT))


def cell(value: float, values: Sequence[float]) -> int:
    """2 i for a value between values[i - 1] and values[i], 2 i + 1 for one that equals values[i]."""
    return bisect_left(values, value) + bisect_right(values, value)
