"""From one image to the JSON that answers it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.decoding import Decoder
from serving.errors import ModelFailed
from serving.model import Model

PACK_TYPE = "application/x-recordio"


async def classify_costly_image(
    model: Model, decoder: Decoder, body: bytes, unfamiliarity: bool = False
) -> bytes:
    """The answer to one PNG or JPEG that may take long to decode, as `answers` makes it."""
    image = await decoder.decode(body, model.width, model.height)
    return to_json(answers(model, image[np.newaxis], unfamiliarity)[0])


def answers(
    model: Model, images: NDArray[np.uint8], unfamiliarity: bool
) -> list[list[float] | dict[str, Any]]:
    """For each image `[p0, p1, …]`: its probabilities, in the order of the model's classes.

    To who asks how unfamiliar it is `{"probabilities": [p0, …], "unfamiliarity": u}`, if the model says it.
    """
    if not unfamiliarity or model.unfamiliarity_name is None:
        return list(model.classify(images).tolist())
    probabilities, strangeness = model.judge(images)
    return [
        {"probabilities": row, "unfamiliarity": value}
        for row, value in zip(probabilities.tolist(), strangeness.tolist(), strict=True)
    ]


def to_json(answer: Any) -> bytes:
    """float32 in full (they sum to 1 within 1e-6); not-a-number and infinity are not probabilities."""
    try:
        return json.dumps(answer, allow_nan=False).encode()
    except ValueError as error:
        raise ModelFailed(
            "the model answered with numbers that are no probabilities (NaN or infinite)"
        ) from error
