"""PNG (ISO/IEC 15948): the chunks that make its pixels, and whether they are those that were written.

Everything else in the file, from gamma to megabytes of text, is left out before a decoder sees it, so that it
cannot decide. Standard library only.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from pictures.kinds import PNG
from pictures.orientation import UPRIGHT, orientation
from pictures.refusals import DamagedImage, UnsupportedImage, damaged

_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_IHDR = b"\0\0\0\x0dIHDR"
_AFTER_HEADER = 33
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), _PALETTE: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits a sample, by colour type."""
_TRANSPARENCY_BYTES = {0: 2, 2: 6, _PALETTE: 1}
"""At least, by colour type; the others have an alpha channel and no transparent colour."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, and steps between columns and rows."""
_PIECE = 1 << 20


class PngFile(NamedTuple):
    """A PNG as its chunks describe it. `damage` is empty when its pixel data are as they were written."""

    kind: str
    width: int
    height: int
    orientation: int
    depth: int
    colour: int
    interlaced: int
    palette: bytes
    transparency: bytes
    pixel_data: tuple[bytes, ...]
    """Compressed, up to the damage if there is any."""
    damage: str


def read_png(body: bytes) -> PngFile:
    """Raises DamagedImage and UnsupportedImage for what cannot be decoded at all."""
    width, height, depth, colour, interlaced = _read_header(body)
    data: list[bytes] = []
    palette, transparency, damage, turned = b"", b"", "", UPRIGHT
    position, size, view = _AFTER_HEADER, len(body), memoryview(body)
    while position + 8 <= size:
        length, name = _CHUNK.unpack_from(body, position)
        start, position = position + 8, position + 12 + length
        if name == b"IDAT":
            if damage:
                continue
            if position > size:
                damage = "it is cut short"
                data.append(body[start : start + length])
            elif _is_sound(view, start, position):
                data.append(body[start : position - 4])
            else:
                damage = "the checksum of its pixels is wrong"
        elif name == b"IEND":
            break
        elif name == b"PLTE":
            if colour == _PALETTE and not data:
                palette = _checked(view, start, position, "palette")
        elif name == b"tRNS":
            if not data and length >= _TRANSPARENCY_BYTES.get(colour, size):
                transparency = _checked(view, start, position, "transparent colours")
        elif name == b"acTL" and not data:
            _refuse_animation(body[start : position - 4])
        elif name == b"eXIf":
            turned = orientation(body[start : position - 4])
    if colour == _PALETTE and len(palette) < 3:
        raise DamagedImage("a damaged PNG: its colours are numbers of a palette, which is missing")
    if not data and not damage:
        raise DamagedImage("a damaged PNG: it has a header and no pixels")
    stored = (depth, colour, interlaced, palette, transparency)
    return PngFile(PNG, width, height, turned, *stored, tuple(data), damage)


def refuse_damage(file: PngFile, required: float) -> None:
    """Raise DamagedImage when pixel data are damaged, and less than the share `required` of them is sound."""
    if file.damage and (share := sound_rows(file)[0]) < required:
        raise damaged(PNG, share, file.damage)


def sound_rows(file: PngFile) -> tuple[float, bytes]:
    """The share of a damaged PNG that is there, and its pixel data up to there, unpacked, the rest black.

    Of rows; of an interlaced PNG, whose passes go over the whole picture, of bytes.
    """
    bits = file.depth * _CHANNELS[file.colour]
    passes = _PASSES if file.interlaced else ((0, 0, 1, 1),)
    total = sum(_pass_bytes(file.width, file.height, bits, each) for each in passes)
    row = 1 if file.interlaced else total // file.height
    raw = _inflated(file.pixel_data, total)
    there = len(raw) // row * row
    return there / total, raw[:there] + bytes(total - there)


def _read_header(body: bytes) -> tuple[int, int, int, int, int]:
    """Width, height, bits a sample, colour type, whether it is interlaced."""
    if len(body) < _AFTER_HEADER or body[8:16] != _IHDR:
        raise DamagedImage("a damaged PNG: no header follows its signature")
    if zlib.crc32(body[12:29]) != int.from_bytes(body[29:33]):
        raise DamagedImage("a damaged PNG: the checksum of its header is wrong")
    width, height, depth, colour, _, _, interlaced = _HEADER.unpack_from(body, 16)
    if depth not in _DEPTHS.get(colour, ()):
        raise UnsupportedImage(
            f"a PNG of colour type {colour} with {depth} bits, which the standard does not know"
        )
    return width, height, depth, colour, interlaced


def _is_sound(view: memoryview, start: int, end: int) -> bool:
    """Whether the checksum of the chunk whose data start there, and which ends there, is right."""
    return zlib.crc32(view[start - 4 : end - 4]) == int.from_bytes(view[end - 4 : end])


def _checked(view: memoryview, start: int, end: int, what: str) -> bytes:
    if not _is_sound(view, start, end):
        raise DamagedImage(f"a damaged PNG: the checksum of its {what} is wrong")
    return bytes(view[start : end - 4])


def _refuse_animation(control: bytes) -> None:
    frames = int.from_bytes(control[:4])
    if len(control) >= 8 and frames > 1:
        raise UnsupportedImage(f"an animated PNG with {frames} frames; send the one that matters")


def _pass_bytes(width: int, height: int, bits: int, each: tuple[int, int, int, int]) -> int:
    left, top, across, down = each
    columns, rows = (width - left + across - 1) // across, (height - top + down - 1) // down
    return rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0


def _inflated(pieces: tuple[bytes, ...], limit: int) -> bytes:
    """What can be unpacked, up to the first damage, at most `limit` bytes."""
    stream, raw = zlib.decompressobj(), bytearray()
    try:
        for piece in pieces:
            while piece and len(raw) < limit and not stream.eof:
                raw += stream.decompress(piece, min(_PIECE, limit - len(raw)))
                piece = stream.unconsumed_tail
    except zlib.error:
        pass
    return bytes(raw)
