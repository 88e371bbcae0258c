"""A prefix in S3 as a place of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.aws.errors import OperationError, meant_code
from operations.aws.s3_location import S3Location, keys_below, nearest_place, read_s3_location
from training.staging.own.place import MAX_FILE_BYTES, TOO_LARGE, require_few, unwanted
from training.staging.sample import LeftOut, Unread

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 1 << 16
MISSING = ("NoSuchKey", "404")


class S3Folder:
    """The objects below a prefix; names are the rest of their keys."""

    def __init__(self, s3: S3Client, address: str) -> None:
        bucket, key = read_s3_location(address)
        self._s3 = s3
        self._location = S3Location(bucket, key if not key or key.endswith("/") else f"{key}/")

    @property
    def name(self) -> str:
        return self._location.key.rstrip("/").rpartition("/")[2] or self._location.bucket

    def names(self, left_out: LeftOut) -> Iterator[str]:
        found = 0
        for key in keys_below(self._s3, self._location):
            name = key.removeprefix(self._location.key)
            if reason := unwanted(name):
                left_out.add(reason, name)
                continue
            found += 1
            require_few(found, str(self._location))
            yield name
        if not found:
            near = nearest_place(self._s3, self._location)
            raise OperationError(f"There is no picture below {self._location}; {near}.")

    def read(self, name: str) -> bytes:
        return read_object(self._s3, S3Location(self._location.bucket, self._location.key + name))


def read_object(s3: S3Client, location: S3Location) -> bytes:
    """Raises FileNotFoundError where it is not, Unread where it is too large, and what AWS refuses."""
    try:
        found = s3.get_object(Bucket=location.bucket, Key=location.key)
    except ClientError as error:
        if meant_code(error) in MISSING:
            raise FileNotFoundError(str(location)) from error
        raise
    if found["ContentLength"] > MAX_FILE_BYTES:
        found["Body"].close()
        raise Unread(TOO_LARGE)
    return found["Body"].read()


def object_chunks(s3: S3Client, location: S3Location) -> Iterator[bytes]:
    """The content of an object piece by piece; raises OperationError where there is none."""
    try:
        found = s3.get_object(Bucket=location.bucket, Key=location.key)
    except ClientError as error:
        if meant_code(error) in MISSING:
            raise OperationError(f"There is no object {location}.") from error
        raise
    yield from found["Body"].iter_chunks(_CHUNK)
