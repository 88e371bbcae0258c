"""WebP (RFC 9649): the chunks that make its pixels. Standard library only."""

from __future__ import annotations

from typing import NamedTuple

from pictures.kinds import WEBP
from pictures.orientation import UPRIGHT, orientation
from pictures.refusals import DamagedImage, UnsupportedImage, damaged

_FIRST_CHUNK = 12
_LOSSY, _LOSSLESS, _EXTENDED = b"VP8 ", b"VP8L", b"VP8X"
_ALPHA, _FRAME, _EXIF = b"ALPH", b"ANMF", b"EXIF"
_LOSSY_START = b"\x9d\x01\x2a"
_LOSSLESS_START = 0x2F
_ALPHA_FLAG = 0x10


class WebpFile(NamedTuple):
    """A WebP as its chunks describe it; `content` has none but those of its pixels."""

    kind: str
    width: int
    height: int
    orientation: int
    content: bytes
    lossy: bool
    """Without an alpha channel, too: those are packed without loss."""


def read_webp(body: bytes) -> WebpFile:
    """Raises DamagedImage for one that is cut short, since nothing of it can be read then."""
    chunks: dict[bytes, bytes] = {}
    frames, position = 0, _FIRST_CHUNK
    while position + 8 <= len(body):
        name, length = (
            body[position : position + 4],
            int.from_bytes(body[position + 4 : position + 8], "little"),
        )
        data = body[position + 8 : position + 8 + length]
        if name in (_LOSSY, _LOSSLESS, _ALPHA) and len(data) < length:
            raise damaged(WEBP, len(data) / length, "it is cut short")
        frames += name == _FRAME
        chunks.setdefault(name, data)
        position += 8 + length + length % 2
    if frames:
        raise UnsupportedImage(f"an animated WebP with {frames} frames; send the one that matters")
    lossy = _LOSSY in chunks
    width, height = _lossy_size(chunks[_LOSSY]) if lossy else _lossless_size(chunks.get(_LOSSLESS, b""))
    if _EXTENDED in chunks and _canvas(chunks[_EXTENDED]) != (width, height):
        raise DamagedImage("a damaged WebP: its picture has another size than its header says; send it again")
    return WebpFile(
        WEBP,
        width,
        height,
        orientation(chunks[_EXIF]) if _EXIF in chunks else UPRIGHT,
        _riff(_pixels(chunks, lossy, width, height)),
        lossy and _ALPHA not in chunks,
    )


def announced_size(body: bytes) -> tuple[int, int]:
    """(width, height) of a WebP by its first chunk alone; (0, 0) where that is none of a picture."""
    name, data = body[_FIRST_CHUNK : _FIRST_CHUNK + 4], body[_FIRST_CHUNK + 8 : _FIRST_CHUNK + 18]
    try:
        if name == _EXTENDED:
            return _canvas(data)
        return _lossy_size(data) if name == _LOSSY else _lossless_size(data)
    except DamagedImage:
        return 0, 0


def _canvas(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1


def _pixels(chunks: dict[bytes, bytes], lossy: bool, width: int, height: int) -> bytes:
    if not lossy:
        return _chunk(_LOSSLESS, chunks[_LOSSLESS])
    if _ALPHA not in chunks:
        return _chunk(_LOSSY, chunks[_LOSSY])
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    header = _chunk(_EXTENDED, bytes([_ALPHA_FLAG, 0, 0, 0]) + canvas)
    return header + _chunk(_ALPHA, chunks[_ALPHA]) + _chunk(_LOSSY, chunks[_LOSSY])


def _lossy_size(data: bytes) -> tuple[int, int]:
    if data[3:6] != _LOSSY_START or len(data) < 10:
        raise DamagedImage("a damaged WebP: its picture does not begin as one; send it again")
    return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF


def _lossless_size(data: bytes) -> tuple[int, int]:
    if len(data) < 5 or data[0] != _LOSSLESS_START:
        raise DamagedImage("a damaged WebP: it has no picture; send it again")
    bits = int.from_bytes(data[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + (4 + len(chunks)).to_bytes(4, "little") + b"WEBP" + chunks
