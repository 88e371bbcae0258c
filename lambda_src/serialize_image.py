"""State "Serialize image": check the input, look at the image, make it fit to travel."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.core import base64_image
from lambda_src.core.environment import SerializeEnvironment
from lambda_src.core.image_size import travels_inline
from lambda_src.core.image_type import image_type
from lambda_src.core.inference_id import inference_id
from lambda_src.core.invocation import read_invocation
from lambda_src.core.location import address
from lambda_src.core.log import logged
from lambda_src.core.records import SerializedImage
from lambda_src.core.request import ImageRequest, read_request
from lambda_src.storage import read_image, s3_client

ENVIRONMENT = SerializeEnvironment.read(os.environ)
S3 = s3_client()


@logged("Serialize image")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Operator's input -> SerializedImage."""
    execution_name, fields = read_invocation(event)
    request = read_request(fields, ENVIRONMENT.data_bucket)
    return serialize(request, execution_name)._asdict()


def serialize(request: ImageRequest, execution_name: str) -> SerializedImage:
    """The image of `request`, inline while it is small, by its address in S3 otherwise."""
    image = request.image
    if image is None:
        image = read_image(S3, request.s3_bucket, request.s3_key)
    return SerializedImage(
        s3_bucket=request.s3_bucket,
        s3_key=request.s3_key,
        threshold=request.threshold,
        content_type=image_type(image, address(request.s3_bucket, request.s3_key)).content_type,
        image_data=base64_image.encode(image) if travels_inline(len(image)) else "",
        inference_id=inference_id(execution_name),
    )
