"""moto's tasks with tokens: each attempt has its own, closed when nobody waits for an answer any more."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service,
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy import (
    StateTaskActivity,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import HeartbeatEndpoint

from loopback_aws.states.data.jsonpath.data_flow import FatalError
from loopback_aws.states.flow.activity_queues import activities
from loopback_aws.states.flow.pauses import real_seconds

PRIVATE = (
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy:"
    "StateTaskActivity._eval_execution",
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback:"
    "StateTaskServiceCallback._eval_execution",
    "moto.stepfunctions.parser.asl.eval.callback.callback:ActivityCallbackEndpoint",
    "moto.stepfunctions.parser.asl.eval.callback.callback:CallbackPoolManager.add_activity_task",
    "moto.stepfunctions.parser.asl.eval.callback.callback:HeartbeatEndpoint.__init__",
)


def apply() -> None:
    """Wrap the attempts: an activity's leave their tokens open at a time-out, all others share one token."""
    evaluate = StateTaskActivity._eval_execution

    def evaluate_and_close(state: Any, env: Any) -> None:
        if activities.get(arn := state.resource.resource_arn) is None:
            raise FatalError(f"The activity {arn} does not exist.")
        try:
            evaluate(state, env)
        finally:
            task = env.states.context_object.context_object_data.get("Task", {})
            if endpoint := env.callback_pool_manager.get(task.get("Token")):
                endpoint.interrupt_all()

    initialise = HeartbeatEndpoint.__init__

    def wait_by_this_clock(self: Any, heartbeat_seconds: float) -> None:
        initialise(self, real_seconds(heartbeat_seconds))

    HeartbeatEndpoint.__init__ = wait_by_this_clock
    StateTaskActivity._eval_execution = evaluate_and_close
    state_task_service_callback.StateTaskServiceCallback._eval_execution = evaluate_with_token


def evaluate_with_token(state: Any, env: Any) -> None:
    """Evaluate one attempt of a task, with a new token if it has one at all."""
    context, pool = env.states.context_object, env.callback_pool_manager
    if endpoint := pool.get(context.context_object_data.get("Task", {}).get("Token")):
        endpoint.interrupt_all()
        pool.add(context.update_task_token())
    state_task_service.StateTaskService._eval_execution(state, env)
