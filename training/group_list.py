"""Which pictures of a split belong together, in `<split>.groups`: index<TAB>group, a line a picture of one.

The index is the picture's in the list, and in RecordIO its id. A group has the same name in all splits. No
file: the pictures belong to no groups. Letters that a line cannot hold are written as Python escapes them.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TextIO

from contracts.written_text import TextProblem, read_lines
from training.manifest import DatasetError

SUFFIX = ".groups"


class GroupList:
    """Writes the groups of a split, one after the other; no file where no picture has one."""

    def __init__(self, folder: Path, split: str) -> None:
        self._path = folder / f"{split}{SUFFIX}"
        self._file: TextIO | None = None

    def __enter__(self) -> GroupList:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, index: int, group: str | None) -> None:
        """`group` as `in_a_line` makes it."""
        if group is None:
            return
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="\n")
        self._file.write(f"{index}\t{group}\n")


def read_groups(folder: Path, split: str) -> dict[str, str]:
    """The groups by index, as `list_images` knows it. Raises DatasetError with file and line."""
    path = folder / f"{split}{SUFFIX}"
    if not path.is_file():
        return {}
    groups: dict[str, str] = {}
    try:
        for number, line in read_lines(path):
            if not line.strip():
                continue
            index, tab, group = line.partition("\t")
            if not tab or not group.strip() or index.strip() in groups:
                raise DatasetError(
                    f"{path}, line {number}: expected an index, once each, and its group, separated by a "
                    f"tab: {line[:80]!r}"
                )
            groups[index.strip()] = group.strip()
    except TextProblem as error:
        raise DatasetError(str(error)) from error
    return groups


def in_a_line(group: str | None) -> str | None:
    """A group's name as its file has it; those that differ stay different."""
    if group is None:
        return None
    plain = group.isprintable() and group == group.strip() and "\\" not in group
    return group if plain else group.encode("unicode_escape").decode().replace(" ", "\\x20")
