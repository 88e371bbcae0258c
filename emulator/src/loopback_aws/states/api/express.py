"""StartSyncExecution: an Express execution whose result is the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from loopback_aws.states.api.answers import known, seconds
from loopback_aws.states.api.executions import new_execution, type_not_supported
from loopback_aws.states.api.machines import machine_to_run
from loopback_aws.states.api.requests import required
from loopback_aws.states.records import Execution
from loopback_aws.states.runs.interpreter import Interpreter

BILLED_STEP = 100
"""Milliseconds that duration is billed in (aws.amazon.com/step-functions/pricing)."""
BILLED_MEMORY = 64
"""MB that memory is billed in; the least that an execution is billed for, and here the only figure."""


def start_sync(
    interpreter: Interpreter, started: Callable[[Execution], None], request: dict[str, Any]
) -> dict[str, Any]:
    """Run to the end, at most five minutes. Failures are answers with status 200.

    ApiError as of StartExecution, and StateMachineTypeNotSupported for a Standard machine
    (docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html).
    """
    machine = machine_to_run(required(request, "stateMachineArn"))
    if machine.type != "EXPRESS":
        raise type_not_supported()
    execution = new_execution(machine, request)
    started(execution)
    interpreter.run(execution)
    return answer_of(execution, with_data=request.get("includedData") != "METADATA_ONLY")


def answer_of(execution: Execution, *, with_data: bool) -> dict[str, Any]:
    """What the caller learns of an execution that has ended."""
    stop = execution.stop or execution.start
    answer: dict[str, Any] = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "startDate": seconds(execution.start),
        "stopDate": seconds(stop),
        "status": execution.status if execution.status in ("SUCCEEDED", "TIMED_OUT") else "FAILED",
        "error": execution.error if with_data else None,
        "cause": execution.cause if with_data else None,
        "input": execution.input if with_data else None,
        "inputDetails": {"included": with_data},
        "output": execution.output if with_data else None,
        "outputDetails": {"included": with_data},
        "traceHeader": execution.trace_header,
        "billingDetails": billing((stop - execution.start).total_seconds()),
    }
    return known(answer)


def billing(seconds: float) -> dict[str, int]:
    """The billed duration in milliseconds and the billed memory in MB."""
    steps = max(1, math.ceil(seconds * 1000 / BILLED_STEP))
    return {"billedDurationInMilliseconds": steps * BILLED_STEP, "billedMemoryUsedInMB": BILLED_MEMORY}
