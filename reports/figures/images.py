"""Captured image files: measured as training measures its own, and made small for the page.

Both see what the model sees: the package `pictures` reads them. Of a damaged picture what is there, as the
server did that answered it, whatever its setting was then.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from pictures.decode import decode_file, decode_small, decode_whole
from pictures.files import read_file, upright_size
from pictures.limits import WHATEVER_IS_THERE
from reports.captured.counts import CaptureCounts
from reports.captured.images import EncodedImage
from reports.captured.inferences import Inference
from reports.figures.baseline import IMAGE_MEASURES, Baseline
from reports.figures.hours import MEASURED, STATISTIC_UNIT, UNDECODABLE, Hour
from reports.figures.rounding import DIGITS
from training.figures.image_statistics import image_statistics

_QUALITY = 70
"""Of WebP: a thumbnail of 64 pixels takes 1 to 2 KB."""


def measure(data: bytes, size: tuple[int, int]) -> dict[str, float]:
    """brightness, contrast, sharpness and colorfulness of the pixels that a model of `size` (height, width)
    sees; width and height in pixels of the picture as it was sent, upright. Raises PictureRefused."""
    file = read_file(data)
    width, height = upright_size(file)
    pixels = decode_file(file, size[1], size[0], WHATEVER_IS_THERE)
    return {
        **{name: float(values[0]) for name, values in image_statistics(pixels[np.newaxis]).items()},
        "width": float(width),
        "height": float(height),
    }


def thumbnail(data: bytes, side: int = 64) -> str:
    """The whole picture, at most `side` pixels wide and high, as the data URI of a WebP. A small picture is
    not enlarged. Raises PictureRefused."""
    file = io.BytesIO()
    decode_small(data, side, WHATEVER_IS_THERE).save(file, "WEBP", quality=_QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()


def pixel_digest(data: bytes) -> str:
    """SHA-256 of the upright picture's pixels, three bytes of RGB each, row by row: the same for a copy that
    was saved anew without loss. In hexadecimal. Raises PictureRefused."""
    return hashlib.sha256(decode_whole(data, WHATEVER_IS_THERE).tobytes()).hexdigest()


def is_sampled(inference: Inference, every: int) -> bool:
    """Whether this one, of about every `every`, is measured.

    Told by a digest of its time, id and answer: a count would depend on the order in which files are read.
    """
    if every <= 1:
        return every == 1
    digest = zlib.crc32(repr((inference.time, inference.inference_id, inference.probabilities)).encode())
    return digest % every == 0


def count_image(image: EncodedImage, hour: Hour, counts: CaptureCounts, baseline: Baseline) -> None:
    """Measure the image, and add it to the counts of its hour."""
    try:
        statistics = measure(image.read(), baseline.size)
    except ValueError:
        hour.add("images", UNDECODABLE)
        counts.add("undecodable_image", image.position)
        return
    hour.add("images", MEASURED)
    for name in IMAGE_MEASURES:
        summary = baseline.image_statistics.get(name)
        hour.add(name, cell(round(statistics[name], DIGITS), summary.values if summary else ()))
        hour.add(f"{name} sum", 0, round(statistics[name] * STATISTIC_UNIT))


def cell(value: float, values: Sequence[float]) -> int:
    """2 i for a value between values[i - 1] and values[i], 2 i + 1 for one that equals values[i]."""
    return bisect_left(values, value) + bisect_right(values, value)
