"""From one image to the JSON that answers it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from serving.decoding import Decoder
from serving.errors import ModelFailed
from serving.images import decode_image
from serving.model import Model

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "application/x-image"})
PACK_TYPE = "application/x-recordio"


def classify_image(model: Model, body: bytes) -> bytes:
    """`[p0, p1, …]`: the probabilities of one PNG or JPEG, in the order of the model's classes."""
    image = decode_image(body, model.width, model.height)
    return to_json(model.classify(image[np.newaxis])[0].tolist())


async def classify_costly_image(model: Model, decoder: Decoder, body: bytes) -> bytes:
    """The same of an image that may take long to decode."""
    image = await decoder.decode(body, model.width, model.height)
    return to_json(model.classify(image[np.newaxis])[0].tolist())


def to_json(answer: list[Any]) -> bytes:
    """float32 in full (they sum to 1 within 1e-6); not-a-number and infinity are not probabilities."""
    try:
        return json.dumps(answer, allow_nan=False).encode()
    except ValueError as error:
        raise ModelFailed(
            "the model answered with numbers that are no probabilities (NaN or infinite)"
        ) from error
