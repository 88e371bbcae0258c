"""Damaged pictures of every format, to all who read pictures: the same verdict, in the same words."""

from __future__ import annotations

import io
import json
import random
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from bench.hostility.mutations import damaged_bytes
from lambda_src.core.errors import ClassificationError
from lambda_src.core.image_type import image_type
from pictures.limits import WHOLE
from pictures.refusals import PictureRefused
from reports.figures.images import measure, thumbnail
from serving.decoder import ANSWER, JOB, answer_job
from serving.errors import ImageRefused
from serving.images import decode_image
from training.data import load_images
from training.listing import ListedImage
from training.manifest import DatasetError

SIDE = 8
CPU_SECONDS = 20.0
"""Ten times what the server gives one picture: a busy machine decides nothing."""


class DifferentVerdictsError(AssertionError):
    """Two readers say different things of one file."""


def _files() -> list[bytes]:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    picture, exif = Image.fromarray(pixels), Image.Exif()
    exif[0x0112] = 6
    return [
        _saved(picture, "PNG"),
        _saved(picture.convert("RGBA"), "PNG", exif=exif),
        _saved(picture.quantize(16), "PNG"),
        _saved(picture, "JPEG", exif=exif),
        _saved(picture.convert("L"), "JPEG"),
        _saved(picture.convert("CMYK"), "JPEG"),
        _saved(picture, "JPEG", progressive=True),
        _saved(picture, "JPEG", restart_marker_rows=1),
        _saved(picture, "WEBP", exif=exif),
        _saved(picture.convert("RGBA"), "WEBP", lossless=True),
    ]


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


FILES = _files()


def read_by_all(dice: random.Random) -> None:
    """Damage one file. Raises ImageRefused where all refuse it, DifferentVerdictsError where they differ."""
    body = damaged_bytes(dice.choice(FILES), dice)
    try:
        pixels: bytes | None = decode_image(body, SIDE, SIDE).tobytes()
        refused = None
    except ImageRefused as refusal:
        pixels, refused = None, refusal
    said = f"{refused.name}: {refused}" if refused else ""
    _same(_beside(body), pixels or said, "the server's decoder")
    _same(_trained(body), pixels or said, "training")
    _sent(body, said)
    _shown(body, said)
    if refused:
        raise refused


def _same(found: bytes | str, expected: bytes | str, reader: str) -> None:
    if found != expected:
        raise DifferentVerdictsError(f"{reader}: {found[:200]!r}, the server: {expected[:200]!r}")


def _beside(body: bytes) -> bytes | str:
    answers = io.BytesIO()
    answer_job(io.BytesIO(JOB.pack(len(body), SIDE, SIDE, WHOLE, CPU_SECONDS) + body), answers)
    content = answers.getvalue()
    pixels, _ = ANSWER.unpack(content[: ANSWER.size])
    return content[ANSWER.size :] if pixels else ": ".join(json.loads(content[ANSWER.size :]))


def _trained(body: bytes) -> bytes | str:
    with tempfile.NamedTemporaryFile() as file:
        path = Path(file.name)
        path.write_bytes(body)
        try:
            return load_images([ListedImage(0, path)], (SIDE, SIDE)).images.tobytes()
        except DatasetError as error:
            return (
                str(error)
                .removeprefix(f"{path} is refused: ")
                .removesuffix("; then stage the data set again")
            )


def _sent(body: bytes, said: str) -> None:
    """Functions look at what shows without decoding; they refuse nothing that the server takes."""
    try:
        image_type(body, "x", WHOLE)
    except ClassificationError as error:
        _same(str(error).removeprefix("x: "), said.partition(": ")[2], "the functions")


def _shown(body: bytes, said: str) -> None:
    """The report takes a part of a picture as well, and so refuses less; never what was answered."""
    for look in (lambda: measure(body, (SIDE, SIDE)), lambda: thumbnail(body)):
        try:
            look()
        except PictureRefused as error:
            if not said:
                raise DifferentVerdictsError(f"the report: {error}, the server takes it") from error
