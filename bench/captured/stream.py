"""Captured requests with single small images, always the same for the same seed, as many as wanted."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.artifact.card import check_card
from contracts.artifact.schema import SCHEMA_VERSION
from reports.figures.baseline import Baseline, read_baseline
from training.figures.baseline import make_baseline

CLASSES = ("bicycle", "motorcycle")
SIDE = 32
DISTINCT = 256
"""Pictures and answers that take turns; times and ids are each request's own."""
REQUESTS_A_SECOND = 4
START = datetime(2026, 11, 1, tzinfo=UTC)
_LINE = (
    b'{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"%b",'
    b'"encoding":"BASE64"},"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT",'
    b'"data":"%b","encoding":"JSON"}},"eventMetadata":{"eventId":"00000000-0000-4000-8000-%012d",'
    b'"inferenceId":"bench-%d","inferenceTime":"%b"},"eventVersion":"0"}\n'
)


class CapturedStream:
    """Pictures, their answers, and the lines that an endpoint would capture of them."""

    def __init__(self, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self._pixels = np.stack([_picture(random) for _ in range(DISTINCT)])
        first = random.beta(0.35, 0.35, DISTINCT)
        self._probabilities = np.stack([first, 1 - first], axis=1)
        self._images = [base64.b64encode(_png(pixels)) for pixels in self._pixels]
        self._answers = [str(pair).encode() for pair in self._probabilities.tolist()]

    def lines(self, count: int, first: int = 0) -> Iterator[bytes]:
        """`count` lines from request `first` on."""
        time = b""
        for number in range(first, first + count):
            if number % REQUESTS_A_SECOND == 0 or not time:
                moment = START + timedelta(seconds=number // REQUESTS_A_SECOND)
                time = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            which = number % DISTINCT
            yield _LINE % (self._images[which], self._answers[which], number, number, time)

    def baseline(self) -> Baseline:
        """As if these pictures had been held out."""
        sizes = np.full((DISTINCT, 2), SIDE)
        measured = make_baseline(self._pixels, sizes, self._probabilities.astype(np.float32), CLASSES)
        card = {
            "schema_version": SCHEMA_VERSION,
            "classes": list(CLASSES),
            "threshold": {"recommended": 0.9},
            "input": {"height": SIDE, "width": SIDE},
            "metrics": {"images": DISTINCT, "accuracy": 0.95},
            "baseline": measured,
        }
        return read_baseline(check_card(card))


def _picture(random: np.random.Generator) -> NDArray[np.uint8]:
    """Soft shapes and some noise: its PNG has 2 to 3 KB, as a photograph of this size."""
    shapes = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((SIDE, SIDE))
    return (np.asarray(shapes) + random.normal(0, 2, (SIDE, SIDE, 3))).clip(0, 255).astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
