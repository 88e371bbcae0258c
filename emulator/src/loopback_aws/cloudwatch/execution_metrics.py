"""AWS/States: what executions of state machines count."""

from __future__ import annotations

from loopback_aws.cloudwatch.metrics import METRICS
from loopback_aws.states.records import Execution

NAMESPACE = "AWS/States"
NAMES = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}
"""Status of an execution -> the metric that counts it."""


def count(execution: Execution) -> None:
    """Publish the metric of the execution's status, in the account and region at hand."""
    dimensions = {"StateMachineArn": execution.machine.arn}
    METRICS.record(NAMESPACE, NAMES[execution.status], dimensions, 1, "Count")
