"""What a design used: Lambda's time by logs, transitions by histories, requests to S3 by how it is written.

No log at hand counts the requests: S3's own come hours later. What data capture writes is left out for every
design: SageMaker decides how many records an object holds.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from contracts.names import function_log_group
from lambda_src.core.run.prices import Usage, lambda_gb_seconds
from lambda_src.core.run.summary import LISTED_AT_ONCE, RUN_FILES
from operations.aws.errors import OperationError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_stepfunctions import SFNClient

SINGLE_REQUESTS = Usage(s3_gets=1)
"""Of S3: an image of at most 184,320 bytes is read once, a larger one again by the next function."""
REFERENCE_REQUESTS = Usage(s3_gets=1)
BATCH_REQUESTS = Usage(s3_gets=1, s3_puts_and_lists=1)
"""The pack is written and read once; images of more than 6,291,456 bytes together take more packs."""
RUN_REQUESTS = Usage(s3_gets=RUN_FILES, s3_puts_and_lists=RUN_FILES)
"""Plan, rejected lines, the map's result files and what they become."""
IMAGE_REQUESTS = Usage(s3_gets=1, s3_puts_and_lists=1 / LISTED_AT_ONCE)
"""Each image is read once, and listed below a prefix."""
WAIT_SECONDS = 60.0
"""Longest wait for the log lines of an invocation."""
_LOOK_SECONDS = 0.5
_SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
_TEXT = re.compile(
    r"REPORT RequestId: (?P<id>\S+)\s.*?Billed Duration: (?P<ms>[\d.]+) ms\s.*?Memory Size: (?P<mb>\d+) MB",
    re.S,
)


class Billed(NamedTuple):
    """One invocation."""

    request_id: str
    seconds: float
    memory_mb: int


def read_report(message: str) -> Billed | None:
    """The invocation that a log line reports, a REPORT line or a platform.report object; None for others."""
    if match := _TEXT.match(message):
        return Billed(match["id"], float(match["ms"]) / 1000, int(match["mb"]))
    if '"platform.report"' not in message:
        return None
    try:
        record = json.loads(message)["record"]
        metrics = record["metrics"]
        return Billed(record["requestId"], metrics["billedDurationMs"] / 1000, int(metrics["memorySizeMB"]))
    except (ValueError, KeyError, TypeError):
        return None


def lambda_usage(invocations: Iterable[Billed]) -> Usage:
    """Requests and GB-seconds of the invocations together."""
    usage = Usage()
    for one in invocations:
        usage = usage.plus(
            Usage(lambda_requests=1, lambda_gb_seconds=lambda_gb_seconds(one.seconds, one.memory_mb))
        )
    return usage


def billed_since(
    logs: CloudWatchLogsClient, function: str, since: float, expected: int, wait: float = WAIT_SECONDS
) -> list[Billed]:
    """The `expected` invocations of a function since a Unix time; its log lines come a little late.

    Raises OperationError when there are more, or not as many in time.
    """
    end = time.monotonic() + wait
    while True:
        found = _reports(logs, function, since)
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


def _reports(logs: CloudWatchLogsClient, function: str, since: float) -> dict[str, Billed]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=function_log_group(function), startTime=int(since * 1000)
    )
    read = (read_report(event["message"]) for page in pages for event in page["events"])
    return {one.request_id: one for one in read if one is not None}


def transitions(states: SFNClient, execution: str) -> int:
    """State transitions of a Standard execution, as its history tells them."""
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=False
    )
    return count_transitions(event["type"] for page in pages for event in page["events"])


def count_transitions(event_types: Iterable[str]) -> int:
    """Steps that were executed, and each retry, which AWS charges as one more.

    The start and the end of an execution are not counted: AWS's price list speaks of steps, and a figure that
    is too low favours designs of many transitions, which are the ones that ours is compared with.
    """
    types = list(event_types)
    attempts = sum(type_ in _SCHEDULED for type_ in types)
    tasks = types.count("TaskStateEntered")
    return sum(type_.endswith("StateEntered") for type_ in types) + max(attempts - tasks, 0)
