"""`--group-by`: what tells which pictures belong together, so that no group is in two splits.

`part:2` is the second part of a picture's path, `part:-2` the last folder; `match:REGEX` what the first group
of the expression finds in the path; anything else a column of a CSV or a field of a manifest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from contracts.written_text import Line, table
from training.staging.example import StagingError
from training.staging.own.place import inner_path

PICTURE_COLUMNS = ("img", "image", "path", "file", "filename", "file_name", "picture", "name", "source-ref")
CLASS_COLUMNS = ("classname", "class", "class_name", "label")


class GroupBy(NamedTuple):
    """How groups are told: by the path (`of_path`), or by the column or field named `column`."""

    words: str
    column: str | None = None
    of_path: Callable[[str], str | None] | None = None

    def group(self, name: str, fields: Mapping[str, str]) -> str | None:
        """The group of a picture, or None where there is none to be found."""
        if self.of_path:
            return self.of_path(name)
        return fields.get(self.column or "") or None


def read_group_by(text: str) -> GroupBy:
    """Raises StagingError."""
    kind, colon, rest = text.partition(":")
    if colon and kind == "part":
        return GroupBy(text, of_path=_part(rest, text))
    if colon and kind == "match":
        try:
            expression = re.compile(rest)
        except re.error as error:
            raise StagingError(f"--group-by {text}: {error}.") from error
        if expression.groups < 1:
            raise StagingError(f"--group-by {text}: put the part that names the group into ( ).")
        return GroupBy(text, of_path=lambda name: (expression.search(name) or [None, None])[1])
    return GroupBy(text, column=text)


def _part(number: str, text: str) -> Callable[[str], str | None]:
    if not re.fullmatch(r"-?[1-9]\d?", number):
        raise StagingError(
            f"--group-by {text}: the parts of a path are numbered 1, 2, …, or from the end -1, -2, …."
        )
    at = int(number) - (int(number) > 0)

    def part(name: str) -> str | None:
        parts = name.split("/")
        return parts[at] if -len(parts) <= at < len(parts) else None

    return part


class Rows(NamedTuple):
    """Rows of a CSV about pictures, by path and by file name."""

    by_path: dict[str, dict[str, str]]
    by_file: dict[str, dict[str, str]]

    def find(self, name: str) -> dict[str, str]:
        return self.by_path.get(name) or self.by_file.get(name.rpartition("/")[2]) or {}


NO_ROWS = Rows({}, {})


def read_rows(lines: Iterator[Line], where: str, wanted: str) -> Rows:
    """The rows of a CSV that has a column for the picture and the column `wanted`. Raises StagingError."""
    rows = table(lines, where)
    _, header = next(rows, (0, []))
    picture = next((header.index(name) for name in PICTURE_COLUMNS if name in header), None)
    if picture is None or wanted not in header:
        raise StagingError(
            f"{where} has the columns {', '.join(header) or 'none'}, not {wanted} and one of "
            f"{', '.join(PICTURE_COLUMNS)}."
        )
    found = Rows({}, {})
    for number, row in rows:
        if len(row) != len(header):
            raise StagingError(
                f"{where}, line {number}: {len(row)} fields, the first line has {len(header)}."
            )
        try:
            name = inner_path(row[picture])
        except ValueError as error:
            raise StagingError(f"{where}, line {number}: {error}.") from error
        fields = dict(zip(header, row, strict=True))
        found.by_path[name] = fields
        known = found.by_file.setdefault(name.rpartition("/")[2], fields)
        if known.get(wanted) != fields[wanted]:  # the file name alone does not tell
            found.by_file[name.rpartition("/")[2]] = {}
    return found
