"""Pictures in RecordIO as im2rec makes it: FILE.rec holds them, FILE.idx says at which byte each begins.

A line of the index is key<TAB>offset; the key is the record's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from contracts.written_text import Line
from pictures.recordio import BrokenRecordIO, LabelledImage, Record, read_image, read_records

_DIGITS = 20
"""Of the largest number that the format has room for."""


class Packed(NamedTuple):
    """A picture in a .rec: the byte at which its record begins, its id, its labels, the bytes of its file."""

    start: int
    id: int
    labels: tuple[float, ...]
    length: int


def packed_pictures(file: BinaryIO, where: str) -> Iterator[Packed]:
    """Every picture of a .rec in its order; only one is in memory. `where` is the file's name, for messages.

    Raises BrokenRecordIO, which names the file and the byte, and OSError.
    """
    with _named(where):
        for record in read_records(file):
            said = _read(record)
            yield Packed(record.start, said.id, said.labels, len(said.image))


def picture_at(file: BinaryIO, where: str, start: int) -> bytes:
    """The file of the picture whose record begins at that byte. Raises BrokenRecordIO, OSError."""
    with _named(where):
        file.seek(start)
        for record in read_records(file):
            return _read(record).image
        raise BrokenRecordIO(f"byte {start}: the file ends there")


def read_index(lines: Iterator[Line], where: str) -> dict[int, int]:
    """The bytes at which records begin, by key. Raises ValueError with file and line."""
    offsets: dict[int, int] = {}
    for number, line in lines:
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(field.isdecimal() and len(field) <= _DIGITS for field in fields):
            raise ValueError(
                f"{where}, line {number}: expected key and offset, separated by a tab: {line[:80]!r}"
            )
        key, offset = map(int, fields)
        if key in offsets:
            raise ValueError(f"{where}, line {number}: the key {key} is there twice")
        offsets[key] = offset
    return offsets


def _read(record: Record) -> LabelledImage:
    try:
        return read_image(record.payload)
    except BrokenRecordIO as error:
        raise BrokenRecordIO(f"byte {record.start}: {error}") from error


@contextmanager
def _named(where: str) -> Iterator[None]:
    try:
        yield
    except BrokenRecordIO as error:
        raise BrokenRecordIO(f"{where}: {error}") from error
