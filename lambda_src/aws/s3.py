"""The functions' S3 client, and its errors under the names that operators know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws.client import aws_client
from lambda_src.core.errors import StorageUnavailable
from lambda_src.core.storage_errors import Access, object_or_bucket, storage_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_TIMEOUT_SECONDS = 10


@cache
def s3_client() -> S3Client:
    """The one S3 client of this process, made when first asked for."""
    client: S3Client = aws_client("s3", READ_TIMEOUT_SECONDS)
    return client


@contextmanager
def named_errors(access: Access, bucket: str, key: str) -> Iterator[None]:
    """Raise what botocore raises inside as what `storage_error` names.

    StorageUnavailable where nothing was answered, or not all of it.
    """
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code, message = details.get("Code") or "", details.get("Message") or ""
        raise storage_error(access, bucket, key, code, status, message) from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"{object_or_bucket(bucket, key)} could not be {access}: {error}") from error
