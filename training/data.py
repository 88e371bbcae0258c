"""Read the pictures of a staged data set, one file at a time, to what the model takes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pictures.decode import decode_file
from pictures.files import PictureFile, read_file, upright_size
from pictures.recordio import BrokenRecordIO
from pictures.refusals import PictureRefused
from training.listing import ListedImage
from training.manifest import DatasetError

SPLITS = ("train", "validation", "test")


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


def common_size(listed: Sequence[ListedImage]) -> tuple[int, int] | None:
    """(height, width) that all pictures share as they are looked at, or None. Decodes nothing."""
    sizes = {upright_size(_read(entry)) for entry in listed}
    if len(sizes) != 1:
        return None
    width, height = sizes.pop()
    return height, width


def load_images(listed: Sequence[ListedImage], size: tuple[int, int]) -> ImageSet:
    """The pixels that the model server makes of the same files for a model of this (height, width)."""
    images = np.empty((len(listed), *size, 3), dtype=np.uint8)
    sizes = np.empty((len(listed), 2), dtype=np.int64)
    for row, entry in enumerate(listed):
        file = _read(entry)
        sizes[row] = upright_size(file)[::-1]
        try:
            images[row] = decode_file(file, size[1], size[0])
        except PictureRefused as refused:
            raise _refused(entry, refused) from refused
    return ImageSet(images, np.array([entry.label for entry in listed], dtype=np.int64), sizes)


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
