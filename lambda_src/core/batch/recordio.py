"""Many images in one body: MXNet's RecordIO framing, written.

A record is one part or several, each `uint32 magic | uint32 (kind << 29 | length) | data | padding to 4
bytes`, little endian. A payload that holds the magic at a multiple of four is split there, without the magic:
kinds 1 (first), 2 (in between), 3 (last); kind 0 is a payload in one part. A reader that lost its place can
search for the magic. Payload: `<IfQQ` (number of labels, label, id, id2), the labels as float32 when they
are several, the image.
Source: dmlc-core's recordio.h and MXNet's recordio.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

MAGIC = struct.pack("<I", 0xCED7230A)
_PART = struct.Struct("<4sI")
_HEADER = struct.Struct("<IfQQ")
_WHOLE, _FIRST, _BETWEEN, _LAST = range(4)
_LENGTH_BITS = 29


def image_record(image: bytes, id: int, labels: float | Sequence[float] = 0.0) -> bytes:
    """The record of one image; a sequence of labels is written as such, even of one or none."""
    if isinstance(labels, int | float):
        return record(_HEADER.pack(0, labels, id, 0) + image)
    several = struct.pack(f"<{len(labels)}f", *labels)
    return record(_HEADER.pack(len(labels), 0.0, id, 0) + several + image)


def record(payload: bytes) -> bytes:
    """The record of any payload of fewer than 2**29 bytes."""
    parts = list(_parts(payload))
    if len(parts) == 1:
        return _part(_WHOLE, payload)
    first, *between, last = parts
    return b"".join([_part(_FIRST, first), *(_part(_BETWEEN, part) for part in between), _part(_LAST, last)])


def split(pack: bytes) -> list[bytes]:
    """The records of a pack, each with its framing: joined again they are the pack.

    Raises ValueError for what is no RecordIO.
    """
    records, start, position = [], 0, 0
    while position < len(pack):
        if pack[position : position + 4] != MAGIC or len(pack) - position < _PART.size:
            raise ValueError(f"no RecordIO at byte {position}")
        word = _PART.unpack_from(pack, position)[1]
        length = word & ((1 << _LENGTH_BITS) - 1)
        position += _PART.size + length + -length % 4
        if word >> _LENGTH_BITS in (_WHOLE, _LAST):
            records.append(pack[start:position])
            start = position
    if position != len(pack) or start != position:
        raise ValueError(f"RecordIO cut short at {len(pack)} bytes")
    return records


def _parts(payload: bytes) -> Iterator[bytes]:
    """What lies between the magics at multiples of four."""
    start, magic = 0, payload.find(MAGIC)
    while magic >= 0:
        if magic % 4:
            magic = payload.find(MAGIC, magic + 1)
        else:
            yield payload[start:magic]
            start = magic + len(MAGIC)
            magic = payload.find(MAGIC, start)
    yield payload[start:] if start else payload


def _part(kind: int, data: bytes) -> bytes:
    return _PART.pack(MAGIC, kind << _LENGTH_BITS | len(data)) + data + bytes(-len(data) % 4)
