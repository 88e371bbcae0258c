"""State "Classify image": one request to the endpoint, its answer checked."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.core import base64_image
from lambda_src.core.environment import ClassifyEnvironment
from lambda_src.core.errors import InvalidInput
from lambda_src.core.image_type import image_type
from lambda_src.core.invocation import read_invocation
from lambda_src.core.location import address
from lambda_src.core.log import logged
from lambda_src.core.model_digest import model_digest
from lambda_src.core.probabilities import read_probabilities
from lambda_src.core.records import Classification, SerializedImage, read_serialized_image
from lambda_src.endpoint import endpoint_client, invoke
from lambda_src.storage import read_image, s3_client

ENVIRONMENT = ClassifyEnvironment.read(os.environ)
RUNTIME = endpoint_client()


@logged("Classify image")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """SerializedImage -> Classification."""
    image = read_serialized_image(read_invocation(event).input)
    return classify(image)._asdict()


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
