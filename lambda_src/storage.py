"""Images in S3."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws_client import aws_client
from lambda_src.core.errors import StorageUnavailable
from lambda_src.core.image_size import check_image_size
from lambda_src.core.location import address
from lambda_src.core.storage_errors import storage_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_TIMEOUT_SECONDS = 10


@cache
def s3_client() -> S3Client:
    """The one S3 client of this process, made when first asked for."""
    client: S3Client = aws_client("s3", READ_TIMEOUT_SECONDS)
    return client


def read_image(s3: S3Client, bucket: str, key: str) -> bytes:
    """The object's bytes; its size is checked before its body is read.

    Raises ImageNotFound, ImageAccessDenied, ImageTooLarge, InvalidInput or StorageUnavailable.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with closing(answer["Body"]) as body:
            check_image_size(answer["ContentLength"], address(bucket, key))
            return body.read()
    except ClientError as error:
        raise _named(error, bucket, key) from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"{address(bucket, key)} could not be read: {error}") from error


def _named(error: ClientError, bucket: str, key: str) -> Exception:
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return storage_error(bucket, key, details.get("Code") or "", status, details.get("Message") or "")
