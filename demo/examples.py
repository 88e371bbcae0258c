"""Which pictures the demo shows: one that the model is sure of, and one that it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.executions import Case

TEXT_KEY = "inbox/notes.png"
MISSING_KEY = "test/no_such_picture.png"


@dataclass(frozen=True)
class Picked:
    """The key of a staged test picture, and a threshold if it needs one of its own."""

    key: str
    threshold: float | None = None

    @property
    def input(self) -> dict[str, object]:
        given = {} if self.threshold is None else {"threshold": self.threshold}
        return {"image_data": "", "s3_key": self.key, **given}


def pick(keys: list[str], probabilities: NDArray[np.float32], threshold: float) -> tuple[Picked, Picked]:
    """The test pictures with the highest and with the lowest confidence.

    `probabilities` has a row a key. When the model is surer than the threshold of every picture, the least
    certain one is asked for with a threshold just above its confidence.
    """
    confidence = probabilities.max(axis=1)
    sure, unsure = int(confidence.argmax()), int(confidence.argmin())
    lowest = float(confidence[unsure])
    own_threshold = None if lowest < threshold else min(1.0, lowest + 1e-6)
    return Picked(keys[sure]), Picked(keys[unsure], own_threshold)


def cases(sure: Picked, unsure: Picked) -> list[Case]:
    """The five executions of the demo, in the order in which they run."""
    return [
        Case("confident", sure.input),
        Case("below the threshold", unsure.input),
        Case("no such image", {"image_data": "", "s3_key": MISSING_KEY}),
        Case("text named .png", {"image_data": "", "s3_key": TEXT_KEY}),
        Case("no key", {"image_data": ""}),
    ]
