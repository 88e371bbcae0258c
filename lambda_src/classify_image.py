"""States "Classify image" and "Classify images": one request to the endpoint, its answer checked."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from lambda_src.aws.endpoint import LONGEST_REQUEST_SECONDS, Endpoint
from lambda_src.aws.images import read_image
from lambda_src.aws.s3 import s3_client
from lambda_src.core.batch.classify import classify_batch
from lambda_src.core.batch.records import read_serialized_batch
from lambda_src.core.batch.size import fitting_state
from lambda_src.core.environment import ClassifyEnvironment
from lambda_src.core.image.classify import classify_image
from lambda_src.core.image.records import read_serialized_image
from lambda_src.core.invocation import lasts, logged, read_invocation

ENVIRONMENT = ClassifyEnvironment.read(os.environ)
ENDPOINT = Endpoint(ENVIRONMENT.endpoint_name, ENVIRONMENT.model_digest)


@logged("Classify image")
def handler(event: Any, context: object) -> dict[str, Any]:
    """SerializedImage -> Classification; SerializedBatch -> ClassifiedBatch."""
    invocation = read_invocation(event)
    if invocation.is_batch:
        classified = classify_batch(
            read_serialized_batch(invocation.input),
            invocation.execution_name,
            read_image=_read,
            invoke=ENDPOINT.invoke,
            class_count=ENVIRONMENT.class_count,
            in_time=partial(lasts, context, LONGEST_REQUEST_SECONDS),
        )
        return fitting_state(classified)
    return classify_image(
        read_serialized_image(invocation.input),
        read_image=_read,
        invoke=ENDPOINT.invoke,
        class_count=ENVIRONMENT.class_count,
    )._asdict()


def _read(bucket: str, key: str) -> bytes:
    """What did not come along; the client is built for the first such image."""
    return read_image(s3_client(), bucket, key)
