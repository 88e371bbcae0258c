"""Task tokens: where each task waits for its answer, and which tokens of ended tasks are still known."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from moto.stepfunctions.parser.api import ActivityDoesNotExist
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    ActivityCallbackEndpoint,
    CallbackEndpoint,
    CallbackOutcome,
    CallbackPoolManager,
)
from moto.stepfunctions.parser.backend.activity import ActivityTask

from loopback_aws.errors import ApiError
from loopback_aws.states.flow.activity_queues import activities

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
