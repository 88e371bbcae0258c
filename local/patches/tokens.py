"""moto's activity tasks: a token is closed as soon as nobody waits for its answer any more."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy import (
    StateTaskActivity,
)

PRIVATE = (
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy:"
    "StateTaskActivity._eval_execution",
    "moto.stepfunctions.parser.asl.eval.callback.callback:ActivityCallbackEndpoint",
    "moto.stepfunctions.parser.asl.eval.callback.callback:CallbackPoolManager.add_activity_task",
)


def apply() -> None:
    """Wrap the wait for a worker, which leaves the token open when it times out."""
    evaluate = StateTaskActivity._eval_execution

    def evaluate_and_close(state: Any, env: Any) -> None:
        try:
            evaluate(state, env)
        finally:
            task = env.states.context_object.context_object_data.get("Task", {})
            if endpoint := env.callback_pool_manager.get(task.get("Token")):
                endpoint.interrupt_all()

    StateTaskActivity._eval_execution = evaluate_and_close
