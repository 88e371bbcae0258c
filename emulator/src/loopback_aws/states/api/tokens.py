"""Task tokens: results, failures and heartbeats from outside, and tasks for the workers of activities."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import weakref
from typing import Any

from moto.stepfunctions.parser.api import ActivityDoesNotExist
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    ActivityCallbackEndpoint,
    CallbackEndpoint,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
)
from moto.stepfunctions.parser.backend.activity import Activity, ActivityTask

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api.requests import refuse_large, required
from loopback_aws.states.flow.activity_queues import activities

POLL_SECONDS = 60.0
"""How long a worker's request for a task is held open
(docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html)."""
POLL_PAUSE = 0.05
"""Seconds between two looks at an activity's tasks."""
ENDED_TOKENS = 10_000
"""How many tokens of tasks that have ended are remembered, to tell them from tokens that never were."""


class Pool(CallbackPoolManager):
    """The tokens of one execution, each known to `tokens` as well."""

    def __init__(self) -> None:
        super().__init__(activity_store=activities)

    def add(self, callback_id: str) -> Any:
        endpoint = super().add(callback_id)
        tokens.add(callback_id, self)
        return endpoint

    def add_activity_task(self, callback_id: str, activity_arn: str, activity_input: str) -> Any:
        activity = self._activity_store.get(activity_arn)
        if activity is None:
            raise ActivityDoesNotExist
        endpoint = ActivityCallbackEndpoint(callback_id=callback_id, activity_input=activity_input)
        endpoint.get_activity_task_start_endpoint()._outcome = None
        self._pool[callback_id] = endpoint
        tokens.add(callback_id, self)
        activity.add_task(ActivityTask(task_token=callback_id, task_input=activity_input))  # workers see it
        return endpoint


class Tokens:
    """Which execution a token belongs to; of executions that have ended the last tokens are remembered."""

    def __init__(self) -> None:
        self._pools: dict[str, weakref.ref[Pool]] = {}
        self._lock = threading.Lock()
        self._settling = threading.Lock()
        self._sweep_at = ENDED_TOKENS * 2

    def add(self, token: str, pool: Pool) -> None:
        with self._lock:
            self._pools[token] = weakref.ref(pool)
            if len(self._pools) >= self._sweep_at:
                self._sweep()

    def endpoint(self, token: str) -> Any:
        """Where the task of the token waits.

        ApiError InvalidToken when it never was one, TaskTimedOut when the task has ended.
        """
        with self._lock:
            reference = self._pools.get(token)
        if reference is None:
            raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
        pool = reference()
        endpoint = pool.get(token) if pool else None
        if endpoint is None or is_closed(endpoint):
            raise ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return endpoint

    def settle(self, token: str, outcome: CallbackOutcome) -> None:
        """Give the task its answer, the first of all that come. ApiError as of `endpoint`."""
        with self._settling:
            self.endpoint(token).notify(outcome)

    def _sweep(self) -> None:
        """Forget the oldest tokens of executions that have ended."""
        dead = [token for token, pool in self._pools.items() if pool() is None]
        for token in dead[:-ENDED_TOKENS]:
            del self._pools[token]
        self._sweep_at = len(self._pools) + ENDED_TOKENS


tokens = Tokens()


def is_closed(endpoint: CallbackEndpoint) -> bool:
    """Whether the task has had its answer, or nobody waits for it any more."""
    return bool(endpoint._notify_event.is_set() or endpoint.consumer_error is not None)


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
