"""Step Functions: revisions of machines, what of them is told, and the versions that are made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from loopback_aws.errors import ApiError
from loopback_aws.states.api import revisions
from loopback_aws.states.api.answers import known
from loopback_aws.states.api.machine_requests import CHANGES

_MACHINE = "AWS::StepFunctions::StateMachine"
PRIVATE = (
    "ministack.core.responses:now_iso",
    "ministack.services.stepfunctions:_create_state_machine",
    "ministack.services.stepfunctions:_describe_state_machine",
    "ministack.services.stepfunctions:_publish_state_machine_version",
    "ministack.services.stepfunctions:_state_machine_versions",
    "ministack.services.stepfunctions:_state_machines",
    "ministack.services.stepfunctions:_update_state_machine",
    f"ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.{_MACHINE}",
)
Response = tuple[int, dict[str, str], bytes]
Operation = Callable[[dict[str, Any]], Response]


def apply() -> None:
    """Wrap what makes, changes, publishes and describes machines; after the checks of their definitions."""
    stepfunctions._create_state_machine = _create(stepfunctions._create_state_machine)
    stepfunctions._publish_state_machine_version = _publish(stepfunctions._publish_state_machine_version)
    stepfunctions._update_state_machine = _update(stepfunctions._update_state_machine)
    stepfunctions._describe_state_machine = _describe(stepfunctions._describe_state_machine)
    _provision()


def _create(operation: Operation) -> Operation:
    def create(request: dict[str, Any]) -> Response:
        try:
            revisions.check_description(request)
        except ApiError as error:
            return _refusal(error)
        answer = operation(request)
        if answer[0] == 200:
            machine = stepfunctions._state_machines[json.loads(answer[2])["stateMachineArn"]]
            if "tracingConfiguration" not in machine:  # it may have been there: making one twice is no error
                revisions.made(machine, request)
        return answer

    return create


def _update(operation: Operation) -> Operation:
    def update(request: dict[str, Any]) -> Response:
        machine = stepfunctions._state_machines.get(request.get("stateMachineArn"))
        if machine is None:
            return operation(request)
        old = revisions.before(machine)
        publishes = bool(request.get("publish"))
        answer: dict[str, Any] = {"updateDate": now_iso()}
        try:
            revisions.check_description(request)
        except ApiError as error:
            return _refusal(error)
        if not publishes or any(request.get(name) is not None for name in CHANGES):
            inner = {name: value for name, value in request.items() if name != "publish"}
            done = operation(inner)
            if done[0] != 200:
                return done
            answer = json.loads(done[2])
            revisions.changed(machine, old, request)
        if publishes:
            named = {"description": request.get("versionDescription", "")}
            version = stepfunctions._publish_state_machine_version(
                {"stateMachineArn": machine["stateMachineArn"], **named}
            )
            answer["stateMachineVersionArn"] = json.loads(version[2])["stateMachineVersionArn"]
        return _answer(known(answer | {"revisionId": revisions.told(machine["revisionId"])}))

    return update


def _publish(operation: Operation) -> Operation:
    def publish(request: dict[str, Any]) -> Response:
        machine = stepfunctions._state_machines.get(request.get("stateMachineArn"))
        if machine is None:
            return operation(request)
        try:
            version = revisions.published(machine, request.get("revisionId"))
        except ApiError as error:
            return _refusal(error)
        if version:
            return _answer({name: version[name] for name in ("stateMachineVersionArn", "creationDate")})
        done = operation({name: value for name, value in request.items() if name != "revisionId"})
        made = stepfunctions._state_machine_versions[json.loads(done[2])["stateMachineVersionArn"]]
        made["tracingConfiguration"] = machine.get("tracingConfiguration")
        return done

    return publish


def _describe(operation: Operation) -> Operation:
    def describe(request: dict[str, Any]) -> Response:
        answer = operation(request)
        return _answer(revisions.described(json.loads(answer[2]), request)) if answer[0] == 200 else answer

    return describe


def _provision() -> None:
    """Machines of templates, which are made past CreateStateMachine."""
    original = provisioners._RESOURCE_HANDLERS[_MACHINE]

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        arn, attributes = original["create"](logical_id, properties, stack)
        revisions.made(stepfunctions._state_machines[arn], {"tracingConfiguration": _tracing(properties)})
        return arn, attributes | {"StateMachineRevisionId": revisions.INITIAL}

    def update(
        arn: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None
    ) -> Any:
        updated = original["update"](arn, old, new, stack, logical_id)
        stepfunctions._state_machines[updated[0]]["tracingConfiguration"] = _tracing(new)
        return updated

    provisioners._RESOURCE_HANDLERS[_MACHINE] = original | {"create": create, "update": update}


def _tracing(properties: dict[str, Any]) -> dict[str, bool]:
    said = (properties.get("TracingConfiguration") or {}).get("Enabled")
    return {"enabled": str(said).lower() == "true"}


def _answer(body: dict[str, Any]) -> Response:
    answer: Response = json_response(body)
    return answer


def _refusal(error: ApiError) -> Response:
    answer: Response = error_response_json(error.code, error.message, error.status)
    return answer
