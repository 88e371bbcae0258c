"""How a split's pictures are stored: a file each here; other formats write and read the same `Placed`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol


class Placed(NamedTuple):
    """A picture in its place: its label, its path in the data set with slashes, and its file's bytes."""

    label: int
    path: str
    body: bytes


class Format(Protocol):
    """Writes and reads a split. A list `<split>.lst` is part of every format."""

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
        with (folder / f"{split}.lst").open("w", encoding="utf-8", newline="\n") as rows:
            for index, picture in enumerate(pictures):
                (folder / picture.path).write_bytes(picture.body)
                rows.write(f"{index}\t{picture.label}\t{picture.path}\n")

    def read(self, folder: Path, split: str) -> Iterator[Placed]:
        for line in (folder / f"{split}.lst").read_text(encoding="utf-8").splitlines():
            _, label, path = line.split("\t")
            yield Placed(int(label), path, (folder / path).read_bytes())


FORMATS: dict[str, Format] = {form.name: form for form in (Images(),)}
"""By name; a data set whose manifest names none is of images."""
