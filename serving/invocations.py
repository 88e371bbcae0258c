"""From a request's body to the JSON that answers it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.errors import ModelFailed, Refusal, TooManyImages
from serving.images import decode_image
from serving.limits import INFERENCE_BATCH, MAX_IMAGES_A_PACK
from serving.model import Model
from serving.recordio import image_bytes, read_payloads

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "application/x-image"})
PACK_TYPE = "application/x-recordio"


def classify_image(model: Model, body: bytes) -> bytes:
    """`[p0, p1, …]`: the probabilities of one PNG or JPEG, in the order of the model's classes."""
    image = decode_image(body, model.width, model.height)
    return _to_json(model.classify(image[np.newaxis])[0].tolist())


def classify_pack(model: Model, body: bytes) -> bytes:
    """`[[p0, …], {"error": "Name: reason"}, …]`: one entry a record of a RecordIO body, in order.

    An image that cannot be classified costs its own entry only; a broken framing refuses the pack.
    """
    images: list[NDArray[np.uint8] | Refusal] = []
    for payload in read_payloads(body):
        if len(images) == MAX_IMAGES_A_PACK:
            raise TooManyImages(f"the pack holds more than {MAX_IMAGES_A_PACK:,} images; send it in parts")
        images.append(_image_or_refusal(model, payload))
    probabilities = iter(_classify_all(model, [image for image in images if not isinstance(image, Refusal)]))
    return _to_json(
        [
            {"error": f"{image.name}: {image}"} if isinstance(image, Refusal) else next(probabilities)
            for image in images
        ]
    )


def _image_or_refusal(model: Model, payload: bytes) -> NDArray[np.uint8] | Refusal:
    try:
        return decode_image(image_bytes(payload), model.width, model.height)
    except Refusal as refusal:
        return refusal


def _classify_all(model: Model, images: list[NDArray[np.uint8]]) -> list[list[float]]:
    answers: list[list[float]] = []
    for start in range(0, len(images), INFERENCE_BATCH):
        answers.extend(model.classify(np.stack(images[start : start + INFERENCE_BATCH])).tolist())
    return answers


def _to_json(answer: list[Any]) -> bytes:
    """float32 in full (they sum to 1 within 1e-6); not-a-number and infinity are not probabilities."""
    try:
        return json.dumps(answer, allow_nan=False).encode()
    except ValueError as error:
        raise ModelFailed(
            "the model answered with numbers that are no probabilities (NaN or infinite)"
        ) from error
