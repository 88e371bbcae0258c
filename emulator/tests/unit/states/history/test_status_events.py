"""What EventBridge is told of executions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback_aws.states.history.status_events import DATA_BYTES, detail
from loopback_aws.states.records import Execution, Machine

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MACHINE = Machine(
    arn="arn:aws:states:us-east-1:000000000000:stateMachine:orders",
    name="orders",
    type="STANDARD",
    definition="{}",
    role="r",
    logging={"level": "OFF"},
)
REFUSED = "Execution is RUNNING and cannot be redriven"


def execution(**changes: Any) -> Execution:
    members: dict[str, Any] = {"arn": "e", "name": "n", "machine": MACHINE, "input": "{}", "start": NOON}
    return Execution(**members | changes)


def test_a_running_execution() -> None:
    assert detail(execution(), REFUSED) == {
        "executionArn": "e",
        "stateMachineArn": MACHINE.arn,
        "name": "n",
        "status": "RUNNING",
        "startDate": 1795176000000,
        "stopDate": None,
        "input": "{}",
        "output": None,
        "inputDetails": {"included": True},
        "outputDetails": None,
        "error": None,
        "cause": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": REFUSED,
    }


def test_a_failed_execution_can_be_redriven() -> None:
    failed = execution(status="FAILED", stop=NOON + timedelta(milliseconds=7), error="E", cause="C")
    event = detail(failed, None)
    assert (event["stopDate"], event["error"], event["cause"]) == (1795176000007, "E", "C")
    assert (event["redriveStatus"], event["redriveStatusReason"]) == ("REDRIVABLE", None)


def test_a_failed_child_is_redriven_by_its_map_run() -> None:
    assert detail(execution(status="FAILED", map_run="m"), None)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"


@pytest.mark.parametrize(
    ("given", "made", "included"),
    [
        (10, 10, (True, True)),
        (DATA_BYTES - 20, 10, (True, True)),
        (DATA_BYTES - 5, 10, (False, True)),
        (10, DATA_BYTES, (False, False)),
    ],
)
def test_the_input_goes_when_both_are_too_large_together(
    given: int, made: int, included: tuple[bool, bool]
) -> None:
    ended = execution(status="SUCCEEDED", input="1" * given, output="1" * made)
    event = detail(ended, REFUSED)
    assert (event["inputDetails"]["included"], event["outputDetails"]["included"]) == included
    assert (event["input"] is not None, event["output"] is not None) == included


def test_escaped_characters_count() -> None:
    event = detail(execution(input='"' * (DATA_BYTES // 2)), REFUSED)
    assert event["inputDetails"] == {"included": False}
