"""What a picture's markers and chunks say of the work that it makes, read without decoding anything.

Bytes and pixels do not bound the work: a progressive JPEG goes over all its blocks once a scan, and a scan
takes ten bytes. Only a picture whose structure bounds its work to milliseconds (`is_plain`) is decoded where
other requests wait for it. Standard library only.
"""

from __future__ import annotations

import re

from pictures.kinds import JPEG_SIGNATURE, PNG_SIGNATURE, is_webp
from pictures.limits import (
    PLAIN_BYTES,
    PLAIN_HEADER_BYTES,
    PLAIN_LOSSLESS_PIXELS,
    PLAIN_PARTS,
    PLAIN_PIXELS,
    PLAIN_SCANS,
)
from pictures.refusals import PictureRefused
from pictures.webp import announced_size, read_webp

_START_OF_SCAN = b"\xff\xda"
_SCANS_AND_RESTARTS = re.compile(rb"\xff([\xda\xdd])")
_RESTARTS = b"\xdd"
_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HUFFMAN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_COMPRESSED_CHUNKS = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_COMPRESSED_LIMIT = 2
_IHDR = b"\0\0\0\x0dIHDR"


def announced_pixels(body: bytes) -> int:
    """Width x height in the header of a picture; 0 where it is not where encoders write it."""
    if body.startswith(PNG_SIGNATURE):
        return int.from_bytes(body[16:20], "big") * int.from_bytes(body[20:24], "big")
    if is_webp(body):
        width, height = announced_size(body)
        return width * height
    frame = _find_frame(body)
    return _frame_pixels(body, frame) if frame and body.startswith(JPEG_SIGNATURE) else 0


def is_plain(body: bytes) -> bool:
    """Whether decoding takes a few milliseconds at most, whoever made the picture.

    False says nothing against a picture: it is large, unusual or not well-formed. What is no PNG, JPEG or
    WebP is refused by its first bytes, and so plain.
    """
    if not body.startswith((PNG_SIGNATURE, JPEG_SIGNATURE)):
        return not is_webp(body) or (len(body) <= PLAIN_BYTES and _is_plain_webp(body))
    if len(body) > PLAIN_BYTES:
        return False
    return _is_plain_png(body) if body.startswith(PNG_SIGNATURE) else _is_plain_jpeg(body)


def _is_plain_png(body: bytes) -> bool:
    if body[8:16] != _IHDR or announced_pixels(body) > PLAIN_PIXELS:
        return False
    position, other_bytes, compressed = 33, 0, 0
    for _ in range(PLAIN_PARTS):
        length, name = int.from_bytes(body[position : position + 4], "big"), body[position + 4 : position + 8]
        if name == b"IEND":
            return other_bytes <= PLAIN_HEADER_BYTES and compressed <= _COMPRESSED_LIMIT
        if name == b"IHDR" or len(name) < 4:
            return False
        position += 12 + length
        if name != b"IDAT":
            other_bytes += length
            compressed += name in _COMPRESSED_CHUNKS
    return False


def _is_plain_jpeg(body: bytes) -> bool:
    frame = _find_frame(body)
    return (
        0 < frame <= PLAIN_HEADER_BYTES
        and body[frame + 1] in _HUFFMAN_FRAMES
        and _frame_pixels(body, frame) <= PLAIN_PIXELS
        and len(found := _SCANS_AND_RESTARTS.findall(body)) <= PLAIN_SCANS
        and _RESTARTS not in found
        and 0 < body.find(_START_OF_SCAN, frame) <= PLAIN_HEADER_BYTES
    )


def _is_plain_webp(body: bytes) -> bool:
    """One that is refused by its chunks makes no work."""
    try:
        webp = read_webp(body)
    except PictureRefused:
        return announced_pixels(body) <= PLAIN_PIXELS
    return webp.width * webp.height <= (PLAIN_PIXELS if webp.lossy else PLAIN_LOSSLESS_PIXELS)


def _find_frame(body: bytes) -> int:
    """Where a JPEG's first frame header starts; 0 when no unbroken row of few segments leads to it."""
    position = 2
    for _ in range(PLAIN_PARTS):
        if position + 9 > len(body) or body[position] != 0xFF:
            return 0
        marker = body[position + 1]
        if marker in _FRAMES:
            return position
        if not 0xC0 <= marker <= 0xFE or 0xD0 <= marker <= _SCAN:
            return 0
        position += 2 + int.from_bytes(body[position + 2 : position + 4], "big")
    return 0


def _frame_pixels(body: bytes, frame: int) -> int:
    return int.from_bytes(body[frame + 5 : frame + 7], "big") * int.from_bytes(
        body[frame + 7 : frame + 9], "big"
    )
