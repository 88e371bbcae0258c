"""Machines, executions, map runs and their children as tests make them up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from loopback_aws.states.records import Child, Execution, Machine, MapRun

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:orders"
EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:orders"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def machine(**changes: Any) -> Machine:
    members: dict[str, Any] = {"type": "STANDARD", "definition": "{}", "role": "r", "logging": {}}
    return Machine(**{"arn": MACHINE, "name": "orders", **members, **changes})


def execution(name: str, minutes: float = 0, **changes: Any) -> Execution:
    members: dict[str, Any] = {"arn": f"{EXECUTION}:{name}", "name": name, "machine": machine()}
    return Execution(**{**members, "input": "{}", "start": NOON + timedelta(minutes=minutes), **changes})


def map_run(name: str, **changes: Any) -> MapRun:
    arn = f"arn:aws:states:us-east-1:000000000000:mapRun:orders/each:{name}"
    members: dict[str, Any] = {"arn": arn, "execution": f"{EXECUTION}:a", "machine": f"{MACHINE}/each"}
    return MapRun(**{**members, "start": NOON, **changes})


def child(index: int, status: Any = "SUCCEEDED") -> Child:
    name = str(index)
    return Child(index=index, execution_arn=name, name=name, status=status, input="{}", start=NOON)
