"""moto's service integrations: members under AWS's names, for which moto has places that it leaves empty."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)

from loopback_aws.states.flow.sdk_services import boto_action, boto_service
from loopback_aws.states.flow.service_members import from_result, shapes, to_request

_SERVICES = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service"
PRIVATE = (
    f"{_SERVICES}.state_task_service_aws_sdk:StateTaskServiceAwsSdk._get_boto_service_action",
    f"{_SERVICES}.state_task_service_aws_sdk:StateTaskServiceAwsSdk._get_boto_service_name",
    f"{_SERVICES}.state_task_service:StateTaskService._normalise_parameters",
    f"{_SERVICES}.state_task_service:StateTaskService._normalise_response",
)


def apply() -> None:
    """Fill in the empty methods."""
    StateTaskService._normalise_parameters = rename_parameters
    StateTaskService._normalise_response = rename_result
    StateTaskServiceAwsSdk._get_boto_service_name = sdk_service
    StateTaskServiceAwsSdk._get_boto_service_action = sdk_action


def sdk_service(state: Any, service: str | None = None) -> str:
    """botocore's name of the service that an `aws-sdk:` integration calls."""
    return boto_service(service or state.resource.api_name) or ""


def sdk_action(state: Any, action: str | None = None) -> str:
    """The boto3 method that an `aws-sdk:` integration calls."""
    return boto_action(state._get_boto_service_name(), action or state.resource.api_action) or ""


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
        if isinstance(state, StateTaskServiceAwsSdk):  # its results are the service's own
            renamed.pop("SdkHttpMetadata", None)
            renamed.pop("SdkResponseMetadata", None)
        response.clear()
        response.update(renamed)
