"""Read a staged data set: list files and pictures; from one folder or from a job's channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from contracts.written_text import TextProblem, read_lines
from pictures.decode import decode_file
from pictures.files import PictureFile, read_file, upright_size
from pictures.refusals import PictureRefused
from training.manifest import DatasetError
from training.whole_labels import whole_label

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class ListedImage:
    """One line of a list file: the label is an index into the manifest's classes."""

    label: int
    path: Path


@dataclass(frozen=True)
class ImageSet:
    """Decoded images, uint8 [N, height, width, 3] RGB, and their labels, int64 [N].

    `sizes`, [N, 2], are (height, width) of the pictures as they are looked at, before any resizing.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def __add__(self, other: ImageSet) -> ImageSet:
        return ImageSet(
            np.concatenate([self.images, other.images]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.sizes, other.sizes]),
        )


def list_images(folder: Path, split: str, class_count: int) -> list[ListedImage]:
    """The images of `<split>.lst`, which lies in the folder or, for a channel, beside it."""
    list_file = next(
        (place / f"{split}.lst" for place in (folder, folder.parent) if (place / f"{split}.lst").is_file()),
        None,
    )
    if list_file is None:
        raise DatasetError(f"no {split}.lst in {folder} or beside it: is it a staged data set?")
    try:
        listed = [
            _parse_line(text, f"{list_file}, line {number}", folder, split, class_count)
            for number, text in read_lines(list_file)
            if text.strip()
        ]
    except TextProblem as error:
        raise DatasetError(str(error)) from error
    if not listed:
        raise DatasetError(f"{list_file} lists no images")
    return listed


def _parse_line(line: str, where: str, folder: Path, split: str, class_count: int) -> ListedImage:
    """`index<TAB>label<TAB>path`; lists made by other tools have float labels and Windows separators."""
    fields = line.split("\t")
    if len(fields) < 3 or not fields[2].strip():
        raise DatasetError(f"{where}: expected index, label and path, separated by tabs: {line[:200]!r}")
    try:
        label = whole_label(fields[1], class_count)
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from error
    relative = PurePosixPath(fields[2].strip().replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts:
        raise DatasetError(f"{where}: the path {str(relative)!r} leaves the data set")
    return ListedImage(label, _locate(folder, split, relative))


def _locate(folder: Path, split: str, relative: PurePosixPath) -> Path:
    """Paths count from the data set's folder; a channel may hold the split's folder or its content."""
    inside = PurePosixPath(*relative.parts[1:]) if relative.parts[0] == split else relative
    return (
        folder / inside
        if not (folder / relative).exists() and (folder / inside).exists()
        else folder / relative
    )


def common_size(listed: Sequence[ListedImage]) -> tuple[int, int] | None:
    """(height, width) that all pictures share as they are looked at, or None. Decodes nothing."""
    sizes = {upright_size(_read(entry.path)) for entry in listed}
    if len(sizes) != 1:
        return None
    width, height = sizes.pop()
    return height, width


def load_images(listed: Sequence[ListedImage], size: tuple[int, int]) -> ImageSet:
    """The pixels that the model server makes of the same files for a model of this (height, width)."""
    images = np.empty((len(listed), *size, 3), dtype=np.uint8)
    sizes = np.empty((len(listed), 2), dtype=np.int64)
    for row, entry in enumerate(listed):
        file = _read(entry.path)
        sizes[row] = upright_size(file)[::-1]
        try:
            images[row] = decode_file(file, size[1], size[0])
        except PictureRefused as refused:
            raise _refused(entry.path, refused) from refused
    return ImageSet(images, np.array([entry.label for entry in listed], dtype=np.int64), sizes)


def _read(path: Path) -> PictureFile:
    try:
        return read_file(path.read_bytes())
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is listed but not there: stage the data set again") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error}): stage the data set again") from error
    except PictureRefused as refused:
        raise _refused(path, refused) from refused


def _refused(path: Path, refused: PictureRefused) -> DatasetError:
    """In the words of the model server, which would refuse it as well."""
    return DatasetError(f"{path} is refused: {refused.name}: {refused}; then stage the data set again")
