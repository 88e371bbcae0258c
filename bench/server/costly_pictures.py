"""Pictures of few bytes that cost a decoder much: what a hostile caller would send to the model server.

Written byte by byte, since no encoder makes them. Nothing here is a picture of anything.
"""

from __future__ import annotations

import struct
import zlib

_SCAN_OF_EVERYTHING = b"\x01\x01\x00\x00\x3f\x00"
_RUN_OF_BLOCKS = b"\x7f\xff" * 12
"""Codes `0` and fourteen ones, over and over: runs of 32,767 blocks without a coefficient."""


def progressive_jpeg(scans: int, side: int = 5_000, filled: bool = False) -> bytes:
    """A grey progressive JPEG of `side` x `side` pixels in which each scan goes over every block.

    A scan has 10 bytes, or some 60 when it is `filled` with codes to be read.
    """
    scan = _segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + (_stuffed(_RUN_OF_BLOCKS) if filled else b"")
    return b"\xff\xd8" + _tables() + _frame(0xC2, side) + scan * scans + b"\xff\xd9"


def arithmetic_jpeg(side: int = 5_000) -> bytes:
    """A grey JPEG in arithmetic coding, whose few bytes stand for as many coefficients as one likes."""
    return (
        b"\xff\xd8"
        + _tables()
        + _frame(0xC9, side)
        + _segment(0xDA, _SCAN_OF_EVERYTHING)
        + bytes(64)
        + b"\xff\xd9"
    )


def jpeg_of_segments(count: int) -> bytes:
    """A JPEG with so many empty comments before its frame."""
    return b"\xff\xd8" + _segment(0xFE, b"") * count + progressive_jpeg(1, 16)[2:]


def empty_png(side: int = 5_000, chunks: int = 0) -> bytes:
    """A black PNG of `side` x `side` pixels, a thousandth of that in bytes, with further empty chunks."""
    rows = zlib.compressobj(9)
    row = bytes(1 + side)
    pixels = b"".join([*(rows.compress(row) for _ in range(side)), rows.flush()])
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [
        _chunk(b"IHDR", header),
        _chunk(b"teSt", b"") * chunks,
        _chunk(b"IDAT", pixels),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _tables() -> bytes:
    """Quantization by ones; Huffman tables whose only code is `0`: no difference, a run of 2^14 blocks."""
    one_code = b"\x01" + bytes(15)
    return (
        _segment(0xDB, b"\x00" + b"\x01" * 64)
        + _segment(0xC4, b"\x00" + one_code + b"\x00")
        + _segment(0xC4, b"\x10" + one_code + b"\xe0")
    )


def _frame(marker: int, side: int) -> bytes:
    return _segment(marker, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


def _stuffed(data: bytes) -> bytes:
    return data.replace(b"\xff", b"\xff\x00")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
