"""Images out of a request's body in RecordIO, within the server's limits and in its errors."""

from __future__ import annotations

import io
from collections.abc import Iterator

from pictures.recordio import BrokenRecordIO, read_image, read_records
from serving.errors import MalformedRecordIO
from serving.limits import MAX_PARTS_A_PACK


def read_payloads(body: bytes) -> Iterator[bytes]:
    """Each record's payload in order; `MalformedRecordIO` names the byte at which the framing breaks."""
    if not body:
        raise MalformedRecordIO("the pack is empty: 0 bytes")
    try:
        for record in read_records(io.BytesIO(body), MAX_PARTS_A_PACK):
            yield record.payload
    except BrokenRecordIO as error:
        raise MalformedRecordIO(str(error)) from error


def image_bytes(payload: bytes) -> bytes:
    """The image file in a record's payload, after its header and labels.

    `MalformedRecordIO` when the payload is too short for them: the framing is whole, so the other records of
    the pack are still readable.
    """
    try:
        return read_image(payload).image
    except BrokenRecordIO as error:
        raise MalformedRecordIO(str(error)) from error
