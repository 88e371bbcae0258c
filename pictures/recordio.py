"""MXNet's RecordIO: many pictures' files in one, with their labels. Standard library only.

A record is one part or several, each `uint32 magic | uint32 (kind << 29 | length) | data | padding to 4
bytes`, little endian. A payload that holds the magic at a multiple of four is split there, without the magic:
kinds 1 (first), 2 (in between), 3 (last); kind 0 is a payload in one part. A reader that lost its place can
search for the magic. Payload: `<IfQQ` (number of labels, label, id, id2), the labels as float32 when they
are several, the picture's file.
Source: dmlc-core's recordio.h and MXNet's recordio.py.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

MAGIC = struct.pack("<I", 0xCED7230A)
MAX_RECORD_BYTES = 128 * 1024 * 1024
"""Of one record that is read, framing included; a part of the format has room for four times as many."""
_PART = struct.Struct("<4sI")
_HEADER = struct.Struct("<IfQQ")
_WHOLE, _FIRST, _BETWEEN, _LAST = range(4)
_LENGTH_BITS = 29


class BrokenRecordIO(ValueError):
    """No RecordIO, or one whose framing is broken; the message names the byte and the reason."""


class Record(NamedTuple):
    """A record as it lies in its file: its framing starts at `start` and ends before `end`."""

    start: int
    end: int
    payload: bytes


class LabelledImage(NamedTuple):
    """What a record's payload says: its id, its labels (of several the first decides), the picture's file."""

    id: int
    labels: tuple[float, ...]
    image: bytes


def image_record(image: bytes, id: int, labels: float | Sequence[float] = 0.0) -> bytes:
    """The record of one image; a sequence of labels is written as such, even of one or none."""
    if isinstance(labels, int | float):
        return record(_HEADER.pack(0, labels, id, 0) + image)
    several = struct.pack(f"<{len(labels)}f", *labels)
    return record(_HEADER.pack(len(labels), 0.0, id, 0) + several + image)


def record(payload: bytes) -> bytes:
    """The record of any payload of fewer than 2**29 bytes."""
    if len(payload) >> _LENGTH_BITS:
        raise ValueError(f"{len(payload):,} bytes are too many for one record: fewer than 2**29 fit")
    parts = list(_parts(payload))
    if len(parts) == 1:
        return _part(_WHOLE, payload)
    first, *between, last = parts
    return b"".join([_part(_FIRST, first), *(_part(_BETWEEN, part) for part in between), _part(_LAST, last)])


def read_records(file: BinaryIO, most_parts: int | None = None) -> Iterator[Record]:
    """Each record from where `file`, which can be sought in, stands; one at a time is in memory.

    Raises BrokenRecordIO where the framing breaks, and for more than `most_parts` parts.
    """
    offset = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(offset)
    start, parts, held, count = offset, list[bytes](), 0, 0
    while offset < size:
        count += 1
        if most_parts is not None and count > most_parts:
            raise BrokenRecordIO(
                f"byte {offset}: more than {most_parts:,} parts, the limit; make several of it"
            )
        kind, length = _read_part(file.read(_PART.size), offset, size)
        if (kind in (_BETWEEN, _LAST)) != bool(parts):
            raise BrokenRecordIO(
                f"byte {offset}: a part of kind {kind} where a record {'goes on' if parts else 'starts'}"
            )
        held += _PART.size + length
        if held > MAX_RECORD_BYTES:
            raise BrokenRecordIO(
                f"byte {start}: a record of more than {MAX_RECORD_BYTES:,} bytes, the limit; "
                "a picture has fewer"
            )
        parts.append(file.read(length + -length % 4)[:length])
        offset += _PART.size + length + -length % 4
        if kind in (_WHOLE, _LAST):
            yield Record(start, offset, MAGIC.join(parts))
            start, parts, held = offset, [], 0
    if parts:
        raise BrokenRecordIO(f"byte {offset}: RecordIO ends in the middle of a record of several parts")


def read_image(payload: bytes) -> LabelledImage:
    """What a payload says. Raises BrokenRecordIO when it is too short: the framing around it is whole."""
    if len(payload) < _HEADER.size:
        raise BrokenRecordIO(f"the record has {len(payload)} bytes, its header needs {_HEADER.size}")
    count, label, id, _ = _HEADER.unpack_from(payload)
    end = _HEADER.size + 4 * count
    if end > len(payload):
        raise BrokenRecordIO(
            f"the record announces {count} labels, its {len(payload)} bytes cannot hold them"
        )
    several = struct.unpack_from(f"<{count}f", payload, _HEADER.size)
    return LabelledImage(id, several if count else (label,), payload[end:])


def _read_part(head: bytes, offset: int, size: int) -> tuple[int, int]:
    """(kind, length of data) of the part that starts at `offset` of `size` bytes."""
    if len(head) < _PART.size:
        raise BrokenRecordIO(
            f"byte {offset}: {len(head)} bytes left where a part of RecordIO, of {_PART.size} or more, starts"
        )
    magic, word = _PART.unpack(head)
    if magic != MAGIC:
        raise BrokenRecordIO(f"byte {offset}: no RecordIO magic 0xced7230a")
    kind, length = word >> _LENGTH_BITS, word & ((1 << _LENGTH_BITS) - 1)
    if kind > _LAST:
        raise BrokenRecordIO(f"byte {offset + 4}: part of unknown kind {kind} in RecordIO")
    if offset + _PART.size + length + -length % 4 > size:
        raise BrokenRecordIO(
            f"byte {offset}: a part of {length} bytes runs past the end of RecordIO ({size} bytes)"
        )
    return kind, length


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
