"""Answers to tasks from outside by their tokens, and tasks for the workers of activities."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.backend.activity import Activity, ActivityTask

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api.requests import refuse_large, required
from loopback_aws.states.flow.activity_queues import activities
from loopback_aws.states.flow.task_tokens import tokens

POLL_SECONDS = 60.0
"""How long a worker's request for a task is held open
(docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html)."""
POLL_PAUSE = 0.05
"""Seconds between two looks at an activity's tasks."""


def send_success(request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskSuccess. ApiError InvalidOutput, InvalidToken, TaskTimedOut."""
    token, output = required(request, "taskToken"), required(request, "output")
    refuse_large("output", output)
    try:
        json.loads(output)
    except (ValueError, TypeError) as error:
        raise ApiError("InvalidOutput", f"Invalid Output: '{error}'") from None
    tokens.settle(token, CallbackOutcomeSuccess(callback_id=token, output=output))
    return {}


def send_failure(request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskFailure. ApiError InvalidToken, TaskTimedOut."""
    token = required(request, "taskToken")
    error, cause = request.get("error"), request.get("cause")
    tokens.settle(token, CallbackOutcomeFailure(callback_id=token, error=error, cause=cause))
    return {}


def send_heartbeat(request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskHeartbeat; good for tasks without HeartbeatSeconds too. ApiError InvalidToken, TaskTimedOut."""
    tokens.endpoint(required(request, "taskToken")).notify_heartbeat()
    return {}


async def get_activity_task(request: dict[str, Any], seconds: float = POLL_SECONDS) -> dict[str, Any]:
    """GetActivityTask: wait for a task, at most a minute; a null token when there was none.

    ApiError InvalidArn, ActivityDoesNotExist.
    """
    arn = arns.parsed(required(request, "activityArn"), "activity").text
    deadline = time.monotonic() + seconds
    while True:
        activity = activities.get(arn)
        if activity is None:
            raise ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        if task := next_task(activity, request.get("workerName")):
            return {"taskToken": task.task_token, "input": task.task_input}
        if time.monotonic() >= deadline:
            return {"taskToken": None}
        await asyncio.sleep(POLL_PAUSE)


def next_task(activity: Activity, worker: str | None) -> ActivityTask | None:
    """The next task that is still waited for, marked as started by the worker; None without one."""
    while True:
        try:
            task: ActivityTask = activity.get_task()
            tokens.endpoint(task.task_token).notify_activity_task_start(worker)
        except IndexError:  # no task waits
            return None
        except ApiError:  # stopped or timed out before a worker came
            continue
        return task
