"""The files of a run over many images, read as streams from the data bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from lambda_src.core.run.map_results import read_result_rows
from lambda_src.core.run.records import SUMMARY, run_key
from operations.aws.errors import OperationError, error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 256 * 1024


class RunFiles(NamedTuple):
    """Where the files of one execution are, and how they are read."""

    s3: S3Client
    bucket: str
    execution: str

    @property
    def address(self) -> str:
        """The folder, for people."""
        return f"s3://{self.bucket}/{self.key('')}"

    def key(self, name: str) -> str:
        """Key of a file of the run."""
        return run_key(self.execution, name)

    def summary(self) -> dict[str, Any] | None:
        """What the run came to; None before its results are merged, and after they have expired."""
        body = self.read(self.key(SUMMARY))
        return dict(json.loads(body)) if body else None

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of the run, one at a time; none where there is no such file."""
        return self.rows_at(self.key(name))

    def rows_at(self, key: str) -> Iterator[dict[str, Any]]:
        """The objects of any file of JSON in the bucket, one a line or one array of them."""
        try:
            yield from read_result_rows(self._chunks(key))
        except ValueError as error:
            raise OperationError(f"s3://{self.bucket}/{key} is damaged: {error}") from error

    def has(self, name: str) -> bool:
        """Whether a file of the run is there."""
        return self.key(name) in self.keys(name)

    def keys(self, name: str) -> list[str]:
        """Keys that begin with that of `name`."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.key(name))
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def read(self, key: str) -> bytes:
        """A small object of the bucket; empty where there is none."""
        return b"".join(self._chunks(key))

    def _chunks(self, key: str) -> Iterator[bytes]:
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise
            return
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(CHUNK_BYTES)
