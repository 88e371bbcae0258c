"""Pictures in RecordIO as im2rec makes it: FILE.rec holds them, FILE.idx says at which byte each begins.

A line of the index is key<TAB>offset; the key is the record's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from contracts.written_text import read_lines
from pictures.recordio import BrokenRecordIO, LabelledImage, Record, read_image, read_records

_DIGITS = 20
"""Of the largest number that the format has room for."""


class Packed(NamedTuple):
    """A picture in a .rec: the byte at which its record begins, its id, its labels, the bytes of its file."""

    start: int
    id: int
    labels: tuple[float, ...]
    length: int


def packed_pictures(pack: Path) -> Iterator[Packed]:
    """Every picture of a .rec in its order; only one is in memory.

    Raises BrokenRecordIO, which names the file and the byte, and OSError.
    """
    with pack.open("rb") as file, _named(pack):
        for record in read_records(file):
            said = _read(record)
            yield Packed(record.start, said.id, said.labels, len(said.image))


def picture_at(pack: Path, start: int) -> bytes:
    """The file of the picture whose record begins at that byte. Raises BrokenRecordIO, OSError."""
    with pack.open("rb") as file, _named(pack):
        file.seek(start)
        for record in read_records(file):
            return _read(record).image
        raise BrokenRecordIO(f"byte {start}: the file ends there")


def read_index(index: Path) -> dict[int, int]:
    """The bytes at which records begin, by key. Raises ValueError with file and line, and OSError."""
    offsets: dict[int, int] = {}
    for number, line in read_lines(index):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(field.isdecimal() and len(field) <= _DIGITS for field in fields):
            raise ValueError(
                f"{index}, line {number}: expected key and offset, separated by a tab: {line[:80]!r}"
            )
        key, offset = map(int, fields)
        if key in offsets:
            raise ValueError(f"{index}, line {number}: the key {key} is there twice")
        offsets[key] = offset
    return offsets


def _read(record: Record) -> LabelledImage:
    try:
        return read_image(record.payload)
    except BrokenRecordIO as error:
        raise BrokenRecordIO(f"byte {record.start}: {error}") from error


@contextmanager
def _named(pack: Path) -> Iterator[None]:
    try:
        yield
    except BrokenRecordIO as error:
        raise BrokenRecordIO(f"{pack}: {error}") from error
