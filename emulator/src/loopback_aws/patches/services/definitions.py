"""Step Functions: a definition that AWS refuses, or that would not run as there, is refused when made."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from loopback_aws.errors import ApiError
from loopback_aws.states.api.machine_requests import check_change, check_creation
from loopback_aws.states.definitions.check import diagnose
from loopback_aws.states.definitions.diagnostics import refusal
from loopback_aws.states.definitions.validation import check_length, validate
from loopback_aws.states.records import Type

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_sfn_definition",
    "ministack.services.cloudformation.provisioners:_sfn_service_error",
    "ministack.services.stepfunctions:_create_state_machine",
    "ministack.services.stepfunctions:_state_machines",
    "ministack.services.stepfunctions:_update_state_machine",
    "ministack.services.stepfunctions:_validate_definition_jsonata",
    "ministack.services.stepfunctions:_validate_state_machine_definition",
)
Response = tuple[int, dict[str, str], bytes]
_type: ContextVar[Type] = ContextVar("machine_type", default="STANDARD")
"""Type of the state machine that is being made or changed; the emulator's check is not told."""


def apply() -> None:
    """Check definitions of the API and of templates, which take different ways through the emulator."""
    create, update = stepfunctions._create_state_machine, stepfunctions._update_state_machine
    stepfunctions._create_state_machine = _checked(create, lambda request: request, check_creation)
    stepfunctions._update_state_machine = _checked(
        update,
        lambda request: stepfunctions._state_machines.get(request.get("stateMachineArn")) or {},
        check_change,
    )
    stepfunctions._validate_definition_jsonata = lambda text: refusal(diagnose(text, _type.get()))
    stepfunctions._validate_state_machine_definition = _validate
    provisioners._sfn_definition = _reading(provisioners._sfn_definition)


def _checked(
    operation: Callable[[dict[str, Any]], Response],
    machine: Callable[[dict[str, Any]], dict[str, Any]],
    check: Callable[[dict[str, Any]], None],
) -> Callable[[dict[str, Any]], Response]:
    """The operation with the type of its machine known, and with the limit of the definition's length."""

    def run(request: dict[str, Any]) -> Response:
        token = _type.set("EXPRESS" if machine(request).get("type") == "EXPRESS" else "STANDARD")
        try:
            check(request)
            if "definition" in request or operation.__name__ == "_create_state_machine":
                check_length(request.get("definition"))
            return operation(request)
        except ApiError as error:
            return _error(error)
        finally:
            _type.reset(token)

    return run


def _validate(request: dict[str, Any]) -> Response:
    try:
        answer: Response = json_response(validate(request))
    except ApiError as error:
        return _error(error)
    return answer


def _reading(read: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
    """The reader of a template's definition, which refuses as the resource's handler does on AWS."""

    def read_definition(properties: dict[str, Any]) -> str:
        text = read(properties)
        express = properties.get("StateMachineType") == "EXPRESS"
        if refused := refusal(diagnose(text, "EXPRESS" if express else "STANDARD")):
            raise provisioners._sfn_service_error(error_response_json("InvalidDefinition", refused, 400))
        return text

    return read_definition


def _error(error: ApiError) -> Response:
    answer: Response = error_response_json(error.code, error.message, error.status)
    return answer
