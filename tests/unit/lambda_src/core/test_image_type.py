"""The type of an image comes from its bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.core.errors import UnsupportedImage
from lambda_src.core.image_type import image_type
from pictures.kinds import JPEG_SIGNATURE, PNG_SIGNATURE
from tests.unit.lambda_src.pictures import picture, png


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16"])
def test_png_of_every_kind(mode: str) -> None:
    assert image_type(picture("PNG", mode), "x") == ("image/png", 3, 2)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_of_every_kind(mode: str) -> None:
    assert image_type(picture("JPEG", mode), "x") == ("image/jpeg", 3, 2)


def test_webp_and_a_png_without_its_end_are_images() -> None:
    assert image_type(picture("WEBP"), "x") == ("image/webp", 3, 2)
    assert image_type(picture("PNG")[:-12], "x", 1.0) == ("image/png", 3, 2)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"", "empty: 0 bytes"),
        (b"this is no picture", "text, neither"),
        ("Fahrr\u00e4der".encode() * 100, "text, neither"),
        (b"\x00\x01\x02\x03", "4 bytes (first ones 00 01 02 03)"),
        (b"%PDF-1.7 \x00", "a PDF document"),
        (picture("GIF"), "a GIF image"),
        (picture("BMP"), "a BMP image"),
        (picture("TIFF"), "a TIFF image"),
        (b"\x00\x00\x00\x18ftypheic\x00", "a HEIC"),
        (png(0, 5), "0 x 5, 0 pixels"),
        (png(5, 0), "5 x 0, 0 pixels"),
        (PNG_SIGNATURE, "no header follows"),
        (png()[:20], "no header follows"),
        (png()[:-26], "cut short; 0 % of the picture is there"),
        (JPEG_SIGNATURE, "no frame"),
        (picture("JPEG")[:100], "no frame"),
        (b"\xff\xd8\xff\xd9" + bytes(20), "no frame"),
    ],
)
def test_refused_with_what_was_seen(data: bytes, seen: str) -> None:
    with pytest.raises(UnsupportedImage) as refused:
        image_type(data, "'s3://b/named.png'", 1.0)
    assert seen in str(refused.value)
    assert "named.png" in str(refused.value)


@given(st.sampled_from([b"", PNG_SIGNATURE, PNG_SIGNATURE + b"\0\0\0\x0dIHDR", JPEG_SIGNATURE]), st.binary())
@example(JPEG_SIGNATURE, b"\xe0\x00\x00" * 20)
def test_any_bytes_are_an_image_or_refused(start: bytes, rest: bytes) -> None:
    try:
        kind = image_type(start + rest, "x")
    except UnsupportedImage:
        return
    assert kind.width > 0
    assert kind.height > 0
