"""A picture in every kind of file that people have: sound, odd, damaged and foreign, made by code.

All sound ones show the same picture; what is lost is lost by JPEG and by few colours.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.server.costly_pictures import progressive_jpeg
from tests.unit.serving.pictures import GREY, GREY_ALPHA, PALETTE, RGB, RGB_ALPHA, chunk, encode, noise, png

WIDTH, HEIGHT = 48, 32


def _smooth() -> NDArray[np.int64]:
    rows, columns = np.indices((HEIGHT, WIDTH))
    return np.stack([columns * 5, rows * 7, 255 - columns * 2 - rows * 3], axis=2)


COLOUR = _smooth()
SHADES = COLOUR[..., 0]
PICTURE = Image.fromarray(COLOUR.astype("u1"))
TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the sensor saw it when EXIF says that number, so that it looks the same to people."""


class Kind(NamedTuple):
    """A file and the picture that it shows, or the words that it is refused with."""

    body: bytes
    pixels: NDArray[np.int64] | None = COLOUR
    tolerance: int = 0
    refused: str = ""


def _grey(samples: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(samples[..., None], 3, axis=2)


def _as_held(orientation: int, form: str, **options: object) -> bytes:
    turn = TURNED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(PICTURE if turn is None else PICTURE.transpose(turn), form, exif=exif, **options)


def _jpeg(picture: Image.Image = PICTURE, **options: object) -> bytes:
    return encode(picture, "JPEG", **{"quality": 95, "subsampling": 0, **options})


def _inside(body: bytes, segment: bytes) -> bytes:
    """A JPEG with one more segment behind its first two bytes."""
    return body[:2] + segment + body[2:]


def _at(body: bytes, share: float) -> int:
    """A place in the data of a JPEG's scan."""
    start = body.index(b"\xff\xda") + 14
    return start + int((len(body) - start) * share)


def _patched(body: bytes, at: int, patch: bytes) -> bytes:
    return body[:at] + patch + body[at + len(patch) :]


def _zlib_text(name: bytes) -> bytes:
    text = zlib.compress(bytes(3_000_000))
    return chunk(name, b"Comment\0\1\0\0\0" + text if name == b"iTXt" else b"Comment\0\0" + text)


def _interlaced() -> bytes:
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    rows = b"".join(
        b"\0" + row.astype("u1").tobytes()
        for left, top, across, down in passes
        for row in COLOUR[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, RGB, 0, 0, 1)
    return PLAIN[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _patched_header(body: bytes, height: int) -> bytes:
    header = chunk(b"IHDR", body[16:20] + struct.pack(">I", height) + body[24:29])
    return body[:8] + header + body[33:]


def _in_pieces(body: bytes) -> bytes:
    """A PNG with its pixels in several chunks, as many encoders write them."""
    start = body.index(b"IDAT") - 4
    data = body[start + 8 : -16]
    pieces = [data[at : at + 100] for at in range(0, len(data), 100)]
    return body[:start] + b"".join(chunk(b"IDAT", piece) for piece in pieces) + body[-12:]


PLAIN = png(COLOUR, RGB)
JPEG = _jpeg()
CAMERA = Image.fromarray(noise(96, 96, 3).astype("u1"))
NOISY = _jpeg(CAMERA, quality=75)
PROGRESSIVE = _jpeg(CAMERA, progressive=True)
RESTARTED = _jpeg(CAMERA, restart_marker_rows=1)
ALPHA = np.where(np.indices((HEIGHT, WIDTH))[1] < 8, 0, 255)
ON_WHITE = np.where(ALPHA[..., None] == 0, 255, COLOUR)
ENTRIES = np.stack([np.arange(256)] * 3, axis=1)
PLTE = chunk(b"PLTE", ENTRIES.astype("u1").tobytes())
CLEAR_FIRST = chunk(b"tRNS", bytes(8 * 5) + b"\xff" * 216)
FRAMES = [Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("red", "green", "blue")]


def _extra(*chunks: bytes) -> bytes:
    return png(COLOUR, RGB, extra=b"".join(chunks))


def _wrong_sum(part: bytes) -> bytes:
    return part[:-1] + bytes([part[-1] ^ 1])


_CUT = "it is cut short"
_CORRUPTED = "its scan is corrupted"
_THERE = "% of the picture is there; save or send it again from its source"

KINDS: dict[str, Kind] = {
    "png": Kind(PLAIN),
    "png, grey": Kind(png(SHADES, GREY), _grey(SHADES)),
    "png, 1 bit": Kind(encode(Image.fromarray(SHADES > 99), "PNG"), _grey(np.where(SHADES > 99, 255, 0))),
    "png, grey, 16 bits": Kind(png(SHADES * 256 + 7, GREY, depth=16), _grey(SHADES)),
    "png, 16 bits": Kind(png(COLOUR * 256 + 7, RGB, depth=16)),
    "png, 16 bits, alpha": Kind(png(np.dstack([COLOUR * 257, ALPHA * 257]), RGB_ALPHA, depth=16), ON_WHITE),
    "png, palette": Kind(png(SHADES, PALETTE, extra=PLTE), _grey(SHADES)),
    "png, palette, transparent": Kind(
        png(SHADES, PALETTE, extra=PLTE + CLEAR_FIRST), _grey(np.where(SHADES < 40, 255, SHADES))
    ),
    "png, palette of 16 colours": Kind(encode(PICTURE.quantize(16), "PNG"), tolerance=64),
    "png, alpha": Kind(png(np.dstack([COLOUR, ALPHA]), RGB_ALPHA), ON_WHITE),
    "png, grey, alpha": Kind(
        png(np.dstack([SHADES, ALPHA]), GREY_ALPHA), np.where(ALPHA[..., None] == 0, 255, _grey(SHADES))
    ),
    "png, a transparent colour": Kind(
        _extra(chunk(b"tRNS", struct.pack(">HHH", *COLOUR[0, 0]))),
        np.where((COLOUR[0, 0] == COLOUR).all(axis=2, keepdims=True), 255, COLOUR),
    ),
    "png, interlaced": Kind(_interlaced()),
    "png, pixels in many chunks": Kind(_in_pieces(PLAIN)),
    "png, compressed text of 3 MB": Kind(_extra(_zlib_text(b"zTXt"))),
    "png, international text of 3 MB": Kind(_extra(_zlib_text(b"iTXt"))),
    "png, profile of 3 MB": Kind(_extra(chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(3_000_000))))),
    "png, profile that is none": Kind(_extra(chunk(b"iCCP", b"p\0\7"))),
    "png, empty profile": Kind(_extra(chunk(b"iCCP", b""))),
    "png, short pHYs, cHRM, gAMA, tIME, tEXt": Kind(
        _extra(*(chunk(name, b"\0") for name in (b"pHYs", b"cHRM", b"gAMA", b"tIME", b"tEXt", b"sRGB")))
    ),
    "png, short transparent colour": Kind(_extra(chunk(b"tRNS", b"\0"))),
    "png, animation control of 1 byte": Kind(_extra(chunk(b"acTL", b"\2"))),
    "png, wrong checksum of a text": Kind(_extra(_wrong_sum(chunk(b"tEXt", b"Comment\0hello")))),
    "png, unknown chunk": Kind(_extra(chunk(b"prVt", bytes(30_000)))),
    "png, damaged EXIF": Kind(_extra(chunk(b"eXIf", b"MM\0*\0\0\xff\xff"))),
    "png, megabyte of EXIF": Kind(_extra(chunk(b"eXIf", b"II*\0" + bytes(1_000_000)))),
    "png, no end": Kind(PLAIN[:-12]),
    "png, short end": Kind(PLAIN[:-5]),
    "png, bytes behind its end": Kind(PLAIN + b"trailer" * 99),
    **{f"png, orientation {number}": Kind(_as_held(number, "PNG")) for number in (2, 3, 5, 6, 8)},
    "jpeg": Kind(JPEG, tolerance=12),
    **{
        f"jpeg, orientation {n}": Kind(_as_held(n, "JPEG", quality=95, subsampling=0), tolerance=12)
        for n in TURNED
    },
    "jpeg, grey": Kind(_jpeg(Image.fromarray(SHADES.astype("u1"))), _grey(SHADES), 6),
    "jpeg, progressive": Kind(_jpeg(progressive=True), tolerance=12),
    "jpeg, restarts": Kind(_jpeg(restart_marker_rows=1), tolerance=12),
    "jpeg, progressive with restarts": Kind(_jpeg(progressive=True, restart_marker_blocks=2), tolerance=12),
    "jpeg, fewer colours than pixels": Kind(_jpeg(subsampling=2), tolerance=24),
    "jpeg, cmyk": Kind(_jpeg(PICTURE.convert("CMYK")), tolerance=12),
    "jpeg, several pictures (MPO)": Kind(
        _as_held(6, "MPO", quality=95, subsampling=0, save_all=True, append_images=FRAMES[:1]), tolerance=12
    ),
    "jpeg, megabyte of EXIF": Kind(
        _inside(JPEG, (b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)) * 16), tolerance=12
    ),
    "jpeg, segment of length 0": Kind(_inside(JPEG, b"\xff\xe5\0\0"), tolerance=12),
    "jpeg, damaged EXIF": Kind(_inside(JPEG, b"\xff\xe1\0\x10Exif\0\0MM\0*\xff\xff"), tolerance=12),
    "jpeg, short JFIF and Adobe": Kind(
        _inside(JPEG[:2] + JPEG[20:], b"\xff\xe0\0\x07JFIF\0\xff\xee\0\x07Adobe"), tolerance=12
    ),
    "jpeg, without its last two bytes": Kind(JPEG[:-2], tolerance=12),
    "jpeg, without its last byte": Kind(JPEG[:-1], tolerance=12),
    "jpeg, progressive, without its last two bytes": Kind(_jpeg(progressive=True)[:-2], tolerance=12),
    "jpeg, restarts, without its last two bytes": Kind(_jpeg(restart_marker_rows=1)[:-2], tolerance=12),
    "jpeg, bytes behind its end": Kind(JPEG + b"trailer" * 99, tolerance=12),
    "jpeg, a few bytes before its end": Kind(JPEG[:-2] + b"\x12\x34\0\0\0\0" + JPEG[-2:], tolerance=12),
    "webp": Kind(encode(PICTURE, "WEBP", quality=95), tolerance=30),
    "webp, without loss": Kind(encode(PICTURE, "WEBP", lossless=True)),
    "webp, alpha": Kind(
        encode(Image.fromarray(np.dstack([COLOUR, ALPHA]).astype("u1")), "WEBP", lossless=True), ON_WHITE
    ),
    "webp, lossy with alpha": Kind(
        encode(Image.fromarray(np.dstack([COLOUR, ALPHA]).astype("u1")), "WEBP", quality=95), ON_WHITE, 90
    ),
    **{f"webp, orientation {n}": Kind(_as_held(n, "WEBP", lossless=True)) for n in (3, 6, 7)},
    "webp, profile and text": Kind(
        encode(PICTURE, "WEBP", lossless=True, icc_profile=bytes(99_999), xmp=bytes(99_999))
    ),
}

