"""Step Functions: LoggingConfiguration is checked, and kept when it comes from a template.

The emulator takes any configuration of the API and drops that of templates. What is logged, and how, is in
`states.history.logs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from loopback_aws.errors import ApiError
from loopback_aws.states.api.logging_configuration import complete, of_template

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::StepFunctions::StateMachine",
    "ministack.services.cloudwatch_logs:_append_log_events",
    "ministack.services.cloudwatch_logs:_create_log_stream",
    "ministack.services.cloudwatch_logs:_fanout_to_live_tail_sessions",
    "ministack.services.cloudwatch_logs:_fanout_to_subscription_filters",
    "ministack.services.cloudwatch_logs:_log_groups",
    "ministack.services.stepfunctions:_create_state_machine",
    "ministack.services.stepfunctions:_state_machines",
    "ministack.services.stepfunctions:_update_state_machine",
)
Operation = Callable[[dict[str, Any]], Any]


def apply() -> None:
    """Wrap the resource type, CreateStateMachine and UpdateStateMachine."""
    original = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]

    def create(logical_id: str, properties: dict[str, Any], *rest: Any) -> Any:
        configuration = configuration_of(properties)
        created = original["create"](logical_id, properties, *rest)
        stepfunctions._state_machines[created[0]]["loggingConfiguration"] = configuration
        return created

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        configuration = configuration_of(new)
        updated = original["update"](physical_id, old, new, *rest)
        stepfunctions._state_machines[updated[0]]["loggingConfiguration"] = configuration
        return updated

    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"] = original | {
        "create": create,
        "update": update,
    }
    stepfunctions._create_state_machine = checking(stepfunctions._create_state_machine)
    stepfunctions._update_state_machine = checking(stepfunctions._update_state_machine)


def configuration_of(properties: dict[str, Any]) -> dict[str, Any]:
    """The template's LoggingConfiguration; ValueError, which fails the resource, when AWS would refuse it."""
    try:
        return of_template(properties)
    except ApiError as error:
        raise ValueError(f'Resource handler returned message: "{error}"') from error


def checking(operation: Operation) -> Operation:
    """The operation, which refuses an invalid `loggingConfiguration` and completes a valid one."""

    def checked(request: dict[str, Any]) -> Any:
        if request.get("loggingConfiguration") is None:
            return operation(request)
        try:
            configuration = complete(request["loggingConfiguration"])
        except ApiError as error:
            return error_response_json(error.code, error.message, 400)
        return operation(request | {"loggingConfiguration": configuration})

    return checked
