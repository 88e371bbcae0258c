"""What "Classify image" does: one request to the endpoint, its answer checked."""

from __future__ import annotations

from collections.abc import Callable

from lambda_src.core.errors import InvalidInput
from lambda_src.core.image import base64_image
from lambda_src.core.image.records import Classification, SerializedImage
from lambda_src.core.image_type import image_type
from lambda_src.core.location import address
from lambda_src.core.probabilities import Answer, read_probabilities


def classify_image(
    image: SerializedImage,
    *,
    read_image: Callable[[str, str], bytes],
    invoke: Callable[[bytes, str, str], Answer],
    class_count: int,
) -> Classification:
    """Probabilities of the image's classes, as the endpoint's model sees them.

    `read_image` gets bucket and key, `invoke` the body, its content type and the inference id.
    Raises what they raise, and ModelFailed for what is no answer.
    """
    data = _decoded(image.image_data) if image.image_data else read_image(image.s3_bucket, image.s3_key)
    content_type = image_type(data, address(image.s3_bucket, image.s3_key)).content_type
    answer = invoke(data, content_type, image.inference_id)
    return Classification(
        s3_bucket=image.s3_bucket,
        s3_key=image.s3_key,
        threshold=image.threshold,
        inference_id=image.inference_id,
        inferences=read_probabilities(answer.body, class_count),
        model=answer.model,
    )


def _decoded(image_data: str) -> bytes:
    try:
        return base64_image.decode(image_data)
    except ValueError as error:
        raise InvalidInput(f"image_data is not base64: {error}") from None
