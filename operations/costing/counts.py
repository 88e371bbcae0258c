"""What a design used: Lambda's time by logs (costs), requests to S3 by how it is written.

No log at hand counts the requests: S3's own come hours later. What data capture writes is left out for every
design: SageMaker decides how many records an object holds.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from costs.billed import Billed, billed
from lambda_src.core.run.prices import Usage, lambda_gb_seconds
from lambda_src.core.run.summary import LISTED_AT_ONCE, RUN_FILES
from operations.aws.errors import OperationError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

SINGLE_REQUESTS = Usage(s3_gets=1)
"""Of S3: an image of at most 184,320 bytes is read once, a larger one again by the next function."""
BATCH_REQUESTS = Usage(s3_gets=1, s3_puts_and_lists=1)
"""The pack is written and read once; images of more than 6,291,456 bytes together take more packs."""
RUN_REQUESTS = Usage(s3_gets=RUN_FILES, s3_puts_and_lists=RUN_FILES)
"""Plan, rejected lines, the map's result files and what they become."""
IMAGE_REQUESTS = Usage(s3_gets=1, s3_puts_and_lists=1 / LISTED_AT_ONCE)
"""Each image is read once, and listed below a prefix."""
SINGLE_ARRIVAL = Usage(
    events=1, queue_requests=3, lambda_requests=1, lambda_gb_seconds=lambda_gb_seconds(0.05, 256)
)
"""Of the inbox, for an image that comes alone: its event, a message sent, received and deleted, and an
invocation that makes one call. Images that come together share invocations and requests, up to ten."""
GATHERED_IMAGES = 10_000
"""Of one run of the inbox, at most."""
GATHERED_ARRIVAL = Usage(
    events=1,
    queue_requests=1.2,
    lambda_requests=1 / GATHERED_IMAGES,
    lambda_gb_seconds=lambda_gb_seconds(0.002, 256),
    s3_gets=1 / GATHERED_IMAGES,
    s3_puts_and_lists=3 / GATHERED_IMAGES,
)
"""Of the inbox, gathering: messages are received and deleted by ten; a run has a list, the ledger twice."""
WAIT_SECONDS = 60.0
"""Longest wait for the log lines of an invocation."""
_LOOK_SECONDS = 0.5


def billed_since(
    logs: CloudWatchLogsClient, function: str, since: float, expected: int, wait: float = WAIT_SECONDS
) -> list[Billed]:
    """The `expected` invocations of a function since a Unix time; its log lines come a little late.

    Raises OperationError when there are more, or not as many in time.
    """
    end = time.monotonic() + wait
    while True:
        found = billed(logs, function, since)
        if len(found) == expected:
            return list(found.values())
        if len(found) > expected:
            raise OperationError(
                f"{function} was invoked {len(found)} times instead of {expected}: something else uses the "
                "stage, or calls failed and were retried. Measure again while nothing else runs."
            )
        if time.monotonic() > end:
            raise OperationError(
                f"The log of {function} reports {len(found)} of {expected} invocations after {wait:.0f} s. "
                "Its system log level must let platform reports through."
            )
        time.sleep(_LOOK_SECONDS)
