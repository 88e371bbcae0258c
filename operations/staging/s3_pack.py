"""A .rec in S3, read by ranges: nothing of it is kept on this machine."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from contracts.written_text import Line, written_lines
from operations.aws.errors import OperationError, meant_code
from operations.aws.s3_location import S3Location
from operations.staging.s3_folder import MISSING, object_chunks
from training.staging.own.packs import beside

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHANGED = ("PreconditionFailed", "412")


@dataclass(frozen=True)
class S3Pack:
    """An object, and those that have its key but for the ending."""

    s3: S3Client
    location: S3Location

    @property
    def where(self) -> str:
        return str(self.location)

    def open(self, buffer: int) -> BinaryIO:
        """Raises OperationError where there is no such object."""
        return io.BufferedReader(_S3File(self.s3, self.location, *self._found), buffer)

    def lines_of(self, suffix: str) -> Iterator[Line] | None:
        location = self.location._replace(key=beside(self.location.key, suffix))
        if self._look(location.key) is None:
            return None
        return written_lines(object_chunks(self.s3, location), str(location))

    @cached_property
    def _found(self) -> tuple[int, str]:
        found = self._look(self.location.key)
        if found is None:
            raise OperationError(f"There is no object {self.location}.")
        return found

    def _look(self, key: str) -> tuple[int, str] | None:
        """Size and entity tag of an object of the bucket, or None."""
        try:
            found = self.s3.head_object(Bucket=self.location.bucket, Key=key)
        except ClientError as error:
            if meant_code(error) in MISSING:
                return None
            raise
        return found["ContentLength"], found["ETag"]


class _S3File(io.RawIOBase):
    """An object as a file that is read and sought in; OperationError when it is another one by now."""

    def __init__(self, s3: S3Client, location: S3Location, size: int, version: str) -> None:
        self._s3, self._location, self._size, self._version = s3, location, size, version
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        try:
            found = self._s3.get_object(
                Bucket=self._location.bucket,
                Key=self._location.key,
                Range=f"bytes={self._at}-{self._at + wanted - 1}",
                IfMatch=self._version,
            )
        except ClientError as error:
            if meant_code(error) in (*MISSING, *_CHANGED):
                raise OperationError(
                    f"{self._location} was changed while it was read. Stage again."
                ) from error
            raise
        content = found["Body"].read()
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)
