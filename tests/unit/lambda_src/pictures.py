"""Small real images, and a PNG of any number of bytes."""

from __future__ import annotations

import io
import zlib

from PIL import Image

from pictures.kinds import PNG_SIGNATURE


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (3, 2)) -> bytes:
    """An image in Pillow's format `kind`."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png(width: int = 1, height: int = 1, total_bytes: int = 0) -> bytes:
    """A PNG by its structure; a private chunk fills it up to `total_bytes`."""
    header = chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00")
    ends = PNG_SIGNATURE + header, chunk(b"IDAT", zlib.compress(b"\x00\x00\x00\x00")) + chunk(b"IEND", b"")
    filling = total_bytes - sum(map(len, ends)) - 12
    return ends[0] + (chunk(b"prVt", bytes(filling)) if filling >= 0 else b"") + ends[1]
