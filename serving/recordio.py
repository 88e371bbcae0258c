"""Reading images out of MXNet's RecordIO framing.

A part is `uint32 magic | uint32 (cflag << 29 | length) | data | padding to 4 bytes`, little endian. The
writer splits a payload wherever it holds the magic itself at a 4-byte-aligned offset: parts with cflag 1, 2…,
3 are joined with the magic put back; cflag 0 is a payload in one part. A payload is the header `<IfQQ` (flag,
label, id, id2), `flag` further float32 labels, and the image file's bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from serving.errors import MalformedRecordIO
from serving.limits import MAX_PARTS_A_PACK

MAGIC = b"\x0a\x23\xd7\xce"
_PART = struct.Struct("<4sI")
_HEADER = struct.Struct("<IfQQ")
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
_LENGTH_BITS = 29


def read_payloads(body: bytes) -> Iterator[bytes]:
    """Each record's payload in order; `MalformedRecordIO` names the byte at which the framing breaks."""
    if not body:
        raise MalformedRecordIO("the pack is empty: 0 bytes")
    offset = 0
    parts: list[bytes] = []
    count = 0
    while offset < len(body):
        count += 1
        if count > MAX_PARTS_A_PACK:
            raise MalformedRecordIO(
                f"byte {offset}: more than {MAX_PARTS_A_PACK:,} parts, the limit; send it as several packs"
            )
        kind, data, following = _read_part(body, offset)
        if (kind in (_MIDDLE, _LAST)) != bool(parts):
            raise MalformedRecordIO(
                f"byte {offset}: a part of kind {kind} where a record {'goes on' if parts else 'starts'}"
            )
        parts.append(data)
        if kind in (_WHOLE, _LAST):
            yield MAGIC.join(parts)
            parts = []
        offset = following
    if parts:
        raise MalformedRecordIO(f"byte {offset}: the pack ends in the middle of a record of several parts")


def _read_part(body: bytes, offset: int) -> tuple[int, bytes, int]:
    """(kind, data, offset of what follows) of the part that starts at `offset`."""
    if len(body) - offset < _PART.size:
        raise MalformedRecordIO(
            f"byte {offset}: {len(body) - offset} bytes left where a part's {_PART.size} must start"
        )
    magic, word = _PART.unpack_from(body, offset)
    if magic != MAGIC:
        raise MalformedRecordIO(f"byte {offset}: no RecordIO magic 0xced7230a")
    kind, length = word >> _LENGTH_BITS, word & ((1 << _LENGTH_BITS) - 1)
    if kind > _LAST:
        raise MalformedRecordIO(f"byte {offset + 4}: part of unknown kind {kind}")
    start = offset + _PART.size
    end = start + length
    following = end + -length % 4
    if following > len(body):
        raise MalformedRecordIO(
            f"byte {offset}: a part of {length} bytes runs past the end of the pack ({len(body)} bytes)"
        )
    return kind, body[start:end], following


def image_bytes(payload: bytes) -> bytes:
    """The image file in a record's payload, after its header and labels.

    `MalformedRecordIO` when the payload is too short for them: the framing is whole, so the other records of
    the pack are still readable.
    """
    if len(payload) < _HEADER.size:
        raise MalformedRecordIO(f"the record has {len(payload)} bytes, its header needs {_HEADER.size}")
    label_count = _HEADER.unpack_from(payload)[0]
    start = _HEADER.size + 4 * label_count
    if start > len(payload):
        raise MalformedRecordIO(
            f"the record announces {label_count} labels, its {len(payload)} bytes cannot hold them"
        )
    return payload[start:]
