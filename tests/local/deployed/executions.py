"""Start executions and wait for how they end."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.local.deployed.emulator import Emulator


def start(aws: Emulator, machine: str, given: Any, name: str | None = None) -> str:
    """Start an execution; its ARN."""
    more = {"name": name} if name else {}
    arn: str = aws.client("stepfunctions").start_execution(
        stateMachineArn=machine, input=json.dumps(given), **more
    )["executionArn"]
    return arn


def described(aws: Emulator, execution: str) -> dict[str, Any]:
    """What DescribeExecution says now."""
    description: dict[str, Any] = aws.client("stepfunctions").describe_execution(executionArn=execution)
    return description


def finished(aws: Emulator, execution: str, seconds: float = 120) -> dict[str, Any]:
    """What DescribeExecution says once the execution has ended."""
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        if (description := described(aws, execution))["status"] != "RUNNING":
            return description
        time.sleep(pause)
        pause = min(2 * pause, 0.3)  # a look takes time of both processes
    raise AssertionError(f"{execution} still runs after {seconds} s")


def history(aws: Emulator, execution: str) -> list[dict[str, Any]]:
    """All events of an execution, oldest first."""
    pages = aws.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]
