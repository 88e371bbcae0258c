"""What an image is, told from its bytes and never from its name.

Only what the standard library can see cheaply: signature, dimensions, whether a PNG is all there. Decoding
is the model server's work.
"""

from __future__ import annotations

from typing import NamedTuple

from lambda_src.core.errors import UnsupportedImage

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA


class ImageType(NamedTuple):
    """Content type for the endpoint, and dimensions in pixels as the header declares them."""

    content_type: str
    width: int
    height: int


def image_type(data: bytes, where: str) -> ImageType:
    """Type and dimensions of a PNG or JPEG; `where` names the image in the message.

    Raises UnsupportedImage for anything else, and for a header that is cut short or declares no pixels.
    """
    if data.startswith(PNG_SIGNATURE):
        kind, (width, height) = "image/png", _png_size(data, where)
    elif data.startswith(JPEG_SIGNATURE):
        kind, (width, height) = "image/jpeg", _jpeg_size(data, where)
    else:
        raise UnsupportedImage(f"{where} is {_name(data)}; PNG and JPEG images are supported")
    if not width or not height:
        raise UnsupportedImage(f"{where} declares {width}x{height} pixels: there is nothing to classify")
    return ImageType(kind, width, height)


def _png_size(data: bytes, where: str) -> tuple[int, int]:
    """Width and height of IHDR; every chunk up to IEND must be inside the data."""
    if data[8:16] != b"\x00\x00\x00\x0dIHDR":
        raise UnsupportedImage(f"{where} has a PNG signature, but no image header after it")
    position = 8
    while data[position + 4 : position + 8] != b"IEND":
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        if position + 12 > len(data):
            raise UnsupportedImage(f"{where} is a PNG image cut short: it has {len(data):,} bytes and no end")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes, where: str) -> tuple[int, int]:
    """Width and height of the first frame header."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in _FRAME_HEADERS:
            height, width = data[position + 5 : position + 7], data[position + 7 : position + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        elif marker in (_END_OF_IMAGE, _START_OF_SCAN):
            break
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    raise UnsupportedImage(f"{where} has a JPEG signature, but no frame header in its {len(data):,} bytes")


def _name(data: bytes) -> str:
    """What the bytes look like, for the message."""
    if not data:
        return "empty (0 bytes)"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "a GIF image"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "a WebP image"
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "a BMP image"
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return "a TIFF image"
    if data[4:8] == b"ftyp":
        return "a HEIC, AVIF or video file"
    if data.startswith(b"%PDF-"):
        return "a PDF document"
    return "text" if _is_text(data[:512]) else f"no known image (first bytes {data[:8].hex(' ')})"


def _is_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without control characters; the last character may be cut."""
    text = data.decode("utf-8", errors="replace").rstrip("\ufffd")
    return "\ufffd" not in text and all(letter.isprintable() or letter in "\t\r\n\ufeff" for letter in text)
