"""What a file is, told from its first bytes and never from its name. Standard library only."""

from __future__ import annotations

from pictures.refusals import UnsupportedImage

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
PNG, JPEG, WEBP = "PNG", "JPEG", "WebP"
READ = "PNG, JPEG or WebP"
"""What is read, as people are told."""
CONTENT_TYPES = {PNG: "image/png", JPEG: "image/jpeg", WEBP: "image/webp"}
IMAGE_TYPES = frozenset({*CONTENT_TYPES.values(), "image/jpg", "application/x-image"})
"""What a request may call a picture; its content decides what it is."""

_CONVERT = f"save it as {READ}"
_HEIC = f"{_CONVERT}, or let the camera save JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"
_STARTS = (
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image or a camera's raw file"),
    (b"MM\0*", "a TIFF image or a camera's raw file"),
    (b"II+\0", "a TIFF image"),
    (b"MM\0+", "a TIFF image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\x01\0", "an icon (ICO)"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
)
_BRANDS = {b"avif": "an AVIF image", b"avis": "an AVIF image", b"heic": "a HEIC image"} | dict.fromkeys(
    (b"heix", b"hevc", b"hevx", b"heim", b"heis"), "a HEIC image"
)
"""Brands of ISO media files, the main one or one of the compatible ones."""
FIRST_BYTES = 512
"""Of a file, from which its kind is told."""
_BRAND_BYTES = 64


def kind_of(body: bytes) -> str:
    """PNG, JPEG or WEBP; UnsupportedImage names anything else, and what to do."""
    if body.startswith(PNG_SIGNATURE):
        return PNG
    if body.startswith(JPEG_SIGNATURE):
        return JPEG
    if is_webp(body):
        return WEBP
    raise UnsupportedImage(_refusal(body))


def is_webp(body: bytes) -> bool:
    return body.startswith(b"RIFF") and body[8:12] == b"WEBP"


def _refusal(body: bytes) -> str:
    if not body:
        return "the image is empty: 0 bytes"
    name = _name(body)
    if name is None:
        return f"{_looks_of(body)}, neither PNG nor JPEG nor WebP; {_CONVERT}"
    return f"{name}, which is not read; {_HEIC if name == 'a HEIC image' else _CONVERT}"


def _name(body: bytes) -> str | None:
    for start, name in _STARTS:
        if body.startswith(start):
            return name
    if body.startswith(b"BM") and body[6:10] == bytes(4):
        return "a BMP image"
    if body[4:8] == b"ftyp":
        brands = body[8 : min(_BRAND_BYTES, int.from_bytes(body[:4], "big"))]
        found = (_BRANDS.get(brands[at : at + 4]) for at in range(0, len(brands), 4))
        return next(filter(None, found), "a video or another ISO media file")
    return None


def _looks_of(body: bytes) -> str:
    """Of what is none of the known formats."""
    return "text" if _is_text(body[:FIRST_BYTES]) else f"{len(body):,} bytes (first ones {body[:8].hex(' ')})"


def _is_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without control characters; the last character may be cut."""
    text = data.decode("utf-8", errors="replace").rstrip("\ufffd")
    return "\ufffd" not in text and all(letter.isprintable() or letter in "\t\r\n\ufeff" for letter in text)
