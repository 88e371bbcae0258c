"""What "Serialize image" does: look at the image, make it travel."""

from __future__ import annotations

from collections.abc import Callable

from lambda_src.core.image import base64_image
from lambda_src.core.image.records import SerializedImage
from lambda_src.core.image.request import ImageRequest
from lambda_src.core.image_type import image_type
from lambda_src.core.inference_id import inference_id
from lambda_src.core.limits import MAX_INLINE_IMAGE_BYTES
from lambda_src.core.location import address


def serialize_image(
    request: ImageRequest,
    execution_name: str,
    read_image: Callable[[str, str], bytes],
    required_share: float = 1.0,
) -> SerializedImage:
    """The image of `request`, inline while it is small, by its address in S3 otherwise.

    `read_image` gets bucket and key; `required_share` of a damaged picture must be there. Raises what
    `read_image` raises, and UnsupportedImage.
    """
    image = request.image
    if image is None:
        image = read_image(request.s3_bucket, request.s3_key)
    return SerializedImage(
        s3_bucket=request.s3_bucket,
        s3_key=request.s3_key,
        threshold=request.threshold,
        content_type=image_type(
            image, address(request.s3_bucket, request.s3_key), required_share
        ).content_type,
        image_data=base64_image.encode(image) if len(image) <= MAX_INLINE_IMAGE_BYTES else "",
        inference_id=inference_id(execution_name),
    )
