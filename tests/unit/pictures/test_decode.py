"""Every kind of image file, against pixels worked out by hand."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pictures.decode import decode_image
from pictures.limits import MAX_PIXELS
from pictures.refusals import ImageTooLarge, PictureRefused, UnsupportedImage
from tests.unit.serving.pictures import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGB_ALPHA,
    SIGNATURE,
    chunk,
    encode,
    noise,
    plain,
    png,
)

SIDE = 8


def decoded(body: bytes) -> np.ndarray:
    return decode_image(body, SIDE, SIDE).astype(int)


def on_white(samples: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.rint((samples * alpha + 255 * (255 - alpha)) / 255).astype(int)


def grey(samples: np.ndarray) -> np.ndarray:
    return np.repeat(samples[..., None], 3, axis=2)


def test_colours_and_greys_come_through_exactly() -> None:
    colour, shades = noise(SIDE, SIDE, 3), noise(SIDE, SIDE)
    assert (decoded(png(colour, RGB)) == colour).all()
    assert (decoded(png(shades, GREY)) == grey(shades)).all()


def test_16_bits_give_their_high_byte_in_grey_and_in_colour() -> None:
    shades, colour = noise(SIDE, SIDE, high=65536), noise(SIDE, SIDE, 3, high=65536)
    assert (decoded(png(shades, GREY, depth=16)) == grey(shades // 256)).all()
    assert (decoded(png(colour, RGB, depth=16)) == colour // 256).all()


def test_palette_with_and_without_transparency() -> None:
    entries, opacity, indices = noise(256, 3), noise(256, seed=1), noise(SIDE, SIDE)
    palette = chunk(b"PLTE", entries.astype("u1").tobytes())
    assert (decoded(png(indices, PALETTE, extra=palette)) == entries[indices]).all()
    transparent = png(indices, PALETTE, extra=palette + chunk(b"tRNS", opacity.astype("u1").tobytes()))
    expected = on_white(entries[indices], opacity[indices][..., None])
    assert np.abs(decoded(transparent) - expected).max() <= 1


def test_transparency_is_laid_on_white() -> None:
    colour, alpha = noise(SIDE, SIDE, 3), noise(SIDE, SIDE, 1, seed=1)
    alpha[0] = 0
    alpha[1] = 255
    picture = decoded(png(np.concatenate([colour, alpha], axis=2), RGB_ALPHA))
    assert np.abs(picture - on_white(colour, alpha)).max() <= 1
    assert (picture[0] == 255).all()
    assert (picture[1] == colour[1]).all()
    shades = decoded(png(np.concatenate([colour[..., :1], alpha], axis=2), GREY_ALPHA))
    assert np.abs(shades - on_white(grey(colour[..., 0]), alpha)).max() <= 1


def test_one_transparent_colour_is_laid_on_white() -> None:
    colour = noise(SIDE, SIDE, 3)
    colour[2, 3] = (10, 20, 30)
    picture = decoded(png(colour, RGB, extra=chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30))))
    colour[2, 3] = 255
    assert (picture == colour).all()


def test_a_cmyk_jpeg_is_converted_by_the_plain_formula() -> None:
    cyan, magenta, yellow, black = 200, 40, 90, 60
    body = encode(Image.new("CMYK", (SIDE, SIDE), (cyan, magenta, yellow, black)), "JPEG", quality=100)
    expected = [(255 - ink) * (255 - black) / 255 for ink in (cyan, magenta, yellow)]
    assert np.abs(decoded(body) - expected).max() <= 3


def test_a_jpegs_orientation_is_applied() -> None:
    left_red = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    left_red[:, : SIDE // 2, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: the left edge becomes the top one
    body = encode(Image.fromarray(left_red), "JPEG", quality=100, subsampling=0, exif=exif)
    picture = decoded(body)
    assert picture[0, :, 0].min() > 240
    assert picture[-1, :, 0].max() < 15


def test_the_main_picture_of_a_multi_picture_jpeg_counts() -> None:
    main, second = (Image.new("RGB", (SIDE, SIDE), colour) for colour in ("red", "blue"))
    picture = decoded(encode(main, "MPO", save_all=True, append_images=[second]))
    assert np.abs(picture - (254, 0, 0)).max() <= 3


def test_another_size_is_squeezed_whole_with_antialiasing() -> None:
    halves = np.zeros((4 * SIDE, 16 * SIDE), dtype=np.uint8)
    halves[:, 8 * SIDE :] = 200
    picture = decoded(png(halves, GREY))
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture[:, :3].max() < 15
    assert np.abs(picture[:, -3:] - 200).max() < 15
    chessboard = (np.indices((16 * SIDE, 16 * SIDE)).sum(axis=0) % 2) * 255
    assert np.abs(decoded(png(chessboard, GREY)) - 127.5).max() <= 2


def test_a_large_jpeg_decoded_small_looks_like_one_decoded_whole() -> None:
    waves = np.indices((1600, 1600)).sum(axis=0)[..., None] * [1, 2, 3] // 40 % 256
    picture = Image.fromarray(waves.astype(np.uint8))
    whole = np.asarray(picture.resize((32, 32), Image.Resampling.BOX)).astype(int)
    small = decode_image(encode(picture, "JPEG", quality=95), 32, 32).astype(int)
    assert np.abs(small - whole).mean() < 4


BROKEN = {
    "empty": (b"", "0 bytes"),
    "text": (b"not an image at all", "text, neither PNG nor JPEG nor WebP"),
    "gif": (plain((1, 2, 3), form="GIF"), "a GIF image, which is not read; save it as PNG, JPEG or WebP"),
    "truncated png": (png(noise(64, 64, 3), RGB)[:-400], "damaged PNG: it is cut short; 9"),
    "truncated jpeg": (
        encode(Image.fromarray(noise(64, 64, 3).astype("u1")), "JPEG")[:-400],
        "damaged JPEG: it is cut short; [5-9]",
    ),
    "header only": (SIGNATURE, "damaged PNG: no header"),
    "jpeg signature only": (b"\xff\xd8\xff", "damaged JPEG: it has no frame"),
    "0 x 0": (png(noise(8, 8, 3), RGB, size=(0, 0)), "0 pixels"),
    "16 bits, transparent colour": (png(noise(8, 8), GREY, 16, chunk(b"tRNS", b"\0\7")), "16-bit"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str) -> None:
    body, reason = BROKEN[name]
    with pytest.raises(UnsupportedImage, match=reason):
        decode_image(body, SIDE, SIDE)


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (SIDE, SIDE), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(UnsupportedImage, match="3 frames"):
        decode_image(encode(frames[0], "PNG", save_all=True, append_images=frames[1:]), SIDE, SIDE)


@pytest.mark.parametrize("size", [(5001, 5000), (100_000, 100_000)])
def test_a_decompression_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    bomb = png(noise(8, 8, 3), RGB, size=size)
    with pytest.raises(ImageTooLarge, match=f"{size[0]} x {size[1]} .* the limit is {MAX_PIXELS:,}"):
        decode_image(bomb, SIDE, SIDE)


def test_the_largest_image_allowed_is_answered() -> None:
    rows = zlib.compress(bytes(5000 * (1 + 5000)), 1)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5000, 5000, 8, GREY, 0, 0, 0))
    assert not decoded(SIGNATURE + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")).any()


VALID = [
    png(noise(16, 16, 3), RGB),
    encode(Image.fromarray(noise(16, 16, 3).astype("u1")), "JPEG"),
    encode(Image.fromarray(noise(16, 16).astype("u1")), "PNG", optimize=True),
]


@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4))
def test_damaged_bytes_give_a_picture_or_a_refusal_and_nothing_else(
    body: bytes, damage: list[tuple[int, int]]
) -> None:
    damaged = bytearray(body)
    for at, value in damage:
        damaged[at % len(body)] = value
    with suppress(PictureRefused):
        assert decode_image(bytes(damaged), SIDE, SIDE).shape == (SIDE, SIDE, 3)
