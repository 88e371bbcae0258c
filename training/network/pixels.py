"""Training's pictures as the model gets them, which is all that is held of them: as bytes, and once.

As floats they would take four times the memory, and as the pictures that they were decoded from, at 640x480
and for a model of 32x32, three hundred times. A batch becomes floats when its turn comes. All processes look
into one file, whose pages they share and the system can let go.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.network.model import normalise

_COUNTED = 1024
"""Pictures whose values are counted at once."""


class Pixels:
    """Some rows of uint8 images [N, H, W, 3], which come as normalised float32 [n, 3, H, W].

    scale: mean and deviation of the channels, of 0..255.
    """

    def __init__(self, images: Tensor, rows: Tensor, scale: tuple[Tensor, Tensor]) -> None:
        self._images, self._rows, self._scale = images, rows, scale

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, batch: Tensor) -> Tensor:
        return normalise(self._images[self._rows[batch]], *self._scale).contiguous()

    def split(self, size: int) -> Iterator[Tensor]:
        """All of them in order, `size` at a time."""
        for batch in torch.arange(len(self)).split(size):
            yield self[batch].contiguous(memory_format=torch.channels_last)


def where_they_lie(images: NDArray[np.uint8]) -> NDArray[np.uint8] | Path:
    """The file that the images are in, or they themselves: what another process is to be given."""
    return Path(images.filename) if isinstance(images, np.memmap) and images.filename else images


def look_into(images: NDArray[Any] | Path) -> NDArray[Any]:
    """Such images; of a file what is not looked at takes no memory. Writing to them changes no file."""
    return np.asarray(np.load(images, mmap_mode="c")) if isinstance(images, Path) else images


def channel_statistics(images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel, in 0..255; a deviation of 0 becomes 1.

    From how often each value occurs, which is exact and takes no memory.
    """
    counts = np.zeros((3, 256), dtype=np.int64)
    for start in range(0, len(images), _COUNTED):
        for channel in range(3):
            few = images[start : start + _COUNTED, ..., channel]
            counts[channel] += np.bincount(few.reshape(-1), minlength=256)
    values, pictures = np.arange(256), counts.sum(axis=1)
    mean = counts @ values / pictures
    deviation = np.sqrt((counts * (values - mean[:, None]) ** 2).sum(axis=1) / pictures)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)
