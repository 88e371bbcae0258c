"""Descriptions of many executions, as fast as Step Functions gives them.

DescribeExecution takes a few hundred calls at once and 10 to 15 a second from then on, for the whole account:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.s3_events import named_image

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

AT_ONCE = 8
PER_SECOND = 8.0
"""Calls a second once Step Functions has throttled one: less than it gives, which is for everybody."""
SECONDS = 120.0
_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})


class Description(NamedTuple):
    """What is kept of an execution: its error, "" when it says none, and the image that its input names.

    Bucket and key are "" where the input does not say them: the image came with it, or it may not be seen.
    """

    error: str
    s3_bucket: str
    s3_key: str


class Descriptions:
    """Reads descriptions, several at a time; after the first sign of throttling PER_SECOND a second.

    seconds: after so long no further one is asked for.
    """

    def __init__(self, states: SFNClient, seconds: float = SECONDS) -> None:
        self._states = states
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._next: float | None = None

    def read(self, arns: Iterable[str]) -> dict[str, Description]:
        """Descriptions by ARN; without those that are not there, may not be seen, or came too late."""
        arns = list(arns)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(self._read, arns)
            return {arn: one for arn, one in zip(arns, found, strict=True) if one is not None}

    def _read(self, arn: str) -> Description | None:
        while self._wait():
            try:
                said: Any = self._states.describe_execution(executionArn=arn)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _THROTTLED:
                    return None
                self._throttled()
                continue
            except BotoCoreError:
                return None
            if said.get("ResponseMetadata", {}).get("RetryAttempts"):
                self._throttled()
            return _description(said)
        return None

    def _wait(self) -> bool:
        """Wait for this call's turn; False when there is no time for it."""
        with self._lock:
            now = time.monotonic()
            turn = now if self._next is None else max(self._next, now)
            if turn >= self._end:
                return False
            if self._next is not None:
                self._next = turn + 1 / PER_SECOND
        time.sleep(turn - now)
        return True

    def _throttled(self) -> None:
        with self._lock:
            if self._next is None:
                self._next = time.monotonic() + 1.0


def _description(said: dict[str, Any]) -> Description:
    given = named_image(json_object(said.get("input")))
    bucket, key = given.get("s3_bucket"), given.get("s3_key")
    return Description(
        error=said.get("error") or "",
        s3_bucket=bucket if isinstance(bucket, str) else "",
        s3_key=key if isinstance(key, str) else "",
    )


def json_object(text: str | None) -> dict[str, Any]:
    """A JSON object in text; empty for whatever else it is."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