REFUSED: dict[str, Kind] = {
    name: Kind(body, None, refused=words)
    for name, (body, words) in {
        "nothing": (b"", "the image is empty: 0 bytes"),
        "text": (b"I am no picture", "text, neither PNG nor JPEG nor WebP; save it as PNG, JPEG or WebP"),
        "gif": (encode(PICTURE, "GIF"), "a GIF image, which is not read; save it as PNG, JPEG or WebP"),
        "bmp": (encode(PICTURE, "BMP"), "a BMP image, which is not read; save it as PNG, JPEG or WebP"),
        "tiff": (encode(PICTURE, "TIFF"), "a TIFF image or a camera's raw file, which is not read"),
        "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "an AVIF image, which is not read"),
        "heic": (
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "a HEIC image, which is not read; save it as PNG, JPEG or",
        ),
        "heic, main brand mif1": (
            b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
            "(iPhone: Settings, Camera, Formats",
        ),
        "video": (b"\0\0\0\x14ftypisom\0\0\0\0mp42", "a video or another ISO media file, which is not read"),
        "jpeg xl": (b"\xff\x0a\0\0", "a JPEG XL image, which is not read"),
        "pdf": (b"%PDF-1.7 \0", "a PDF document, which is not read"),
        "png, animated": (
            encode(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]),
            "an animated PNG with 3 frames; send the one that matters",
        ),
        "webp, animated": (
            encode(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]),
            "an animated WebP with 3 frames; send the one that matters",
        ),
        "png, 16 bits, a transparent colour": (
            png(SHADES, GREY, 16, chunk(b"tRNS", b"\0\7")),
            "a 16-bit PNG with a transparent colour; save it with 8 bits or with alpha",
        ),
        "png, a quarter of it": (
            png(noise(HEIGHT, WIDTH, 3), RGB)[: 41 + 1160],
            f"damaged PNG: {_CUT}; 21.8 {_THERE}",
        ),
        "png, interlaced, half of it": (_interlaced()[: len(_interlaced()) // 2], f"damaged PNG: {_CUT}; "),
        "png, wrong checksum of its pixels": (
            PLAIN[:-13] + bytes([PLAIN[-13] ^ 1]) + PLAIN[-12:],
            f"damaged PNG: the checksum of its pixels is wrong; 0 {_THERE}",
        ),
        "png, changed pixels": (
            _patched(PLAIN, 80, b"\0\1\2"),
            "damaged PNG: the checksum of its pixels is wrong",
        ),
        "png, wrong checksum of its header": (
            _patched(PLAIN, 31, b"\0\0"),
            "damaged PNG: the checksum of its header is wrong",
        ),
        "png, pixels that are none": (
            PLAIN[:33] + chunk(b"IDAT", b"no pixels") + chunk(b"IEND", b""),
            f"damaged PNG: its pixels cannot be unpacked; 0 {_THERE}",
        ),
        "png, fewer rows than announced": (
            png(COLOUR, RGB, size=(WIDTH, 2 * HEIGHT)),
            f"damaged PNG: its pixels cannot be unpacked; 50 {_THERE}",
        ),
        "png, interlaced, fewer rows than announced": (
            _patched_header(_interlaced(), HEIGHT + 1),
            "damaged PNG: its pixels cannot be unpacked; ",
        ),
        "png, palette is missing": (
            png(SHADES, PALETTE),
            "damaged PNG: its colours are numbers of a palette",
        ),
        "png, header only": (PLAIN[:33], "damaged PNG: it has a header and no pixels"),
        "png, signature only": (PLAIN[:8], "damaged PNG: no header follows its signature"),
        "png, 0 pixels": (png(COLOUR, RGB, size=(0, HEIGHT)), f"a PNG that announces 0 x {HEIGHT}, 0 pixels"),
        "png, too many pixels": (
            png(COLOUR, RGB, size=(5001, 5000)),
            "5001 x 5000 = 25,005,000 pixels, the limit is 25,000,000; scale",
        ),
        "jpeg, a quarter of it": (NOISY[: _at(NOISY, 0.25)], f"damaged JPEG: {_CUT}; 25 {_THERE}"),
        "jpeg, 600 random bytes in its scan": (
            _patched(NOISY, _at(NOISY, 0.4), noise(600, seed=3).astype("u1").tobytes()),
            f"damaged JPEG: {_CORRUPTED}; at most ",
        ),
        "jpeg, 600 zeros in its scan": (
            _patched(NOISY, _at(NOISY, 0.4), bytes(600)),
            f"damaged JPEG: {_CORRUPTED}; at most ",
        ),
        "jpeg, 100 bytes of its scan left out": (
            NOISY[: _at(NOISY, 0.4)] + NOISY[_at(NOISY, 0.4) + 100 :],
            f"damaged JPEG: {_CORRUPTED}; at most ",
        ),
        "jpeg, progressive, a quarter of it": (
            _jpeg(CAMERA, progressive=True)[: _at(_jpeg(CAMERA, progressive=True), 0.25)],
            f"damaged JPEG: {_CUT}; ",
        ),
        "jpeg, restarts, three quarters of it": (
            RESTARTED[: _at(RESTARTED, 0.75)],
            f"damaged JPEG: {_CUT}; 66.6 {_THERE}",
        ),
        "jpeg, grey and cut short": (_jpeg(Image.new("L", (96, 96), 128))[:-12], f"damaged JPEG: {_CUT}; "),
        "jpeg, no scan": (JPEG[: JPEG.index(b"\xff\xda")], "damaged JPEG: it has no pixels"),
        "jpeg, no frame": (b"\xff\xd8\xff\xe0\0\2\xff\xd9", "damaged JPEG: it has no frame"),
        "jpeg, two frames": (
            JPEG[: JPEG.index(b"\xff\xda")]
            + b"\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0"
            + JPEG[JPEG.index(b"\xff\xda") :],
            "damaged JPEG: its frame header is broken",
        ),
        "jpeg, too many scans": (progressive_jpeg(101, 16), "a JPEG of more than 100 scans, the limit"),
        "webp, half of it": (encode(CAMERA, "WEBP", lossless=True)[:9_000], f"damaged WebP: {_CUT}; "),
        "webp, another size than its header": (
            _patched(encode(PICTURE, "WEBP", lossless=True, exif=b"II*\0" + bytes(9)), 24, b"\1"),
            "damaged WebP: its picture has another size than its header says",
        ),
        "webp, no picture": (b"RIFF\4\0\0\0WEBP", "damaged WebP: it has no picture"),
    }.items()
}
ALL = KINDS | REFUSED
ONLY_DECODED = {
    name
    for name, kind in REFUSED.items()
    if "unpacked" in kind.refused or (name.startswith("jpeg") and "; " in kind.refused)
}
"""What shows when it is decoded, and so not to a function."""
