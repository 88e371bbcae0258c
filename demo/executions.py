"""Start executions as an operator would, and wait for how they end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Case:
    """One execution of the demo: what it shows, and its input."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How the execution of a case ended."""

    case: str
    status: str
    error: str | None
    cause: str | None
    output: dict[str, Any]
    seconds: float

    def as_summary(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "status": self.status,
            "error": self.error,
            "predicted_class": self.output.get("predicted_class"),
            "confidence": self.output.get("confidence"),
            "seconds": round(self.seconds, 3),
        }


def execute(states: SFNClient, machine: str, case: Case) -> Outcome:
    """Start an execution and poll until it has ended.

    Raises TimeoutError when it still runs after DEADLINE_SECONDS.
    """
    started = time.monotonic()
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(case.input))["executionArn"]
    while True:
        description = states.describe_execution(executionArn=execution)
        seconds = time.monotonic() - started
        if description["status"] != "RUNNING":
            break
        if seconds > DEADLINE_SECONDS:
            raise TimeoutError(f"{case.name}: {execution} still runs after {DEADLINE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return Outcome(
        case=case.name,
        status=description["status"],
        error=description.get("error"),
        cause=description.get("cause"),
        output=json.loads(description.get("output") or "{}"),
        seconds=seconds,
    )
