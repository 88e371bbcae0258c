"""Images and packs of images in S3."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws.client import aws_client
from lambda_src.core.batch.packs import PACK_TYPE
from lambda_src.core.errors import InvalidConfiguration, StorageUnavailable
from lambda_src.core.excerpt import one_line
from lambda_src.core.image_size import check_image_size
from lambda_src.core.location import address
from lambda_src.core.storage_errors import PASSING, storage_error

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


def put_pack(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    """Write a pack, over the one of an earlier attempt. Raises InvalidConfiguration or StorageUnavailable."""
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=PACK_TYPE)
    except ClientError as error:
        code, status, message = _details(error)
        said = f"S3 answered {status} {code}: {one_line(message)}"
        refused = status in (401, 403, 404) and code not in PASSING
        named = InvalidConfiguration if refused else StorageUnavailable
        raise named(f"{address(bucket, key)} could not be written. {said}") from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"{address(bucket, key)} could not be written: {error}") from error


def _named(error: ClientError, bucket: str, key: str) -> Exception:
    return storage_error(bucket, key, *_details(error))


def _details(error: ClientError) -> tuple[str, int, str]:
    """S3's error code, HTTP status and message."""
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return details.get("Code") or "", status, details.get("Message") or ""
