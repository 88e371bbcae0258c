"""An object of S3 as a stream that goes on where a connection broke."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.storage_errors import passes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 256 * 1024
ATTEMPTS = 5
"""Requests in a row that may bring no byte before the object counts as unreadable."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before the next attempt: doubled each time, and half of it by chance."""


class ReadFailed(Exception):
    """An object that is there cannot be read to its end; the message names it and the last error."""


@dataclass(frozen=True)
class ObjectStream:
    """One version of an object; `etag` "" for whichever is there when it is first asked for."""

    s3: S3Client
    bucket: str
    key: str
    etag: str = ""

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a piece at a time, each once.

        Raises ReadFailed, and what AWS refuses (NoSuchKey, AccessDenied …) as botocore raises it.
        """
        done, failures, etag = 0, 0, self.etag
        while True:
            before = done
            try:
                answer = self._answer(done, etag)
                if answer is None:
                    return
                etag = answer.get("ETag") or etag
                with closing(answer["Body"]) as body:
                    for chunk in body.iter_chunks(CHUNK_BYTES):
                        done += len(chunk)
                        yield chunk
                return
            except (ClientError, BotoCoreError, OSError) as error:
                if isinstance(error, ClientError) and not _passes(error):
                    raise
                failures = 1 if done > before else failures + 1
                if failures >= ATTEMPTS:
                    raise ReadFailed(
                        f"s3://{self.bucket}/{self.key} cannot be read beyond byte {done:,}: {error}"
                    ) from error
                _pause(failures)

    def _answer(self, start: int, etag: str) -> Any:
        """GetObject from byte `start` on; None when there is nothing behind it."""
        given: dict[str, Any] = {"Bucket": self.bucket, "Key": self.key}
        if etag:
            given["IfMatch"] = etag
        if start:
            given["Range"] = f"bytes={start}-"
        try:
            return self.s3.get_object(**given)
        except ClientError as error:
            if start and error.response.get("Error", {}).get("Code") == "InvalidRange":
                return None
            raise


def _passes(error: ClientError) -> bool:
    """Whether the same request may succeed a little later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return passes(error.response.get("Error", {}).get("Code", ""), status)


def _pause(failures: int) -> None:
    longest = min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
    time.sleep(longest * (0.5 + random.random() / 2))
