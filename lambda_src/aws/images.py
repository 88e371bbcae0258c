"""Images and packs of images in S3."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from lambda_src.aws.s3 import named_errors
from lambda_src.core.batch.packs import PACK_TYPE
from lambda_src.core.errors import ImageTooLarge
from lambda_src.core.limits import MAX_IMAGE_BYTES
from lambda_src.core.location import address

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def read_image(s3: S3Client, bucket: str, key: str) -> bytes:
    """The object's bytes; its size is checked before its body is read.

    Raises ImageTooLarge when it has more bytes than an endpoint takes in one request, or what `storage_error`
    names.
    """
    with named_errors("read", bucket, key):
        answer = s3.get_object(Bucket=bucket, Key=key)
        with closing(answer["Body"]) as body:
            if (size := answer["ContentLength"]) > MAX_IMAGE_BYTES:
                raise ImageTooLarge(
                    f"{address(bucket, key)} has {size:,} bytes; the endpoint takes at most "
                    f"{MAX_IMAGE_BYTES:,}: scale it down or compress it"
                )
            return body.read()


def write_pack(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    """Write a pack, over the one of an earlier attempt. Raises what `storage_error` names."""
    with named_errors("written", bucket, key):
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=PACK_TYPE)
