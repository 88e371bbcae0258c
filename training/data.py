"""Read the pictures of a staged data set, one file at a time, to what the model takes in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pictures.decode import decode_file
from pictures.files import PictureFile, read_file, upright_size
from pictures.limits import WHOLE
from pictures.recordio import BrokenRecordIO
from pictures.refusals import PictureRefused
from training.counting import counted
from training.listing import ListedImage
from training.manifest import DatasetError

Kind = TypeVar("Kind", bound=np.generic)
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class ImageSet:
    """Decoded images, uint8 [N, height, width, 3] RGB, and their labels, int64 [N].

    `sizes`, [N, 2], are (height, width) of the pictures as they are looked at, before any resizing.
    `groups` [N]: what each belongs to, if that is known; empty where it is of none.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]
    groups: Sequence[str | None] = ()

    def __len__(self) -> int:
        return len(self.labels)


def sizes_of(listed: Sequence[ListedImage]) -> NDArray[np.int64]:
    """(height, width) of each picture as it is looked at: [N, 2]. Decodes nothing."""
    looked = counted(listed, "looking at pictures", len(listed))
    return np.array([upright_size(_read(entry))[::-1] for entry in looked])


def load_images(
    listed: Sequence[ListedImage], size: tuple[int, int], into: Path | None = None, required: float = WHOLE
) -> ImageSet:
    """The pixels that the model server makes of the same files for a model of this (height, width).

    In memory, or in the file `into`, for other processes too and for as long as it is there. `required` is
    the share of a damaged picture that must be there. Raises DatasetError, and OSError without room.
    """
    shape = (len(listed), *size, 3)
    images = np.empty(shape, dtype=np.uint8) if into is None else make_room(into, shape, np.uint8)
    sizes = np.empty((len(listed), 2), dtype=np.int64)
    for row, entry in enumerate(counted(listed, "decoding pictures", len(listed))):
        file = _read(entry)
        sizes[row] = upright_size(file)[::-1]
        try:
            images[row] = decode_file(file, size[1], size[0], required)
        except PictureRefused as refused:
            raise _refused(entry, refused) from refused
    if isinstance(images, np.memmap):
        images.flush()  # what is on the disk too, the system can let go at any time
    groups = [entry.group for entry in listed] if any(entry.group for entry in listed) else []
    return ImageSet(images, np.array([entry.label for entry in listed], dtype=np.int64), sizes, groups)


def make_room(file: Path, shape: tuple[int, ...], kind: type[Kind]) -> np.memmap[Any, np.dtype[Kind]]:
    """An array in a file, with all of its room.

    A disk that gets full under a mapped file ends the process without a word.
    """
    images = np.lib.format.open_memmap(file, "w+", kind, shape)
    with file.open("r+b") as made:
        os.posix_fallocate(made.fileno(), 0, file.stat().st_size)
    return images


def at_once(size: tuple[int, int], most: int) -> int:
    """How many images of this (height, width) take no more memory than so many of 32x32; at most so many."""
    height, width = size
    return max(1, min(most, most * 32 * 32 // (height * width)))


def _read(entry: ListedImage) -> PictureFile:
    try:
        return read_file(entry.read())
    except FileNotFoundError as error:
        raise DatasetError(f"{entry.path} is listed but not there: stage the data set again") from error
    except (OSError, BrokenRecordIO) as error:
        raise DatasetError(f"{entry.where} cannot be read ({error}): stage the data set again") from error
    except PictureRefused as refused:
        raise _refused(entry, refused) from refused


def _refused(entry: ListedImage, refused: PictureRefused) -> DatasetError:
    """In the words of the model server, which would refuse it as well."""
    return DatasetError(f"{entry.where} is refused: {refused.name}: {refused}; then stage the data set again")
