"""What is read of a picture before it is decoded, and what that bounds."""

from __future__ import annotations

import io
import time
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.server.costly_pictures import arithmetic_jpeg, empty_png, jpeg_of_segments, progressive_jpeg
from pictures.decode import decode_image
from pictures.files import read_file
from pictures.jpeg import JpegFile
from pictures.limits import MAX_SCANS, PLAIN_BYTES, PLAIN_PIXELS, PLAIN_SCANS
from pictures.refusals import PictureRefused, TooManyScans, UnsupportedImage
from pictures.structure import announced_pixels, is_plain
from serving.errors import Refusal
from serving.packs import read_records
from tests.unit.serving.packs import image_record
from tests.unit.serving.packs import record as raw_record
from tests.unit.serving.pictures import GREY, chunk, encode, noise, plain, png

PHOTO = Image.fromarray(noise(224, 224, 3).astype("u1"))
THUMBNAIL = encode(PHOTO.resize((16, 16)), "JPEG")
ORDINARY = {
    "png": plain((1, 2, 3)),
    "palette png": encode(PHOTO.quantize(16), "PNG"),
    "png with a profile": encode(PHOTO.resize((64, 64)), "PNG", icc_profile=b"profile" * 99),
    "jpeg": encode(PHOTO, "JPEG", quality=60),
    "progressive jpeg": encode(PHOTO, "JPEG", quality=60, progressive=True),
    "cmyk jpeg": encode(PHOTO.resize((99, 33)).convert("CMYK"), "JPEG"),
    "webp": encode(PHOTO, "WEBP", quality=60),
    "webp without loss": encode(PHOTO.resize((64, 64)), "WEBP", lossless=True),
    "jpeg with a thumbnail": encode(PHOTO, "JPEG", quality=60, exif=b"Exif\0\0" + THUMBNAIL),
}
COSTLY = {
    "many scans": progressive_jpeg(PLAIN_SCANS + 1, 16),
    "many pixels": empty_png(513),
    "many bytes": png(noise(300, 300), GREY),
    "many chunks": empty_png(16, chunks=30),
    "many segments": jpeg_of_segments(30),
    "arithmetic coding": arithmetic_jpeg(16),
    "restarts": encode(PHOTO.resize((64, 64)), "JPEG", restart_marker_rows=1),
    "a second header": png(noise(8, 8), GREY, extra=chunk(b"IHDR", b"\0\0\x10\0" * 2 + b"\x08\0\0\0\0")),
    "three compressed texts": png(
        noise(8, 8), GREY, extra=3 * chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000)))
    ),
    "a long profile": png(noise(8, 8), GREY, extra=chunk(b"teSt", bytes(17_000))),
    "webp without loss of many pixels": encode(PHOTO.resize((129, 128)), "WEBP", lossless=True),
    "webp of many pixels": encode(Image.new("RGB", (513, 512)), "WEBP"),
    "no end": plain((1, 2, 3))[:-12],
    "no frame": b"\xff\xd8\xff\xe0\0\2\xff\xda\0\2",
    "a signature only": b"\xff\xd8\xff",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_small_picture_is_plain(name: str) -> None:
    assert len(ORDINARY[name]) <= PLAIN_BYTES
    assert is_plain(ORDINARY[name])
    assert announced_pixels(ORDINARY[name]) == int(np.prod(Image.open(io.BytesIO(ORDINARY[name])).size))


@pytest.mark.parametrize("name", COSTLY)
def test_what_bounds_no_work_is_not_plain(name: str) -> None:
    assert not is_plain(COSTLY[name])


@pytest.mark.parametrize("body", [b"", b"text", bytes(6_000_000)])
def test_what_is_no_picture_is_refused_where_it_is(body: bytes) -> None:
    assert is_plain(body)
    with pytest.raises(UnsupportedImage):
        decode_image(body, 32, 32)


SEEDS = [
    png(noise(9, 9), GREY),
    *ORDINARY.values(),
    *(body for body in COSTLY.values() if len(body) < 20_000),
]


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=5))
@settings(max_examples=400)
def test_odd_bytes_are_a_picture_or_a_named_refusal(body: bytes, changes: list[tuple[int, bytes]]) -> None:
    """Alone and as records of a pack; what is plain never announces more than plain pixels."""
    for at, inserted in changes:
        body = body[:at] + inserted + body[at + len(inserted) // 2 :]
    for record in read_records(image_record(body) + raw_record(body[:30])):
        assert isinstance(record, bytes | Refusal)
    assert announced_pixels(body) <= PLAIN_PIXELS or not is_plain(body)
    with suppress(PictureRefused):
        assert decode_image(body, 8, 8).shape == (8, 8, 3)


@pytest.mark.parametrize("body", [progressive_jpeg(PLAIN_SCANS, 512, filled=True), empty_png(512)])
def test_the_costliest_plain_picture_takes_milliseconds(body: bytes) -> None:
    """As a ratio: not more than 100 times an ordinary small picture, which takes 0.15 ms."""
    assert is_plain(body)
    assert announced_pixels(body) == PLAIN_PIXELS
    assert cheapest(body) < 100 * cheapest(ORDINARY["png"])


def cheapest(body: bytes) -> float:
    """Processor seconds of the best of five decodings."""
    taken = []
    for _ in range(5):
        began = time.process_time()
        decode_image(body, 32, 32)
        taken.append(time.process_time() - began)
    return min(taken)


def scans(body: bytes) -> int:
    file = read_file(body)
    assert isinstance(file, JpegFile)
    return len(file.scans)


def test_scans_of_the_main_picture_count_and_not_those_of_its_thumbnails() -> None:
    assert scans(progressive_jpeg(MAX_SCANS, 16)) == MAX_SCANS
    thumbnails = encode(PHOTO, "JPEG", exif=b"Exif\0\0" + b"\xff\xda" * 2 * MAX_SCANS)
    assert scans(thumbnails) == 1
    filled = b"\xff" * 5 + progressive_jpeg(MAX_SCANS + 1, 16)[-11:]
    with pytest.raises(TooManyScans):
        read_file(progressive_jpeg(MAX_SCANS, 16)[:-2] + filled)


@pytest.mark.parametrize("scans", [6_400, 600_000])
def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(scans: int) -> None:
    began = time.process_time()
    with pytest.raises(TooManyScans, match=f"more than {MAX_SCANS} scans, the limit.* baseline JPEG"):
        decode_image(progressive_jpeg(scans), 32, 32)
    assert time.process_time() - began < 0.5


def test_every_scan_of_an_ordinary_progressive_jpeg_is_taken() -> None:
    assert decode_image(encode(PHOTO, "JPEG", progressive=True), 32, 32).shape == (32, 32, 3)
