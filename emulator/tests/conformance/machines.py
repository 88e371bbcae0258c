"""State machines and functions of conformance cases: made, run and looked at through the API."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from tests.running import executions, functions
from tests.running.emulator import Emulator
from tests.running.waiting import until

SPEED = 4
"""How many times as fast waits, retries and time-outs pass in the executions of these cases."""
LONG = 240
"""Seconds of a definition that last longer than any of these cases waits for an end."""
ROLE = "arn:aws:iam::000000000000:role/test"
_functions: dict[tuple[str, str], str] = {}
"""ARN by emulator and source."""


def define(aws: Emulator, definition: dict[str, Any], type: str = "STANDARD", **more: Any) -> str:
    """Create a state machine under a name of its own; its ARN.

    `more` are further parameters of CreateStateMachine, `name` included.
    """
    named = {"name": f"case-{uuid.uuid4().hex[:10]}"} | more
    arn: str = aws.client("stepfunctions").create_state_machine(
        definition=json.dumps(definition), roleArn=ROLE, type=type, **named
    )["stateMachineArn"]
    return arn


def outcome(
    aws: Emulator, definition: dict[str, Any] | str, given: Any = None, seconds: float = 50
) -> dict[str, Any]:
    """What DescribeExecution says once a run with input `given` has ended, with `output` parsed.

    `definition`: a machine's definition, or the ARN of one. `seconds`: the longest that the run may take.
    """
    arn = definition if isinstance(definition, str) else define(aws, definition)
    started = executions.start(aws, arn, {} if given is None else given)
    description = executions.finished(aws, started, seconds)
    if "output" in description:
        description["output"] = json.loads(description["output"])
    return description


def output(aws: Emulator, definition: dict[str, Any] | str, given: Any = None, seconds: float = 50) -> Any:
    """The parsed output of a run that must succeed."""
    description = outcome(aws, definition, given, seconds)
    assert description["status"] == "SUCCEEDED", description
    return description["output"]


def failure(
    aws: Emulator, definition: dict[str, Any] | str, given: Any = None, seconds: float = 50
) -> tuple[str | None, str | None]:
    """Error and cause of a run that must fail."""
    description = outcome(aws, definition, given, seconds)
    assert description["status"] == "FAILED", description
    assert "output" not in description, description
    return description.get("error"), description.get("cause")


def lasted(begin: datetime, end: datetime) -> float:
    """Seconds between two moments of an execution, as its definition counts them."""
    return (end - begin).total_seconds() * SPEED


def events(aws: Emulator, execution: str) -> list[dict[str, Any]]:
    """All events of an execution, oldest first."""
    return executions.history(aws, execution)


def event_types(aws: Emulator, execution: str) -> list[str]:
    """The types of an execution's events, oldest first."""
    return [event["type"] for event in events(aws, execution)]


def until_event(aws: Emulator, execution: str, kind: str) -> None:
    """Wait until the history has an event of this type."""
    until(lambda: kind in event_types(aws, execution), f"a {kind} in {execution}")


def function(aws: Emulator, source: str) -> str:
    """The ARN of a Lambda function whose module `app` is `source`; made once a session."""
    key = (aws.endpoint, source)
    if key not in _functions:
        name = functions.create(aws, source)
        _functions[key] = aws.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return _functions[key]
