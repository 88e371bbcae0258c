"""Step Functions: how executions end. A machine's time-out acts, and what has ended does not end again."""

from __future__ import annotations

import contextvars
import json
import threading
from datetime import UTC, datetime
from typing import Any

from ministack.services import stepfunctions

PRIVATE = (
    "ministack.services.stepfunctions:_add_event",
    "ministack.services.stepfunctions:_emit_execution_status_event",
    "ministack.services.stepfunctions:_executions",
    "ministack.services.stepfunctions:_fail_execution",
    "ministack.services.stepfunctions:_run_execution",
    "ministack.services.stepfunctions:_state_machines",
)


def apply() -> None:
    """Wrap the thread of an execution and its failing end."""
    run, fail = stepfunctions._run_execution, stepfunctions._fail_execution

    def run_execution(execution_arn: str) -> None:
        seconds = timeout_seconds(execution_arn)
        if seconds is None:
            return run(execution_arn)
        context = contextvars.copy_context()  # account and region of the request
        timer = threading.Timer(seconds, context.run, (time_out, execution_arn))
        timer.daemon = True
        timer.start()
        try:
            run(execution_arn)
        finally:
            timer.cancel()

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] != "RUNNING":
            return  # stopped or timed out while its task still ran
        fail(execution, error, cause)
        if not execution.get("sync"):
            execution["output"] = None  # what failed has none on AWS

    stepfunctions._run_execution = run_execution
    stepfunctions._fail_execution = fail_execution


def timeout_seconds(execution_arn: str) -> float | None:
    """`TimeoutSeconds` of the execution's state machine; None when it has none."""
    execution = stepfunctions._executions.get(execution_arn) or {}
    machine = stepfunctions._state_machines.get(execution.get("stateMachineArn"))
    try:
        seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
    except ValueError:
        return None
    return float(seconds) if seconds else None


def time_out(execution_arn: str) -> None:
    """End a running execution as TIMED_OUT."""
    execution = stepfunctions._executions.get(execution_arn)
    if not execution or execution["status"] != "RUNNING":
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    execution |= {"status": "TIMED_OUT", "stopDate": now, "error": "States.Timeout"}
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)
