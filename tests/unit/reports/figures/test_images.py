"""Captured images of every kind: statistics against training's, thumbnails against what the model sees."""

from __future__ import annotations

import base64
import io
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pictures.decode import decode_image
from pictures.refusals import DamagedImage, ImageTooLarge, PictureRefused
from reports.figures.images import measure, thumbnail
from tests.unit.serving.pictures import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGB_ALPHA,
    chunk,
    encode,
    noise,
    plain,
    png,
)
from training.data import load_images
from training.figures.image_statistics import image_statistics
from training.listing import ListedImage

SIDE = 16
SIZE = (SIDE, SIDE)
STATISTICS = ("brightness", "contrast", "sharpness", "colorfulness")


def photograph(width: int, height: int) -> Image.Image:
    """Smooth colours with a little noise, as a camera's."""
    rough = Image.fromarray(noise(12, 16, 3).astype(np.uint8))
    smooth = np.asarray(rough.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    grain = np.random.default_rng(1).normal(0, 8, smooth.shape)
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def turned(picture: Image.Image, orientation: int, form: str = "JPEG", **options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(picture, form, quality=95, subsampling=0, exif=exif, **options)


def with_two_headers(body: bytes, size: tuple[int, int]) -> bytes:
    """A JPEG that announces another (width, height) behind the first."""
    start = body.index(b"\xff\xc0")
    stop = start + 2 + int.from_bytes(body[start + 2 : start + 4], "big")
    second = body[start : start + 5] + struct.pack(">HH", size[1], size[0]) + body[start + 9 : stop]
    return body[:stop] + second + body[stop:]


PALETTE_CHUNK = chunk(b"PLTE", noise(256, 3).astype("u1").tobytes())
PICTURES = {
    "png": png(noise(SIDE, SIDE, 3), RGB),
    "jpeg": encode(photograph(SIDE, SIDE), "JPEG"),
    "grey": png(noise(SIDE, SIDE), GREY),
    "one bit": encode(Image.fromarray(noise(SIDE, SIDE, high=2).astype(bool)), "PNG"),
    "palette": png(noise(SIDE, SIDE), PALETTE, extra=PALETTE_CHUNK),
    "transparent palette": png(
        noise(SIDE, SIDE), PALETTE, extra=PALETTE_CHUNK + chunk(b"tRNS", noise(256).astype("u1").tobytes())
    ),
    "alpha": png(noise(SIDE, SIDE, 4), RGB_ALPHA),
    "grey alpha": png(noise(SIDE, SIDE, 2), GREY_ALPHA),
    "transparent colour": png(
        np.full((SIDE, SIDE, 3), 7), RGB, extra=chunk(b"tRNS", struct.pack(">HHH", 7, 7, 7))
    ),
    "16 bits": png(noise(SIDE, SIDE, 3, high=65536), RGB, depth=16),
    "16 bits grey": png(noise(SIDE, SIDE, high=65536), GREY, depth=16),
    "cmyk": encode(Image.new("CMYK", SIZE, (200, 40, 90, 60)), "JPEG", quality=100),
    "mirrored": turned(photograph(SIDE, SIDE), 2),
    "on its side": turned(photograph(SIDE, SIDE), 6),
    "several pictures": turned(
        photograph(SIDE, SIDE), 6, "MPO", save_all=True, append_images=[Image.new("RGB", SIZE, "blue")]
    ),
}


def pixels(uri: str) -> NDArray[np.float64]:
    kind, _, data = uri.partition(",")
    assert kind == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.format == "WEBP"
        return np.asarray(picture.convert("RGB")).astype(float)


@pytest.mark.parametrize("name", PICTURES)
def test_statistics_are_those_of_the_picture_that_the_model_sees(name: str) -> None:
    seen = decode_image(PICTURES[name], SIDE, SIDE)
    expected = {key: values[0] for key, values in image_statistics(seen[np.newaxis]).items()}
    assert measure(PICTURES[name], SIZE) == pytest.approx({**expected, "width": SIDE, "height": SIDE})


@pytest.mark.parametrize(
    "body",
    [
        png(noise(600, 9, 4), RGB_ALPHA),
        png(noise(513, 9), PALETTE, extra=PALETTE_CHUNK + chunk(b"tRNS", noise(256).astype("u1").tobytes())),
    ],
)
def test_a_tall_transparent_picture_is_laid_on_white_to_its_end(body: bytes) -> None:
    width, height = struct.unpack(">II", body[16:24])
    seen = decode_image(body, width, height)
    expected = {key: values[0] for key, values in image_statistics(seen[np.newaxis]).items()}
    assert measure(body, (height, width)) == pytest.approx({**expected, "width": width, "height": height})


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize("shape", [(16, 16), (40, 30), (8, 8), (15, 17)])
def test_statistics_are_those_that_training_gets(form: str, shape: tuple[int, int], tmp_path: Path) -> None:
    body = encode(photograph(*shape), form)
    file = tmp_path / "picture"
    file.write_bytes(body)
    loaded = load_images([ListedImage(0, file)], SIZE)
    expected = {key: values[0] for key, values in image_statistics(loaded.images).items()}
    assert measure(body, SIZE) == pytest.approx({**expected, "width": shape[0], "height": shape[1]})


def test_a_large_photograph_decoded_small_has_nearly_the_same_statistics() -> None:
    body = encode(photograph(1600, 1200), "JPEG", quality=90)
    with Image.open(io.BytesIO(body)) as picture:
        whole = picture.convert("RGB").resize((32, 32), Image.Resampling.BICUBIC)
    expected = image_statistics(np.asarray(whole)[np.newaxis])
    measured = measure(body, (32, 32))
    assert (measured["width"], measured["height"]) == (1600, 1200)
    for name in STATISTICS:
        assert measured[name] == pytest.approx(expected[name][0], rel=0.02)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40))]
)
def test_width_and_height_are_those_of_the_upright_picture(orientation: int, size: tuple[int, int]) -> None:
    measured = measure(turned(photograph(40, 20), orientation), SIZE)
    assert (measured["width"], measured["height"]) == size


