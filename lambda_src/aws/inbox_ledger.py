"""The inbox's ledger in S3, replaced only if nobody else did."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambda_src.aws.s3 import named_errors
from lambda_src.core.errors import ImageNotFound, WorkflowUnavailable
from lambda_src.core.inbox.ledger import Ledger, read_ledger, write_ledger
from lambda_src.core.location import address

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LEDGER = "ledger.json"
_CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict")


class S3Ledger:
    """In the data bucket, below `folder`. Read it before you write it."""

    def __init__(self, s3: S3Client, bucket: str, folder: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = f"{folder}{LEDGER}"
        self._condition: dict[str, Any] = {}

    def read(self) -> Ledger:
        """An empty one where there is none. Raises what `storage_error` names, and InvalidConfiguration."""
        try:
            with named_errors("read", self._bucket, self._key):
                answer = self._s3.get_object(Bucket=self._bucket, Key=self._key)
                with closing(answer["Body"]) as body:
                    data = body.read()
        except ImageNotFound as error:
            if not _is_missing_object(error):
                raise
            self._condition = {"IfNoneMatch": "*"}
            return Ledger()
        self._condition = {"IfMatch": answer["ETag"]}
        return read_ledger(data, address(self._bucket, self._key))

    def write(self, ledger: Ledger) -> None:
        """Raises WorkflowUnavailable where somebody else has written, and what `storage_error` names."""
        with named_errors("written", self._bucket, self._key):
            try:
                answer = self._s3.put_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Body=write_ledger(ledger),
                    ContentType="application/json",
                    **self._condition,
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _CONFLICTS:
                    raise
                raise WorkflowUnavailable(
                    f"another invocation has written {address(self._bucket, self._key)}: "
                    "the messages come again"
                ) from error
        self._condition = {"IfMatch": answer["ETag"]}


def _is_missing_object(error: ImageNotFound) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") == "NoSuchKey"
