"""Rows of a text delimited file, by the rules that AWS states, which are those of no dialect of Python's csv.

https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html: quotes enclose
delimiters and line feeds; a repeated quote is one, also outside quotes; a backslash escapes a backslash, a
quote or the delimiter and is dropped before anything else; missing fields are empty, additional ones skipped.
Not documented and assumed: a single quote within an unquoted field stands for itself, a carriage return
before the line feed belongs to the line's end, a blank line is a row without fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.items.objects import MAX_ITEM_BYTES, check_size, lines_of
from loopback_aws.states.map_run.spec import MAX_HEADER_BYTES


def rows(pieces: Iterator[str], delimiter: str, headers: Sequence[str] | None) -> Iterator[dict[str, str]]:
    """Rows by column name; the first record has the names when `headers` is None. Raises ItemReaderFailed."""
    lines = records(pieces, delimiter)
    names = list(next(lines, []) if headers is None else headers)
    if len(set(names)) < len(names):
        raise ItemReaderFailed("CSV headers cannot contain duplicates.")
    if sum(len(name.encode()) for name in names) > MAX_HEADER_BYTES:
        raise ItemReaderFailed("CSV headers are larger than 10 KiB.")
    for fields in lines:
        yield {name: fields[column] if column < len(fields) else "" for column, name in enumerate(names)}


def records(pieces: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The fields of each record."""
    record: Record | None = None
    for line in lines_of(pieces):
        if record is None and '"' not in line and "\\" not in line:
            check_size(line)
            yield line.removesuffix("\r").split(delimiter)
            continue
        record = record or Record(delimiter)
        if record.add(line):
            yield record.fields
            record = None
    if record:
        raise ItemReaderFailed("The file ends within quotation marks.")


class Record:
    """One record with quotes or backslashes, taken up line by line."""

    def __init__(self, delimiter: str) -> None:
        self.fields: list[str] = []
        self._delimiter = delimiter
        self._field: list[str] = []
        self._quoted = False
        self._size = 0

    def add(self, line: str) -> bool:
        """Take the next line; whether the record ends with it, which it does not within quotes."""
        self._size += len(line) + 1
        if self._size > MAX_ITEM_BYTES:
            raise ItemReaderFailed("A record is larger than 8 MB, the most that an item may have.")
        at = 0
        while at < len(line):
            at += self._character(line[at], line[at + 1 : at + 2])
        if self._quoted:
            self._field.append("\n")
            return False
        if line.endswith("\r") and self._field[-1:] == ["\r"]:
            self._field.pop()
        self._end_field()
        return True

    def _character(self, character: str, following: str) -> int:
        """Take one character, knowing the one after it; how many were taken."""
        if character == "\\":
            if following and following in ("\\", '"', self._delimiter):
                self._field.append(following)
                return 2
            return 1
        if character == '"':
            return self._quote(following)
        if character == self._delimiter and not self._quoted:
            self._end_field()
        else:
            self._field.append(character)
        return 1

    def _quote(self, following: str) -> int:
        if self._quoted or self._field:
            if following == '"':
                self._field.append('"')
                return 2
            if not self._quoted:
                self._field.append('"')
                return 1
        self._quoted = not self._quoted
        return 1

    def _end_field(self) -> None:
        self.fields.append("".join(self._field))
        self._field = []
