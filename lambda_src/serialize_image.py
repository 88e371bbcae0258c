"""States "Serialize image" and "Serialize images": check the input, look at each image, make it travel."""

from __future__ import annotations

import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache, partial
from typing import Any

from lambda_src.aws.images import put_pack, read_image, s3_client
from lambda_src.core.batch.packs import Record, framed, into_packs, pack_key, packs_prefix
from lambda_src.core.batch.read_ahead import read_ahead
from lambda_src.core.batch.records import (
    BatchRequest,
    Pack,
    SerializedBatch,
    batch_state,
    is_batch,
    read_batch_request,
)
from lambda_src.core.batch.retries import patiently
from lambda_src.core.batch.rows import BatchImage, Row, error_row
from lambda_src.core.batch.size import fit
from lambda_src.core.environment import SerializeEnvironment
from lambda_src.core.errors import ClassificationError
from lambda_src.core.image import base64_image
from lambda_src.core.image.records import SerializedImage
from lambda_src.core.image.request import ImageRequest, read_request
from lambda_src.core.image_size import travels_inline
from lambda_src.core.image_type import image_type
from lambda_src.core.inference_id import inference_id
from lambda_src.core.invocation import logged, read_invocation
from lambda_src.core.location import address

ENVIRONMENT = SerializeEnvironment.read(os.environ)
S3 = s3_client()
READERS = 8
"""Reads at once. One waits some 30 ms for S3 and takes 1.4 ms of a whole processor, nearly all botocore's; a
function of 512 MB has 0.29 of one, which six or seven reads keep busy. Eight are fewer than the connections
that the client keeps, ten, and eight of the largest images, 50 MB, have room in the memory."""


@logged("Serialize image")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Operator's input -> SerializedImage; BatchRequest -> SerializedBatch."""
    execution_name, fields = read_invocation(event)
    if is_batch(fields):
        batch = serialize_batch(read_batch_request(fields), execution_name)
        return fit(batch_state(batch), batch.errors)
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


def serialize_batch(request: BatchRequest, execution_name: str) -> SerializedBatch:
    """The images of one batch in packs, written to the data bucket; a row for each that cannot be packed."""
    number, images = request.batch
    prefix = packs_prefix(ENVIRONMENT.packs_prefix, execution_name)
    packs: list[Pack] = []
    errors: list[Row] = []
    with closing(_records(images, errors)) as records:
        for index, (packed, body) in enumerate(into_packs(records)):
            pack = Pack(f"{number}-{index}", packed)
            patiently(partial(put_pack, S3, ENVIRONMENT.data_bucket, pack_key(prefix, pack.name), body))
            packs.append(pack)
    return SerializedBatch(number, request.threshold, ENVIRONMENT.data_bucket, prefix, packs, errors)


def _records(images: list[BatchImage], errors: list[Row]) -> Generator[Record, None, None]:
    """Each image's record in order; an image that has none, for a reason that lasts, goes to `errors`."""
    with closing(read_ahead(readers(), _read, images, READERS)) as results:
        for image, data in zip(images, results, strict=True):
            try:
                if isinstance(data, ClassificationError):
                    raise data
                image_type(data, address(image.s3_bucket, image.s3_key))
                yield framed(image, data)
            except ClassificationError as error:
                if error.retried:
                    raise
                errors.append(error_row(image, error))


def _read(image: BatchImage) -> bytes | ClassificationError:
    try:
        return patiently(partial(read_image, S3, image.s3_bucket, image.s3_key))
    except ClassificationError as error:
        return error


@cache
def readers() -> ThreadPoolExecutor:
    """The threads of this process that read images, made for its first batch."""
    return ThreadPoolExecutor(READERS, thread_name_prefix="reader")
