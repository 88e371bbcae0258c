"""What "Serialize images" does: read the images of a batch, and write them as packs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache, partial

from lambda_src.core.batch.packs import Record, framed, into_packs, pack_key
from lambda_src.core.batch.read_ahead import read_ahead
from lambda_src.core.batch.records import BatchRequest, Pack, SerializedBatch
from lambda_src.core.batch.retries import with_retries
from lambda_src.core.batch.rows import BatchImage, Row, error_row
from lambda_src.core.errors import ClassificationError
from lambda_src.core.image_type import image_type
from lambda_src.core.location import address

ReadImage = Callable[[str, str], bytes]
"""Bucket and key -> the image."""
READERS = 8
"""Reads at once. One waits some 30 ms for S3 and takes 1.4 ms of a whole processor, nearly all botocore's; a
function of 512 MB has 0.29 of one, which six or seven reads keep busy. Eight are fewer than the connections
that the client keeps, ten, and eight of the largest images, 50 MB, have room in the memory."""


def serialize_batch(
    request: BatchRequest,
    *,
    data_bucket: str,
    prefix: str,
    read_image: ReadImage,
    write_pack: Callable[[str, str, bytes], None],
    required_share: float = 1.0,
) -> SerializedBatch:
    """A batch's images in packs below `prefix` of the data bucket; a row for each that cannot be packed.

    `write_pack` gets bucket, key and body; `required_share` of a damaged picture must be there.
    """
    number, images = request.batch
    packs: list[Pack] = []
    errors: list[Row] = []
    read = read_ahead(_readers(), partial(_read, read_image), images, READERS)
    with closing(read) as results, closing(_records(images, results, errors, required_share)) as records:
        for index, (packed, body) in enumerate(into_packs(records)):
            pack = Pack(f"{number}-{index}", packed)
            with_retries(partial(write_pack, data_bucket, pack_key(prefix, pack.name), body))
            packs.append(pack)
    return SerializedBatch(number, request.threshold, data_bucket, prefix, packs, errors)


def _records(
    images: list[BatchImage],
    results: Generator[bytes | ClassificationError, None, None],
    errors: list[Row],
    required_share: float,
) -> Generator[Record, None, None]:
    """Each image's record in order; an image that has none, for a reason that lasts, goes to `errors`."""
    for image, data in zip(images, results, strict=True):
        try:
            if isinstance(data, ClassificationError):
                raise data
            image_type(data, address(image.s3_bucket, image.s3_key), required_share)
            yield framed(image, data)
        except ClassificationError as error:
            if error.retried:
                raise
            errors.append(error_row(image, error))


def _read(read_image: ReadImage, image: BatchImage) -> bytes | ClassificationError:
    try:
        return with_retries(partial(read_image, image.s3_bucket, image.s3_key))
    except ClassificationError as error:
        return error


@cache
def _readers() -> ThreadPoolExecutor:
    """The threads of this process that read images, made for its first batch."""
    return ThreadPoolExecutor(READERS, thread_name_prefix="reader")
