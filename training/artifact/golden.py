"""Choose golden pictures: those of the test part by whose answers a served model is known from others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest

import numpy as np
from numpy.typing import NDArray

from contracts.artifact.archive import MAXIMUM_GOLDEN_BYTES
from contracts.artifact.golden import TOLERANCE, GoldenPicture
from contracts.artifact.reader import Artifact
from pictures.decode import decode_image
from pictures.kinds import JPEG, PNG, WEBP, kind_of
from pictures.refusals import PictureRefused
from training.artifact.predictor import Predictor
from training.data import ImageSet
from training.listing import ListedImage

CANDIDATES = 128
"""Pictures that are looked at for it, of the test part shuffled by the training's seed."""
NEAR_TIE = 10 * TOLERANCE
"""Where the two most probable classes are no further apart, nothing is proved by which of them is first."""
_ENDINGS = {JPEG: ".jpg", PNG: ".png", WEBP: ".webp"}
_DIGITS = 6


def make_golden(
    artifact: Artifact, test: ImageSet, listed: Sequence[ListedImage], seed: int, most: int
) -> list[GoldenPicture]:
    """At most so many whole pictures of MAXIMUM_GOLDEN_BYTES in all, of every class as far as there is room,
    with what the exported model answers; none, where all are too large or nearly ties.

    `listed`: the files of `test`. The same data, model and seed give the same pictures.
    """
    predictor = Predictor(artifact)
    shuffled = np.random.default_rng(seed).permutation(len(test))[:CANDIDATES]
    ranked = np.sort(predictor.probabilities(test.images[np.sort(shuffled)]), axis=1)
    margins = dict(zip(np.sort(shuffled).tolist(), (ranked[:, -1] - ranked[:, -2]).tolist(), strict=True))
    decided = [row for row in shuffled.tolist() if margins[row] > NEAR_TIE]
    height, width = artifact.size
    found = list(_with_room(_in_turn(decided, test.labels, margins), listed, (width, height), most))
    if not found:
        return []
    probabilities = predictor.probabilities(np.stack([pixels for *_, pixels in found]))
    return [
        GoldenPicture(
            f"golden/{number:02}{_ENDINGS[kind_of(content)]}",
            content,
            artifact.classes[label],
            tuple(round(float(value), _DIGITS) for value in answer),
        )
        for number, ((label, content, _), answer) in enumerate(zip(found, probabilities, strict=True))
    ]


def _in_turn(rows: Sequence[int], labels: NDArray[np.int64], margins: dict[int, float]) -> Iterator[int]:
    """One of a class after one of another; of each alternately the least sure and the next.

    Where a model is sure, other pixels hardly change its answer; where it is not, they do.
    """
    queues = []
    for label in dict.fromkeys(int(labels[row]) for row in rows):
        of_class = [row for row in rows if labels[row] == label]
        unsure = sorted(of_class, key=margins.__getitem__)
        queues.append(list(dict.fromkeys(chain(*zip(unsure, of_class, strict=True)))))
    return (row for turn in zip_longest(*queues) for row in turn if row is not None)


def _with_room(
    rows: Iterator[int], listed: Sequence[ListedImage], size: tuple[int, int], most: int
) -> Iterator[tuple[int, bytes, NDArray[np.uint8]]]:
    """Label, file and pixels of those that fit: of what is left, a share each for the classes to come."""
    left, waiting, places = MAXIMUM_GOLDEN_BYTES, {one.label for one in listed}, most
    for row in rows:
        if not places:
            return
        picture = listed[row]
        content = picture.read()
        if len(content) > left // max(1, min(len(waiting), places)):
            continue
        try:
            pixels = decode_image(content, *size)  # whole ones only, whatever share the server requires
        except PictureRefused:
            continue
        yield picture.label, content, pixels
        waiting.discard(picture.label)
        left, places = left - len(content), places - 1
