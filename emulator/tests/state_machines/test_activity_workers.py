"""Workers of activities that go away while they wait for a task."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from tests.running.emulator import Emulator

ROLE = "arn:aws:iam::000000000000:role/none"


def impatient(aws: Emulator) -> Any:
    """A client that waits a second for an answer, once."""
    return aws.client_with("stepfunctions", Config(read_timeout=1, retries={"total_max_attempts": 1}))


def test_a_task_is_left_for_a_worker_that_is_there(aws: Emulator) -> None:
    states = aws.client("stepfunctions")
    activity = states.create_activity(name="left-for-others")["activityArn"]
    task = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 30, "End": True}
    machine = states.create_state_machine(
        name="left-for-others", roleArn=ROLE, definition=json.dumps({"StartAt": "T", "States": {"T": task}})
    )["stateMachineArn"]
    with pytest.raises(ReadTimeoutError):
        impatient(aws).get_activity_task(activityArn=activity, workerName="gone")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    end = time.monotonic() + 1  # many looks of a poll that still went on
    while time.monotonic() < end:
        events = states.get_execution_history(executionArn=execution)["events"]
        assert "ActivityStarted" not in [event["type"] for event in events]
    found = states.get_activity_task(activityArn=activity, workerName="there")
    states.send_task_success(taskToken=found["taskToken"], output="{}")
