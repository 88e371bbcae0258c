"""The size that a model takes pictures in: that of the data where the network can, else with their ratio."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from training.manifest import DatasetError
from training.network.model import MAXIMUM_SIZE, MINIMUM_SIZE

Size = tuple[int, int]
"""(height, width) in pixels."""
FOR_TINY = (32, 32)
"""For pictures that are smaller than the network can take."""
LONGER_SIDE = 128
"""Of pictures that are too large as they are; twice of it costs a training four times as much."""
PRETRAINED_SIDE = 160
"""The same for a pretrained network, which wants to see more: there the limit too."""


def usual_size(sizes: NDArray[np.int64]) -> Size:
    """The median of pictures' (height, width), [N, 2]: where as many are upright as not, a square."""
    height, width = (round(float(side)) for side in np.median(sizes, axis=0))
    return height, width


def choose_size(requested: str, native: Size, pretrained: bool = False) -> Size:
    """The model's input for what was asked for, and the usual size of the pictures.

    requested: `WIDTHxHEIGHT`; `64`: the longer side, with the pictures' ratio; nothing: the pictures' own
    size, or LONGER_SIDE where the network cannot take that. Raises DatasetError.
    """
    largest, longer = (PRETRAINED_SIDE,) * 2 if pretrained else (MAXIMUM_SIZE, LONGER_SIDE)
    if not requested:
        if max(native) < MINIMUM_SIZE:
            return FOR_TINY
        return native if max(native) <= largest and min(native) >= MINIMUM_SIZE else _scaled(native, longer)
    found = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", requested)
    if found is None:
        raise DatasetError(f"--image-size {requested} is neither pixels (64) nor WIDTHxHEIGHT (64x48)")
    sides = [int(side) for side in found.groups() if side]
    if not all(MINIMUM_SIZE <= side <= MAXIMUM_SIZE for side in sides):
        raise DatasetError(
            f"--image-size {requested}: the network takes {MINIMUM_SIZE} to {MAXIMUM_SIZE} pixels"
        )
    if len(sides) == 2:
        return sides[1], sides[0]
    return _scaled(native, sides[0])


def _scaled(native: Size, longer_side: int) -> Size:
    """The ratio of `native`, as far as the network can take it."""
    height, width = (max(MINIMUM_SIZE, round(side * longer_side / max(native))) for side in native)
    return height, width
