"""Step Functions: the emulator keeps machines, versions, aliases; what runs and works is the project's.

Handlers are looked up by name at every request, so replacing them is enough; EventBridge rules and pipes call
the same names. What it lacks altogether is answered in front of it.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api.machine_requests import check_tagged
from loopback_aws.states.service import StepFunctions

HANDLERS = {
    "StartExecution": "_start_execution",
    "StartSyncExecution": "_start_sync_execution",
    "StopExecution": "_stop_execution",
    "DescribeExecution": "_describe_execution",
    "ListExecutions": "_list_executions",
    "GetExecutionHistory": "_get_execution_history",
    "DescribeStateMachineForExecution": "_describe_state_machine_for_execution",
    "SendTaskSuccess": "_send_task_success",
    "SendTaskFailure": "_send_task_failure",
    "SendTaskHeartbeat": "_send_task_heartbeat",
    "ListMapRuns": "_list_map_runs",
    "DescribeMapRun": "_describe_map_run",
    "UpdateMapRun": "_update_map_run",
    "DeleteStateMachine": "_delete_state_machine",
    "CreateActivity": "_create_activity",
    "DeleteActivity": "_delete_activity",
    "DescribeActivity": "_describe_activity",
    "ListActivities": "_list_activities",
}
"""Operation -> the emulator's function that answers it."""
TAGGING = ("_tag_resource", "_untag_resource", "_list_tags_for_resource")
"""The emulator's functions for tags."""
PRIVATE = (
    *(f"ministack.services.stepfunctions:{name}" for name in HANDLERS.values()),
    *(f"ministack.services.stepfunctions:{name}" for name in TAGGING),
    "ministack.services.stepfunctions:_activities",
    "ministack.services.stepfunctions:_get_activity_task",
    "ministack.services.stepfunctions:_state_machine_aliases",
    "ministack.services.stepfunctions:_state_machine_versions",
    "ministack.services.stepfunctions:_state_machines",
    "ministack.services.stepfunctions:_tags",
    "ministack.services.stepfunctions:handle_request",
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::StepFunctions::StateMachine",
)
THREADS = 32
"""Requests about executions that are answered at once; StartSyncExecution has a thread of its own each."""

Answer = tuple[int, dict[str, str], bytes]


def apply(states: StepFunctions) -> None:
    """Put the service in place of the emulator's."""
    for operation, name in HANDLERS.items():
        setattr(stepfunctions, name, handler(states, operation))
    for name in TAGGING:
        setattr(stepfunctions, name, tagging(getattr(stepfunctions, name)))
    stepfunctions._get_activity_task = activity_handler(states)
    stepfunctions.handle_request = front(states, stepfunctions.handle_request)
    _forget_with_machines(states)


def handler(service: StepFunctions, operation: str) -> Callable[[dict[str, Any]], Answer]:
    """An operation in the emulator's form."""

    def handle(request: dict[str, Any]) -> Answer:
        return answer(lambda: service.call(operation, request))

    return handle


def tagging(emulator: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    """An operation on tags, which refuses what does not exist."""

    def handle(request: dict[str, Any]) -> Answer:
        try:
            check_tagged(request)
        except ApiError as error:
            return refusal(error)
        return emulator(request)

    return handle


def activity_handler(service: StepFunctions) -> Callable[[dict[str, Any]], Awaitable[Answer]]:
    """GetActivityTask in the emulator's form."""

    async def handle(request: dict[str, Any]) -> Answer:
        try:
            found: Answer = json_response(await service.get_activity_task(request))
        except ApiError as error:
            found = refusal(error)
        return found

    return handle


def front(service: StepFunctions, emulator: Callable[..., Awaitable[Answer]]) -> Callable[..., Any]:
    """`handle_request` that answers requests about executions on threads, off the event loop."""
    threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="states")

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        request = parsed_object(body)
        if request is None or operation == "StartSyncExecution":
            return await emulator(method, path, headers, body, query)
        if operation not in service.operations:
            found = await emulator(method, path, headers, body, query)
            return worded(request.get("stateMachineArn"), found)
        call = contextvars.copy_context().run  # account and region of the request
        return await asyncio.get_running_loop().run_in_executor(
            threads, call, handler(service, operation), request
        )

    return handle_request


def parsed_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that is a request's body; None when it is none."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None
    return request if isinstance(request, dict) else None


def worded(machine: Any, found: Answer) -> Answer:
    """The emulator's answer, with AWS's error for the ARN of a machine that does not exist, or is none."""
    if found[0] != 400 or b"StateMachineDoesNotExist" not in found[2]:
        return found
    try:
        arns.parsed(machine, "stateMachine")
    except ApiError as error:
        return refusal(error)
    return refusal(ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'"))


def answer(call: Callable[[], dict[str, Any]]) -> Answer:
    """What the call answers, or its error, in the emulator's form."""
    try:
        found: Answer = json_response(call())
    except ApiError as error:
        found = refusal(error)
    return found


def refusal(error: ApiError) -> Answer:
    """An error in the emulator's form."""
    found: Answer = error_response_json(error.code, error.message, error.status)
    return found


def _forget_with_machines(service: StepFunctions) -> None:
    """A machine that CloudFormation deletes takes its executions along, as by the API."""
    resource = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]

    def delete_resource(physical_id: str, *rest: Any) -> Any:
        deleted = resource["delete"](physical_id, *rest)
        service.forget_machine(physical_id)
        return deleted

    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"] = resource | {
        "delete": delete_resource
    }
