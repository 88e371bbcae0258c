"""A Task, Map or Parallel state is tried until it succeeds, is caught or has failed for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.flow.error_names import RUNTIME

Record = Callable[[Any, FailureEvent, Exception], None]
"""Adds the events of a failure to the history; called with environment, failure and exception."""


class PartFailed(FailureEventException):
    """A branch or an iteration has failed; its cause says already where it arose."""

    def get_execution_failed_event_details(self) -> Any:
        return next(iter((self.failure_event.event_details or {}).values()))


def attempt(state: Any, env: Any, *, each_time: Record | None = None, at_last: Record | None = None) -> None:
    """Evaluate a state with its Retry and Catch.

    `each_time` records a failure before it is retried, `at_last` once it is not. States.Runtime ends the
    execution at once, without an event of the state's own.
    """
    env.states.context_object.context_object_data["State"]["RetryCount"] = 0
    stack = list(env.stack)
    while env.is_running():
        try:
            state._evaluate_with_timeout(env)
            return
        except NoSuchJsonPathError:
            raise  # becomes States.Runtime, with the field's name
        except Exception as error:
            if not env.is_running():
                return  # stopped meanwhile: nothing that fails now counts
            failure = state._from_error(env=env, ex=error)
            if failure.error_name is None or failure.error_name.error_name != RUNTIME:
                if each_time:
                    each_time(env, failure, error)
                if _is_retried(state, env, failure):
                    env.stack[:] = stack
                    continue
                if at_last:
                    at_last(env, failure, error)
                if _is_caught(state, env, failure):
                    return
            raise error if isinstance(error, PartFailed) else FailureEventException(failure) from error


def _is_retried(state: Any, env: Any, failure: FailureEvent) -> bool:
    """Whether the state is to be tried again, once its pause is over."""
    output = state._construct_error_output_value(failure_event=failure)
    env.states.set_error_output(output)
    env.states.set_result(output)
    if not state.retry:
        return False
    return bool(state._handle_retry(env=env, failure_event=failure) is RetryOutcome.CanRetry)


def _is_caught(state: Any, env: Any, failure: FailureEvent) -> bool:
    """Whether a catcher has taken the failure; its outcome is then on the stack."""
    if not state.catch:
        return False
    env.__dict__.pop("assigned", None)  # by the state, which failed after all
    state._handle_catch(env=env, failure_event=failure)
    return bool(env.stack[-1] is CatchOutcome.Caught)


def record_failure(env: Any, failure: FailureEvent, _: Exception) -> None:
    """The event of a task's failure."""
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=failure.event_type,
        event_details=failure.event_details,
    )


def record_map_failure(env: Any, failure: FailureEvent, error: Exception) -> None:
    """The events of a Map state's failure."""
    if failure.event_type == HistoryEventType.ExecutionFailed:
        return
    if failure.event_type == HistoryEventType.EvaluationFailed and isinstance(error, FailureEventException):
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=failure.event_type,
            event_details={"evaluationFailedEventDetails": error.get_evaluation_failed_event_details()},
        )
    env.event_manager.add_event(context=env.event_history_context, event_type=HistoryEventType.MapStateFailed)


def record_parallel_failure(env: Any, _: FailureEvent, __: Exception) -> None:
    """The event of a Parallel state's failure."""
    env.event_manager.add_event(
        context=env.event_history_context, event_type=HistoryEventType.ParallelStateFailed
    )
