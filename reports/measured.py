"""Statistics of the captured images, counted in the cells of the baseline's quantiles."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reports.baseline import IMAGE_MEASURES, Baseline
from reports.found import Found
from reports.hours import STATISTIC_UNIT, Hour
from reports.images import measure
from reports.inference import Inference

WITH_IMAGE, MEASURED, UNDECODABLE = range(3)
"""Places in the table "images"."""


def is_sampled(inference: Inference, every: int) -> bool:
    """Whether this one, of about every `every`, is measured.

    Told by a digest of its time, id and answer: a count would depend on the order in which files are read.
    """
    if every <= 1:
        return every == 1
    digest = zlib.crc32(repr((inference.time, inference.inference_id, inference.probabilities)).encode())
    return digest % every == 0


def count_image(inference: Inference, hour: Hour, found: Found, baseline: Baseline, every: int) -> None:
    """Add the inference's image, if it has one, to the counts of its hour; measured if it is sampled."""
    if inference.image is None:
        return
    hour.add("images", WITH_IMAGE)
    if not is_sampled(inference, every):
        return
    try:
        statistics = measure(inference.image.read(), baseline.size)
    except ValueError:
        hour.add("images", UNDECODABLE)
        found.add("undecodable_image", inference.image.place)
        return
    hour.add("images", MEASURED)
    for name in IMAGE_MEASURES:
        summary = baseline.image_statistics.get(name)
        hour.add(name, cell(statistics[name], summary.values if summary else ()))
        hour.add(f"{name} sum", 0, round(statistics[name] * STATISTIC_UNIT))


def cell(value: float, values: Sequence[float]) -> int:
    """2 i for a value between values[i - 1] and values[i], 2 i + 1 for one that equals values[i]."""
    return bisect_left(values, value) + bisect_right(values, value)
