"""The object in S3 that holds the state: replaced only by who read its last version."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambda_src.core.errors import ClassificationError
from reports.monitor.state import State

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = frozenset({"NoSuchKey", "404"})
_LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412"})
"""S3's answers to a conditional PUT where the object is another one, is being written, or is gone."""
_logger = logging.getLogger("scones")


class StateChanged(ClassificationError):
    """Another run wrote the state meanwhile. This one changed nothing; the next goes on from that state."""

    retried = True


class StateStore:
    """The object that holds the state. Remembers the version that it read or wrote last."""

    def __init__(self, s3: S3Client, bucket: str, key: str) -> None:
        self._s3, self._bucket, self._key = s3, bucket, key
        self._etag = ""

    def read(self) -> bytes | None:
        """The object's bytes; None where there is none.

        S3 answers 403 in place of 404 to who may not list the bucket. That is taken for none, too: should
        there be one after all, then the first `write` is refused.
        """
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._key)
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            if _status(error) == 403:
                _logger.warning("Monitor: no state is there, or s3:GetObject is not allowed: %s", error)
                return None
            raise
        self._etag = answer["ETag"]
        return answer["Body"].read()

    def write(self, state: State) -> None:
        """Replace the version that was read or written last; StateChanged when there is another by now."""
        condition: Any = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=state.as_bytes(),
                ContentType="application/gzip",
                **condition,
            )
        except ClientError as error:
            if _code(error) in _LOST or _status(error) == 412:
                raise StateChanged(
                    f"another run of the monitor wrote s3://{self._bucket}/{self._key} meanwhile. This run "
                    "counted nothing more; the next one goes on from there."
                ) from error
            raise
        self._etag = answer["ETag"]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
