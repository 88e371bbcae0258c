"""What a split of a staged data set has: a list and its files, or RecordIO; in a folder or a channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from contracts.written_text import TextProblem, read_lines
from pictures.recordio import BrokenRecordIO
from training.counting import counted
from training.group_list import read_groups
from training.manifest import DatasetError
from training.recordio import Packed, packed_pictures, picture_at
from training.whole_labels import whole_label

_MB = 1_000_000


@dataclass(frozen=True)
class ListedImage:
    """A picture that was not read yet: its label, an index into the manifest's classes, and its file.

    Of a picture in RecordIO, `pack` is the .rec, its record begins at the byte `start`, and `path` is a name.
    group: who or what else it shows, if that is known.
    """

    label: int
    path: Path
    pack: Path | None = None
    start: int = 0
    group: str | None = None

    def read(self) -> bytes:
        """The picture's file. Raises OSError, or BrokenRecordIO."""
        if self.pack is None:
            return self.path.read_bytes()
        with self.pack.open("rb") as file:
            return picture_at(file, str(self.pack), self.start)

    @property
    def where(self) -> str:
        """For messages."""
        return str(self.path) if self.pack is None else f"{self.path.name} (byte {self.start} of {self.pack})"


def list_images(folder: Path, split: str, class_count: int) -> list[ListedImage]:
    """The images of `<split>.rec` or `<split>.lst`, in the folder or, for a channel, beside it."""
    for place in (folder, folder.parent):
        pack, list_file = place / f"{split}.rec", place / f"{split}.lst"
        groups = read_groups(place, split)
        if pack.is_file():
            listed = _list_pack(pack, list_file, split, class_count, groups)
        elif list_file.is_file():
            listed = [
                ListedImage(row.label, _locate(folder, split, row.path), group=groups.pop(row.key, None))
                for row in _rows(list_file, class_count)
            ]
        else:
            continue
        if groups:
            raise DatasetError(
                f"{place / split}.groups names the picture {next(iter(groups))}, which is not there: "
                "stage the data set again"
            )
        if not listed:
            raise DatasetError(f"{pack if pack.is_file() else list_file} lists no images")
        return listed
    raise DatasetError(f"no {split}.lst or {split}.rec in {folder} or beside it: is it a staged data set?")


def some_of_each_class(listed: Sequence[ListedImage], count: int) -> list[ListedImage]:
    """The first `count` images of each class, all of a class that has fewer, in the order of classes."""
    of_class: defaultdict[int, list[ListedImage]] = defaultdict(list)
    for image in listed:
        of_class[image.label].append(image)
    return [image for label in sorted(of_class) for image in of_class[label][:count]]


class _Row(NamedTuple):
    key: str
    label: int
    path: PurePosixPath


def _rows(list_file: Path, class_count: int) -> list[_Row]:
    try:
        return [
            _parse_line(text, f"{list_file}, line {number}", class_count)
            for number, text in read_lines(list_file)
            if text.strip()
        ]
    except TextProblem as error:
        raise DatasetError(str(error)) from error


def _parse_line(line: str, where: str, class_count: int) -> _Row:
    """`index<TAB>label<TAB>path`; lists made by other tools have float labels and Windows separators."""
    fields = line.split("\t")
    if len(fields) < 3 or not fields[2].strip():
        raise DatasetError(f"{where}: expected index, label and path, separated by tabs: {line[:200]!r}")
    if len(fields) > 3:
        raise DatasetError(
            f"{where}: {len(fields) - 2} labels, and one is trained on: stage the list with "
            "`scones stage list`, whose --label-at says which"
        )
    try:
        label = whole_label(fields[1], class_count)
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from error
    relative = PurePosixPath(fields[2].strip().replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts:
        raise DatasetError(f"{where}: the path {str(relative)!r} leaves the data set")
    return _Row(fields[0].strip(), label, relative)


def _locate(folder: Path, split: str, relative: PurePosixPath) -> Path:
    """Paths count from the data set's folder; a channel may hold the split's folder or its content."""
    inside = PurePosixPath(*relative.parts[1:]) if relative.parts[0] == split else relative
    return (
        folder / inside
        if not (folder / relative).exists() and (folder / inside).exists()
        else folder / relative
    )


def _list_pack(
    pack: Path, list_file: Path, split: str, class_count: int, groups: dict[str, str]
) -> list[ListedImage]:
    """All framing is read before a picture is decoded; where there is a list, it must say the same."""
    rows = {row.key: row for row in _rows(list_file, class_count)} if list_file.is_file() else None
    listed = []
    for packed in _packed(pack):
        where = f"{pack}: byte {packed.start}"
        label = _label(packed, where, class_count)
        row = _Row("", label, PurePosixPath(split, str(packed.id)))
        if rows is not None:
            row = rows.pop(str(packed.id), _Row("", -1, row.path))
        if row.label != label:
            raise DatasetError(
                f"{where}: the picture {packed.id} with the label {label} is not in {list_file}: "
                "stage the data set again"
            )
        group = groups.pop(str(packed.id), None)
        listed.append(ListedImage(label, pack.parent / row.path, pack, packed.start, group))
    if rows:
        raise DatasetError(
            f"{pack} lacks {len(rows)} of the pictures in {list_file}: stage the data set again"
        )
    return listed


def _packed(pack: Path) -> Iterator[Packed]:
    try:
        size = pack.stat().st_size
        with pack.open("rb") as file:
            pictures = packed_pictures(file, str(pack))
            yield from counted(
                pictures, f"reading {pack.name}, MB", size // _MB, lambda _, packed: packed.start // _MB
            )
    except (BrokenRecordIO, OSError) as error:
        raise DatasetError(f"{error}: stage the data set again") from error


def _label(packed: Packed, where: str, class_count: int) -> int:
    if len(packed.labels) != 1:
        raise DatasetError(f"{where}: the picture has {len(packed.labels)} labels, one is needed")
    try:
        return whole_label(str(packed.labels[0]), class_count)
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from error
