"""States "Serialize image" and "Serialize images": check the input, look at each image, make it travel."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from lambda_src.aws.images import read_image, write_pack
from lambda_src.aws.s3 import s3_client
from lambda_src.core.batch.packs import packs_prefix
from lambda_src.core.batch.records import read_batch_request
from lambda_src.core.batch.serialize import serialize_batch
from lambda_src.core.batch.size import fitting_state
from lambda_src.core.environment import SerializeEnvironment
from lambda_src.core.image.request import read_request
from lambda_src.core.image.serialize import serialize_image
from lambda_src.core.invocation import logged, read_invocation

ENVIRONMENT = SerializeEnvironment.read(os.environ)
S3 = s3_client()


@logged("Serialize image")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Operator's input -> SerializedImage; BatchRequest -> SerializedBatch."""
    execution_name, fields = invocation = read_invocation(event)
    read = partial(read_image, S3)
    if invocation.is_batch:
        serialized = serialize_batch(
            read_batch_request(fields),
            data_bucket=ENVIRONMENT.data_bucket,
            prefix=packs_prefix(ENVIRONMENT.packs_prefix, execution_name),
            read_image=read,
            write_pack=partial(write_pack, S3),
            required_share=ENVIRONMENT.required_share,
        )
        return fitting_state(serialized)
    request = read_request(fields, ENVIRONMENT.data_bucket)
    return serialize_image(request, execution_name, read, ENVIRONMENT.required_share)._asdict()