HALF = np.zeros((SIDE, SIDE), dtype=int)
HALF[:, SIDE // 2 :] = 1
HALVES = Image.fromarray((HALF * 200).astype(np.uint8))
SMOOTH = {
    "palette": png(HALF, PALETTE, extra=chunk(b"PLTE", bytes([200, 0, 0, 0, 0, 200]))),
    "transparent palette": png(
        HALF,
        PALETTE,
        extra=chunk(b"PLTE", bytes([200, 0, 0, 0, 0, 200])) + chunk(b"tRNS", bytes([0, 255])),
    ),
    "alpha": png(np.stack([HALF * 0, HALF * 200, HALF * 0, HALF * 255], axis=2), RGB_ALPHA),
    "grey alpha": png(np.stack([HALF * 60, HALF * 128], axis=2), GREY_ALPHA),
    "16 bits": png(np.repeat(HALF[..., None] * 40_000, 3, axis=2), RGB, depth=16),
    "16 bits grey": png(HALF * 40_000, GREY, depth=16),
    "one bit": encode(Image.fromarray(HALF.astype(bool)), "PNG"),
    "transparent colour": PICTURES["transparent colour"],
    "cmyk": PICTURES["cmyk"],
    "mirrored": turned(HALVES, 2),
    "on its side": turned(HALVES, 6),
    "the first of several, on its side": turned(HALVES, 6, "MPO", save_all=True, append_images=[HALVES]),
    "a png that says it is on its side": turned(HALVES, 6, "PNG"),
}
"""Pictures that lossy compression leaves as they are."""


@pytest.mark.parametrize("name", SMOOTH)
def test_a_thumbnail_looks_like_what_the_model_sees(name: str) -> None:
    seen = decode_image(SMOOTH[name], SIDE, SIDE).astype(float)
    assert np.abs(pixels(thumbnail(SMOOTH[name])) - seen).mean() < 12


@pytest.mark.parametrize(
    ("size", "expected"),
    [((640, 480), (64, 48)), ((30, 20), (30, 20)), ((100, 1000), (6, 64)), ((3000, 1), (64, 1))],
)
def test_a_thumbnail_keeps_the_shape_and_enlarges_nothing(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    height, width = pixels(thumbnail(encode(Image.new("RGB", size, "red"), "PNG"))).shape[:2]
    assert (width, height) == expected


def test_a_thumbnail_of_a_turned_photograph_is_upright() -> None:
    left_red = np.zeros((300, 400, 3), dtype=np.uint8)
    left_red[:, :200, 0] = 255
    small = pixels(thumbnail(turned(Image.fromarray(left_red), 6)))  # 6: the left edge becomes the top one
    assert small.shape[:2] == (64, 48)
    assert small[:24, :, 0].mean() > 200
    assert small[40:, :, 0].mean() < 50


def test_a_thumbnail_of_a_photograph_is_small() -> None:
    uri = thumbnail(encode(photograph(800, 600), "JPEG"))
    assert len(uri) < 2_000
    assert len(thumbnail(encode(photograph(32, 32), "PNG"))) < 1_200


BROKEN = {
    "empty": b"",
    "text": b"no image",
    "gif": plain((1, 2, 3), form="GIF"),
    "a png without data": png(noise(8, 8, 3), RGB).replace(b"IDAT", b"zDAT"),
    "no pixels": png(noise(8, 8, 3), RGB, size=(0, 0)),
    "too many pixels": png(noise(8, 8, 3), RGB, size=(5001, 5000)),
    "a bomb": png(noise(8, 8, 3), RGB, size=(100_000, 100_000)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_readable_picture_is_refused(name: str) -> None:
    with pytest.raises(PictureRefused, match=r"\w"):
        measure(BROKEN[name], SIZE)
    with pytest.raises(PictureRefused, match=r"\w"):
        thumbnail(BROKEN[name])


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (ImageTooLarge, BROKEN["too many pixels"]),
        (DamagedImage, with_two_headers(PICTURES["jpeg"], (6000, 6000))),
    ],
)
def test_too_many_pixels_are_refused_by_the_header(error: type[PictureRefused], body: bytes) -> None:
    with pytest.raises(error):
        measure(body, SIZE)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(
    st.sampled_from([PICTURES["png"], PICTURES["jpeg"], PICTURES["on its side"]]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
)
def test_damaged_bytes_give_statistics_or_a_refusal(body: bytes, damage: list[tuple[int, int]]) -> None:
    damaged = bytearray(body)
    for at, value in damage:
        damaged[at % len(body)] = value
    with suppress(PictureRefused):
        assert all(np.isfinite(value) for value in measure(bytes(damaged), SIZE).values())
    with suppress(PictureRefused):
        thumbnail(bytes(damaged))
