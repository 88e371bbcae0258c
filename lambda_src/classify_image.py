"""States "Classify image" and "Classify images": one request to the endpoint, its answer checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from lambda_src.aws.client import CONNECT_TIMEOUT_SECONDS
from lambda_src.aws.endpoint import READ_TIMEOUT_SECONDS, endpoint_client, invoke
from lambda_src.aws.images import read_image, s3_client
from lambda_src.core.batch.bisection import bisect
from lambda_src.core.batch.classify import classified_or_row, read_pack_answer
from lambda_src.core.batch.packs import PACK_TYPE, pack_key
from lambda_src.core.batch.recordio import split
from lambda_src.core.batch.records import (
    Classified,
    ClassifiedBatch,
    Pack,
    SerializedBatch,
    batch_state,
    is_batch,
    read_serialized_batch,
)
from lambda_src.core.batch.retries import patiently
from lambda_src.core.batch.rows import Row, error_row
from lambda_src.core.batch.size import fit
from lambda_src.core.environment import ClassifyEnvironment
from lambda_src.core.errors import InvalidInput
from lambda_src.core.image import base64_image
from lambda_src.core.image.records import Classification, SerializedImage, read_serialized_image
from lambda_src.core.image_type import image_type
from lambda_src.core.inference_id import pack_inference_id
from lambda_src.core.invocation import logged, read_invocation
from lambda_src.core.location import address
from lambda_src.core.model_digest import model_digest
from lambda_src.core.probabilities import read_probabilities

ENVIRONMENT = ClassifyEnvironment.read(os.environ)
RUNTIME = endpoint_client()


@logged("Classify image")
def handler(event: Any, context: object) -> dict[str, Any]:
    """SerializedImage -> Classification; SerializedBatch -> ClassifiedBatch."""
    execution_name, fields = read_invocation(event)
    if is_batch(fields):
        batch = classify_batch(read_serialized_batch(fields), execution_name, partial(_in_time, context))
        return fit(batch_state(batch), batch.errors)
    return classify(read_serialized_image(fields))._asdict()


def classify(image: SerializedImage) -> Classification:
    """Probabilities of the image's classes, as the endpoint's model sees them."""
    data = _bytes(image)
    content_type = image_type(data, address(image.s3_bucket, image.s3_key)).content_type
    answer = invoke(RUNTIME, ENVIRONMENT.endpoint_name, data, content_type, image.inference_id)
    return Classification(
        s3_bucket=image.s3_bucket,
        s3_key=image.s3_key,
        threshold=image.threshold,
        inference_id=image.inference_id,
        inferences=read_probabilities(answer.body, ENVIRONMENT.class_count),
        model=model_digest(answer.custom_attributes, ENVIRONMENT.model_digest),
    )


def _bytes(image: SerializedImage) -> bytes:
    """The image itself: what came along, or what is in S3 (the client is built for the first such image)."""
    if not image.image_data:
        return read_image(s3_client(), image.s3_bucket, image.s3_key)
    try:
        return base64_image.decode(image.image_data)
    except ValueError as error:
        raise InvalidInput(f"image_data is not base64: {error}") from None


def classify_batch(
    batch: SerializedBatch, execution_name: str, in_time: Callable[[], bool]
) -> ClassifiedBatch:
    """The images of one batch, one request a pack; a row for each image that the model does not classify.

    One request at a time: how many a map may send at once is the number of its children, no more.
    """
    classified: list[Classified] = []
    errors = list(batch.errors)
    for index, pack in enumerate(batch.packs):
        key = pack_key(batch.s3_prefix, pack.name)
        body = patiently(partial(read_image, s3_client(), batch.s3_bucket, key))
        ask = partial(_ask, pack, body, pack_inference_id(execution_name, pack.name), index == 0)
        for image, outcome in zip(pack.images, bisect(len(pack.images), ask, in_time), strict=True):
            if isinstance(outcome, Classified):
                classified.append(outcome)
            else:
                errors.append(error_row(image, outcome) if isinstance(outcome, Exception) else outcome)
    return ClassifiedBatch(batch.batch, batch.threshold, classified, errors)


def _ask(
    pack: Pack, body: bytes, request_id: str, first: bool, start: int, stop: int
) -> list[Classified | Row]:
    """The answers for the pack's images from `start` up to `stop`, in one request.

    The first request of a batch is left to the state's retry, which shows in the history. When a later one is
    throttled, the retry would repeat those before it.
    """
    images = pack.images[start:stop]
    whole = len(images) == len(pack.images)
    if not whole:
        body, request_id = b"".join(split(body)[start:stop]), f"{request_id}.{start}-{stop}"
    request = partial(invoke, RUNTIME, ENVIRONMENT.endpoint_name, body, PACK_TYPE, request_id)
    answer = request() if first and whole else patiently(request)
    model = model_digest(answer.custom_attributes, ENVIRONMENT.model_digest)
    return [
        classified_or_row(image, entry, ENVIRONMENT.class_count, f"{request_id}#{index}", model)
        for index, (image, entry) in enumerate(
            zip(images, read_pack_answer(answer.body, len(images)), strict=True)
        )
    ]


def _in_time(context: object) -> bool:
    """Whether the invocation lasts for one more request, should the model hang on it."""
    left_ms: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    return left_ms is None or left_ms() > 1_000 * (CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS)
