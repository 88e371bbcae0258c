"""How a split's pictures are stored: a file each, or all in one in RecordIO."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, Protocol

from pictures.recordio import image_record, read_image, read_records
from training.group_list import GroupList, read_groups


class Placed(NamedTuple):
    """A picture in its place: its label, its path in the data set with slashes, its file's bytes, and what it
    belongs to, as `group_list` writes it; None where there is nothing."""

    label: int
    path: str
    body: bytes
    group: str | None = None


class Format(Protocol):
    """Writes and reads a split. A list `<split>.lst` is part of every format, and `<split>.groups` where
    there are any."""

    @property
    def name(self) -> str:
        """As `--format` and the manifest have it."""

    def write(self, folder: Path, split: str, pictures: Iterable[Placed]) -> None:
        """Store the pictures in the order given, sorted by path; none is held for long."""

    def read(self, folder: Path, split: str) -> Iterator[Placed]:
        """As they were written; raises OSError or ValueError for what is missing or damaged."""


class Images:
    """A file a picture below `<split>/`, and the list: index<TAB>label<TAB>path, a line a picture."""

    name = "images"

    def write(self, folder: Path, split: str, pictures: Iterable[Placed]) -> None:
        (folder / split).mkdir()
        with (
            (folder / f"{split}.lst").open("w", encoding="utf-8", newline="\n") as rows,
            GroupList(folder, split) as groups,
        ):
            for index, picture in enumerate(pictures):
                (folder / picture.path).write_bytes(picture.body)
                rows.write(f"{index}\t{picture.label}\t{picture.path}\n")
                groups.add(index, picture.group)

    def read(self, folder: Path, split: str) -> Iterator[Placed]:
        groups = read_groups(folder, split)
        for line in (folder / f"{split}.lst").read_text(encoding="utf-8").splitlines():
            index, label, path = line.split("\t")
            yield Placed(int(label), path, (folder / path).read_bytes(), groups.get(index))


class RecordIO:
    """The bytes that im2rec makes of the same list when it passes files through:

    <split>.rec   the pictures' files and labels, as MXNet and SageMaker's image classification read them
    <split>.idx   key<TAB>offset: where in it each record begins; the key is the index
    <split>.lst   index<TAB>label<TAB>path, the label with six places
    """

    name = "recordio"

    def write(self, folder: Path, split: str, pictures: Iterable[Placed]) -> None:
        offset = 0
        with (
            (folder / f"{split}.rec").open("wb") as pack,
            (folder / f"{split}.idx").open("w", encoding="ascii", newline="\n") as offsets,
            (folder / f"{split}.lst").open("w", encoding="utf-8", newline="\n") as rows,
            GroupList(folder, split) as groups,
        ):
            for index, picture in enumerate(pictures):
                offsets.write(f"{index}\t{offset}\n")
                offset += pack.write(image_record(picture.body, index, float(picture.label)))
                rows.write(f"{index}\t{picture.label:f}\t{picture.path}\n")
                groups.add(index, picture.group)

    def read(self, folder: Path, split: str) -> Iterator[Placed]:
        groups = read_groups(folder, split)
        rows = (folder / f"{split}.lst").read_text(encoding="utf-8").splitlines()
        offsets = (folder / f"{split}.idx").read_text(encoding="ascii").splitlines()
        with (folder / f"{split}.rec").open("rb") as pack:
            for record, row, offset in zip_longest(read_records(pack), rows, offsets):
                if record is None or row is None or offset is None:
                    raise ValueError(f"{split}.rec, .idx and .lst have different numbers of pictures")
                said = read_image(record.payload)
                index, label, path = row.split("\t")
                if (int(index), (float(label),)) != (said.id, said.labels):
                    raise ValueError(f"{split}.lst and {split}.rec differ at byte {record.start}")
                if offset != f"{index}\t{record.start}":
                    raise ValueError(f"{split}.idx and {split}.rec differ at byte {record.start}")
                yield Placed(int(float(label)), path, said.image, groups.get(index))


FORMATS: dict[str, Format] = {form.name: form for form in (Images(), RecordIO())}
"""By name; a data set whose manifest names none is of images."""
