"""Step Functions: the limits on data, and input that is not JSON, as AWS answers them."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

PRIVATE = (
    "ministack.core.responses:error_response_json",
    "ministack.services.stepfunctions:_ExecutionError",
    "ministack.services.stepfunctions:_error_matches",
    "ministack.services.stepfunctions:_invoke_resource",
    "ministack.services.stepfunctions:_start_execution",
)
DATA_BYTES = 262_144
"""Most bytes of an execution's input, and of a task's request and result."""
UNCATCHABLE = ("States.DataLimitExceeded", "States.Runtime")
"""Errors that States.ALL and States.TaskFailed do not match."""


def apply() -> None:
    """Wrap the start of executions, the call of tasks and the matching of errors."""
    start, invoke = stepfunctions._start_execution, stepfunctions._invoke_resource
    matches = stepfunctions._error_matches

    def start_execution(request: dict[str, Any]) -> Any:
        if problem := input_problem(request.get("input", "{}")):
            return error_response_json("InvalidExecutionInput", problem, 400)
        return start(request)

    def invoke_resource(resource: str, request: Any) -> Any:
        refuse_large("request", resource, request)
        result = invoke(resource, request)
        refuse_large("result", resource, result)
        return result

    def error_matches(patterns: list[str], error: str) -> bool:
        return error in patterns if error in UNCATCHABLE else bool(matches(patterns, error))

    stepfunctions._start_execution = start_execution
    stepfunctions._invoke_resource = invoke_resource
    stepfunctions._error_matches = error_matches


def input_problem(text: str) -> str | None:
    """Why an execution cannot start with this input; None when it can."""
    if (size := len(text.encode())) > DATA_BYTES:
        return f"Invalid Execution Input: {size} bytes exceed the limit of {DATA_BYTES}"
    try:
        json.loads(text)
    except ValueError as error:
        return f"Invalid Execution Input: '{error}'"
    return None


def refuse_large(what: str, resource: str, data: Any) -> None:
    """End the execution when a task's data is larger than Step Functions carries."""
    size = len(json.dumps(data, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))
    if size > DATA_BYTES:
        raise stepfunctions._ExecutionError(
            "States.DataLimitExceeded",
            f"The {what} of the task {resource} has a size of {size} bytes, exceeding the maximum number of "
            f"bytes service limit, {DATA_BYTES}.",
        )
