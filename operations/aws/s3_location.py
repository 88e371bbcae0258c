"""What `s3://bucket/key` and `s3://bucket/prefix/` name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from lambda_src.core.location import bucket_problem
from lambda_src.core.run.nearest import nearest
from operations.aws.errors import OperationError, meant_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"


class S3Location(NamedTuple):
    """A bucket, and a key or the beginning of keys; empty for the whole bucket."""

    bucket: str
    key: str

    @property
    def is_folder(self) -> bool:
        """Whether it names all objects below it, as a path that ends in a slash does."""
        return not self.key or self.key.endswith("/")

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"


def is_s3(text: str) -> bool:
    """Whether a person means a place in S3 and no path of this machine."""
    return text.lower().startswith(SCHEME)


def read_s3_location(text: str) -> S3Location:
    """Raises OperationError for what names no place in S3."""
    bucket, _, key = text[len(SCHEME) :].partition("/") if is_s3(text) else ("", "", "")
    if not is_s3(text) or bucket_problem(bucket):
        reason = f": the bucket {bucket_problem(bucket)}" if bucket else ""
        raise OperationError(f"{text!r} is not s3://bucket/key or s3://bucket/prefix/{reason}.")
    return S3Location(bucket, key)


def require_bucket(s3: S3Client, bucket: str, data_bucket: str) -> None:
    """Raise OperationError for a bucket that does not exist; one that may not be looked at passes."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if meant_code(error) == "NoSuchBucket":
            raise OperationError(
                f"There is no bucket {bucket}. The stage's own is s3://{data_bucket}; aws s3 ls lists all."
            ) from error


def keys_below(s3: S3Client, location: S3Location) -> Iterator[str]:
    """Keys of the objects at and below a location, page by page, without those that stand for folders."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key):
        for entry in page.get("Contents", ()):
            if not entry["Key"].endswith("/"):
                yield entry["Key"]


def nearest_place(s3: S3Client, location: S3Location) -> str:
    """A sentence about what is there in place of a location that selects nothing."""

    def names(folder: str) -> list[str]:
        page = s3.list_objects_v2(Bucket=location.bucket, Prefix=folder, Delimiter="/")
        folders = [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
        return sorted(
            folders + [entry["Key"] for entry in page.get("Contents", ()) if entry["Key"] != folder]
        )

    return nearest(names, location.bucket, location.key)
