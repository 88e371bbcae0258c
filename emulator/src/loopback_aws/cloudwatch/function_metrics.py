"""AWS/Lambda: what invocations of functions count, whoever makes them."""

from __future__ import annotations

from loopback_aws.cloudwatch.metrics import METRICS
from loopback_aws.cloudwatch.scale import rounded

NAMESPACE = "AWS/Lambda"


def count_invocation(function: str, milliseconds: float, *, failed: bool) -> None:
    """An invocation that ran."""
    dimensions = {"FunctionName": function}
    METRICS.record(NAMESPACE, "Invocations", dimensions, 1, "Count")
    METRICS.record(NAMESPACE, "Errors", dimensions, float(failed), "Count")
    METRICS.record(NAMESPACE, "Throttles", dimensions, 0, "Count")
    METRICS.record(NAMESPACE, "Duration", dimensions, rounded(milliseconds), "Milliseconds")


def count_throttle(function: str) -> None:
    """An invocation that was refused: on AWS it counts neither as an invocation nor as an error."""
    METRICS.record(NAMESPACE, "Throttles", {"FunctionName": function}, 1, "Count")
