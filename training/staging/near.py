"""Near repeats: pictures of two splits that look so alike that the one tells about the other.

They are told and not left out: bursts of one camera are split by `--group-by`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.staging.sample import shown

FIELDS = (9, 8)
"""(width, height) that pictures are made small to before they are compared."""

MOST_DIFFERENT = 3
"""Of 64 bits, so that one of four quarters is equal in all pairs."""
_EXAMPLES = 3
_QUARTERS = (0, 16, 32, 48)
_MOST_COMPARED = 2_000
"""Looks that share a quarter and are compared with each other; flat pictures share theirs with many."""


class Look(NamedTuple):
    """A picture's name, and 64 bits, few of which differ between pictures that look alike."""

    name: str
    looks: int


def difference_hash(fields: NDArray[np.uint8]) -> int:
    """Whether each of 8 x 8 fields is darker than its right neighbour. fields: [8, 9, 3]."""
    grey = fields.sum(axis=2, dtype=np.int16)
    return int.from_bytes(np.packbits(grey[:, :-1] < grey[:, 1:]).tobytes(), "big")


def looks_of(pixels: NDArray[np.uint8]) -> int:
    """The difference hash of a picture of any size, [height, width, 3]."""
    return difference_hash(np.asarray(Image.fromarray(pixels).resize(FIELDS, Image.Resampling.BICUBIC)))


def near_repeats(parts: Mapping[str, Sequence[Look]]) -> dict[str, Any]:
    """How many pictures of validation and test look like one of an earlier split, and some pairs of names."""
    found, pairs, earlier = {}, [], dict[int, str]()
    for part in ("train", "validation", "test"):
        if part != "train":
            alike = _alike({picture.looks for picture in parts[part]}, earlier)
            repeating = [picture for picture in parts[part] if picture.looks in alike]
            found[part] = len(repeating)
            pairs += [[shown(one.name), shown(alike[one.looks])] for one in repeating[:_EXAMPLES]]
        for picture in parts[part]:
            earlier.setdefault(picture.looks, picture.name)
    return {**found, "examples": pairs}


def _alike(wanted: Iterable[int], known: Mapping[int, str]) -> dict[int, str]:
    """The name of something known that looks like it, for each of the wanted looks that has one."""
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for looks in known:
        for shift in _QUARTERS:
            buckets[shift, looks >> shift & 0xFFFF].append(looks)
    found = {}
    for looks in wanted:
        near = known.get(looks) or _nearest(looks, buckets, known)
        if near is not None:
            found[looks] = near
    return found


def _nearest(
    looks: int, buckets: Mapping[tuple[int, int], list[int]], known: Mapping[int, str]
) -> str | None:
    for shift in _QUARTERS:
        for other in buckets.get((shift, looks >> shift & 0xFFFF), ())[:_MOST_COMPARED]:
            if (looks ^ other).bit_count() <= MOST_DIFFERENT:
                return known[other]
    return None
