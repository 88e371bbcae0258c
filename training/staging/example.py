"""One labelled picture, what a source of pictures hands to staging, and the error of both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is, or UNKNOWN."""
UNKNOWN = -1


class StagingError(Exception):
    """A data set cannot be staged as asked; the message names the value, the limit and the way out."""


def silent(_activity: str, _done: int, _total: int) -> None:
    """The progress of a caller who does not want to know."""


@dataclass(frozen=True, eq=False)
class Example:
    """A picture with its class.

    name: file name that the source gives it; neither unique nor safe as a path.
    label: index of its class in the order that was asked for.
    pixels: uint8 [height, width, 3], RGB.
    group: who or what else it shows; pictures of one group are in one split. None: of no group.
    """

    name: str
    label: int
    pixels: Pixels
    group: str | None = None
    suffix: str = ".png"

    @cached_property
    def content(self) -> str:
        """SHA-256 of size and pixels: equal exactly when the pictures are."""
        return content_digest(self.pixels)


@dataclass(frozen=True)
class Examples:
    """All pictures that a source has of the classes asked for; `test` is never trained on.

    names: for people, beside those of the classes, by class. mirror: a mirrored picture is of the same class.
    """

    train: list[Example]
    test: list[Example]
    names: dict[str, str] = field(default_factory=dict)
    mirror: bool = True


def content_digest(pixels: Pixels) -> str:
    """Hex SHA-256 of a picture's size and RGB values, whatever file format it is stored in."""
    height, width, _ = pixels.shape
    return hashlib.sha256(b"%dx%d:" % (width, height) + pixels.tobytes()).hexdigest()
