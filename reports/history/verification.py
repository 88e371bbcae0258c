"""What came of the last verification of a stage: an object that `scones verify` keeps and reports show."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contracts.artifact.digest import short_digest
from contracts.names import MONITOR_FOLDER
from reports.document import Numbers, Verification
from reports.times import read_moment, utc

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = f"{MONITOR_FOLDER}verified.json"
"""Where the monitor may read; one object, overwritten by each verification."""
MOST_BYTES = 10_000
_logger = logging.getLogger("scones")


def keep_verification(s3: S3Client, bucket: str, verification: Verification) -> None:
    """Let reports show it. Raises what S3 refuses with."""
    body = json.dumps(verification, indent=1).encode()
    s3.put_object(Bucket=bucket, Key=KEY, Body=body, ContentType="application/json")


def with_verification(numbers: Numbers, s3: S3Client, bucket: str) -> Numbers:
    """The numbers, with the last verification where it was of their model."""
    found = _read(s3, bucket)
    if found is None or found["model"] != short_digest(numbers["model"]["digest"]):
        return numbers
    return {**numbers, "verified": found}


def _read(s3: S3Client, bucket: str) -> Verification | None:
    """None where there is none, or nothing that can be read: a report can do without."""
    try:
        with closing(s3.get_object(Bucket=bucket, Key=KEY)["Body"]) as body:
            return _checked(json.loads(body.read(MOST_BYTES)))
    except (BotoCoreError, ClientError, OSError, ValueError, RecursionError) as error:
        missing = isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey"
        if not missing:
            _logger.warning("The last verification, s3://%s/%s, cannot be read: %s", bucket, KEY, error)
        return None


def _checked(document: Any) -> Verification:
    """Raises ValueError for what was not kept here."""
    try:
        return {
            "time": utc(read_moment(document["time"])),
            "model": str(document["model"]),
            "pictures": int(document["pictures"]),
            "as_expected": int(document["as_expected"]),
        }
    except (KeyError, TypeError) as error:
        raise ValueError(f"no record of a verification: {error!r}") from error
