"""What Lambda bills, by what it writes into a function's log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from contracts.names import function_log_group
from lambda_src.core.run.prices import Usage, lambda_gb_seconds

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

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


def billed(logs: CloudWatchLogsClient, function: str, since: float) -> dict[str, Billed]:
    """The invocations of a function since a Unix time, by request id, as far as its log has them."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=function_log_group(function), startTime=int(since * 1000)
    )
    read = (read_report(event["message"]) for page in pages for event in page["events"])
    return {one.request_id: one for one in read if one is not None}
