"""A pack of images taken apart into its records, so that a part of it can be sent again."""

from __future__ import annotations

import io

from pictures.recordio import read_records


def split(pack: bytes) -> list[bytes]:
    """The records of a pack, each with its framing: joined again they are the pack.

    Raises BrokenRecordIO, a ValueError, for what is no RecordIO.
    """
    return [pack[record.start : record.end] for record in read_records(io.BytesIO(pack))]
