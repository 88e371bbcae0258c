"""Which names of a Retry or a Catch match an error.

Source: docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, "Error names".
"""

from __future__ import annotations

from collections.abc import Collection

from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
TOO_MANY_FAILED = "States.ExceedToleratedFailureThreshold"
TOO_MANY_FAILED_CAUSE = "The specified tolerated failure threshold was exceeded"
NOT_OF_ALL = (RUNTIME, DATA_LIMIT)
"""Errors that no wildcard matches."""


class MissedHeartbeat(ErrorName):
    """A time-out because no heartbeat came: reported as States.Timeout, matched by two names."""

    def __init__(self) -> None:
        super().__init__(TIMEOUT)


def matches(names: Collection[str | None], error: ErrorName | None) -> bool:
    """Whether one of the names of a Retry or Catch matches; `error` is None for a Fail state without one."""
    name = error.error_name if error else None
    if name == RUNTIME:
        return False  # always fails the execution
    if name in names or (isinstance(error, MissedHeartbeat) and HEARTBEAT in names):
        return True
    if name in NOT_OF_ALL:
        return False
    return ALL in names or (TASK_FAILED in names and name not in (TIMEOUT, HEARTBEAT))
