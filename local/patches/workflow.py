"""Step Functions: Lambda payloads and results as on AWS, and no fixed pause before an execution."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

from ministack.services import lambda_svc, stepfunctions

PRIVATE = (
    "ministack.services.stepfunctions:_invoke_resource",
    "ministack.services.stepfunctions:_call_lambda",
    "ministack.services.stepfunctions:_run_execution",
    "ministack.services.stepfunctions:_ExecutionError",
    "ministack.services.stepfunctions:time.sleep",
    "ministack.services.lambda_svc:_get_func_record_for_ref",
    "ministack.services.lambda_svc:_execution_record_for_config",
    "ministack.services.lambda_svc:_execute_function_with_config_scope",
)
FIXED_PAUSE = 0.15
"""Seconds that the emulator sleeps before it runs an execution."""


class Clock:
    """The `time` module without the fixed pause."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @staticmethod
    def sleep(seconds: float) -> None:
        if seconds != FIXED_PAUSE:
            time.sleep(seconds)


def apply() -> None:
    """Change the emulator's interpreter in place."""
    invoke = stepfunctions._invoke_resource

    def invoke_resource(resource: str, request: Any) -> Any:
        if "states:::lambda:invoke" in resource and isinstance(request.get("Payload"), str):
            request = request | {"Payload": parsed(request["Payload"])}
        return invoke(resource, request)

    stepfunctions._invoke_resource = invoke_resource
    stepfunctions._call_lambda = call_lambda
    stepfunctions.time = Clock()


def parsed(payload: str) -> Any:
    """A payload that is text of JSON reaches the function as what it says; other text as it is."""
    with contextlib.suppress(ValueError):
        return json.loads(payload)
    return payload


def call_lambda(reference: str, event: Any) -> Any:
    """The function's result as it returned it; its failure under its own name, the payload as the cause."""
    function, configuration, name = lambda_svc._get_func_record_for_ref(reference)
    if not function or not configuration:
        raise stepfunctions._ExecutionError("Lambda.ResourceNotFoundException", f"Function not found: {name}")
    record = lambda_svc._execution_record_for_config(function, configuration)
    answer = lambda_svc._execute_function_with_config_scope(record, event)
    body = answer.get("body")
    if answer.get("throttle"):
        raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", json.dumps(body))
    if answer.get("error"):
        kind = body.get("errorType", "Lambda.Unknown") if isinstance(body, dict) else "Lambda.Unknown"
        raise stepfunctions._ExecutionError(kind, json.dumps(body))
    return body
