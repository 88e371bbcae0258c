"""Captured image files: measured as training measures its own, and made small for the page.

Colours are those that the model sees (pictures/decode.py): transparency lies on white, 16 bits a channel
count by the high byte, CMYK is converted without colour management, a JPEG's EXIF orientation is applied.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from pictures.limits import MAX_PIXELS
from reports.captured.counts import CaptureCounts
from reports.captured.images import EncodedImage
from reports.captured.inferences import Inference
from reports.figures.baseline import IMAGE_MEASURES, Baseline
from reports.figures.hours import MEASURED, STATISTIC_UNIT, UNDECODABLE, Hour
from reports.figures.rounding import DIGITS
from training.figures.image_statistics import image_statistics

_WHITE = (255, 255, 255, 255)
_STRIP_ROWS = 256
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)
"""EXIF's tag, and its values for pictures stored on their side."""
_DRAFT_MARGIN = 4
"""A JPEG is decoded at no less than this multiple of the model's size: a photograph of 12 megapixels several
times faster, and its statistics differ by less than 1 % from a whole decoding's."""
_QUALITY = 70
"""Of WebP: a thumbnail of 64 pixels takes 1 to 2 KB."""


def measure(data: bytes, size: tuple[int, int]) -> dict[str, float]:
    """brightness, contrast, sharpness and colorfulness of the picture at the model's `size` (height, width),
    resized bilinearly as in training; width and height in pixels of the picture as it was sent, upright.

    ValueError for what is no PNG or JPEG, is damaged, or has more than pictures.limits.MAX_PIXELS.
    """
    height, width = size
    picture, original = _decode(data, draft=_DRAFT_MARGIN * max(size))
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    statistics = image_statistics(np.asarray(picture)[np.newaxis])
    return {
        **{name: float(values[0]) for name, values in statistics.items()},
        "width": float(original[0]),
        "height": float(original[1]),
    }


def thumbnail(data: bytes, side: int = 64) -> str:
    """The whole picture, at most `side` pixels wide and high, as the data URI of a WebP. A small picture is
    not enlarged. ValueError as for measure."""
    picture, _ = _decode(data, draft=2 * side)
    picture.thumbnail((side, side), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=_QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()


def pixel_digest(data: bytes) -> str:
    """SHA-256 of the upright picture's pixels, three bytes of RGB each, row by row: the same for a copy that
    was saved anew without loss. In hexadecimal. ValueError as for measure."""
    picture, _ = _decode(data, draft=None)
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _decode(data: bytes, *, draft: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """The picture upright in RGB, and its original (width, height).

    A JPEG may come out smaller, its shorter side no less than `draft`; None: as large as it is.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as file:
            if file.width * file.height > MAX_PIXELS:
                raise ValueError(f"{file.width} x {file.height} pixels are more than {MAX_PIXELS:,}")
            is_png = file.format == "PNG"
            lies = not is_png and file.getexif().get(_ORIENTATION) in _LYING
            original = (file.height, file.width) if lies else (file.width, file.height)
            if draft is not None:
                file.draft(None, (draft, draft))
            file.load()
            return _to_rgb(file if is_png else ImageOps.exif_transpose(file)), original
    except (ValueError, MemoryError):
        raise
    except Exception as error:  # whatever a decoder raises on such bytes is about them
        raise ValueError(f"not a readable image: {error}") from error


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        return _on_white(picture)
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    """Strip by strip: as a whole, 25 megapixels would be held four times over."""
    laid = Image.new("RGB", picture.size)
    for top in range(0, picture.height, _STRIP_ROWS):
        strip = picture.crop((0, top, picture.width, min(top + _STRIP_ROWS, picture.height))).convert("RGBA")
        laid.paste(Image.alpha_composite(Image.new("RGBA", strip.size, _WHITE), strip), (0, top))
    return laid


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
