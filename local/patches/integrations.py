"""moto's service integrations: members under AWS's names, and a task token for each attempt.

moto has the places where members are renamed, and leaves them empty; it makes one token for all attempts, so
that a retried callback task would take its old answer.
"""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callbacks,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)

from local.states.service_members import from_result, shapes, to_request
from local.states.tokens import is_closed

_SERVICES = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service"
PRIVATE = (
    f"{_SERVICES}.state_task_service:StateTaskService._eval_execution",
    f"{_SERVICES}.state_task_service:StateTaskService._get_boto_service_action",
    f"{_SERVICES}.state_task_service:StateTaskService._get_boto_service_name",
    f"{_SERVICES}.state_task_service:StateTaskService._normalise_parameters",
    f"{_SERVICES}.state_task_service:StateTaskService._normalise_response",
)


def apply() -> None:
    """Fill in the empty methods; look at the token before each attempt."""
    StateTaskService._normalise_parameters = rename_parameters
    StateTaskService._normalise_response = rename_result
    evaluate = callbacks.StateTaskServiceCallback._eval_execution

    def evaluate_with_open_token(state: Any, env: Any) -> None:
        renew_token(state, env)
        evaluate(state, env)

    callbacks.StateTaskServiceCallback._eval_execution = evaluate_with_open_token


def rename_parameters(
    state: Any,
    parameters: dict[str, Any],
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """Turn a Task's parameters, in place, into those of the boto3 method."""
    service = state._get_boto_service_name(boto_service_name)
    shape, _ = shapes(service, state._get_boto_service_action(service_action_name))
    if shape is not None:
        renamed = to_request(parameters, shape)
        parameters.clear()
        parameters.update(renamed)


def rename_result(
    state: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """Turn the answer of a boto3 method, in place, into a Task's result."""
    service = state._get_boto_service_name(boto_service_name)
    _, shape = shapes(service, state._get_boto_service_action(service_action_name))
    if isinstance(response, dict) and shape is not None:
        renamed = from_result(response, shape)
        response.clear()
        response.update(renamed)


def renew_token(state: Any, env: Any) -> None:
    """A fresh token, when the one of the attempt before has had its answer."""
    context = env.states.context_object
    token = context.context_object_data.get("Task", {}).get("Token")
    waits = ResourceCondition.WaitForTaskToken in state._supported_integration_patterns
    if not (waits and token and state.resource.condition):
        return
    endpoint = env.callback_pool_manager.get(token)
    if endpoint is not None and is_closed(endpoint):
        env.callback_pool_manager.add(context.update_task_token())
