"""Executions that run when the local AWS ends have failed at its next start, and whoever listens is told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from tests.local.emulator import Emulator, start

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}


def machine(aws: Emulator) -> str:
    arn: str = aws.client("stepfunctions").create_state_machine(
        name="interrupted", roleArn=ROLE, definition=json.dumps(WAIT)
    )["stateMachineArn"]
    return arn


def listen(aws: Emulator) -> None:
    """A queue that gets the events of executions that have failed."""
    aws.client("sqs").create_queue(QueueName="failures")
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}
    aws.client("events").put_rule(Name="failures", EventPattern=json.dumps(pattern))
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failures"
    aws.client("events").put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": queue}])


def received(aws: Emulator) -> list[dict[str, Any]]:
    """Details of the events in the queue, once there are any."""
    queue = aws.client("sqs").get_queue_url(QueueName="failures")["QueueUrl"]
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if messages := aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"):
            return [json.loads(message["Body"])["detail"] for message in messages]
    return []


def test_interrupted_executions_have_failed(tmp_path: Path) -> None:
    first = start(tmp_path / "state")
    try:
        listen(first)
        arn = first.client("stepfunctions").start_execution(stateMachineArn=machine(first))["executionArn"]
    finally:
        first.stop()
    second = start(tmp_path / "state")
    try:
        states = second.client("stepfunctions")
        described = states.describe_execution(executionArn=arn)
        last = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"][0]
        events = received(second)
    finally:
        second.stop()
    assert (described["status"], described["error"]) == ("FAILED", "States.ServiceRestart")
    assert described["redriveStatus"] == "REDRIVABLE"
    assert last["type"] == "ExecutionFailed"
    assert [(event["executionArn"], event["error"]) for event in events] == [(arn, "States.ServiceRestart")]
