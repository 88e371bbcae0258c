"""Executions that run when the local AWS ends have failed at its next start, and whoever listens is told."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.running import executions
from tests.running.emulator import Emulator, start

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}


def machine(aws: Emulator) -> str:
    arn: str = aws.client("stepfunctions").create_state_machine(
        name="interrupted", roleArn=ROLE, definition=json.dumps(WAIT)
    )["stateMachineArn"]
    return arn


def batch_of_waits(aws: Emulator) -> str:
    """A Distributed Map whose children are Standard executions of one short state."""
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 0, "End": True}}}
    each = {
        "Type": "Map",
        "ItemProcessor": wait | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
        "End": True,
    }
    arn: str = aws.client("stepfunctions").create_state_machine(
        name="batch", roleArn=ROLE, definition=json.dumps({"StartAt": "Each", "States": {"Each": each}})
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


def test_a_map_run_ends_quietly_with_the_local_aws_and_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    items = list(range(1_500))
    first = start(tmp_path / "state")
    try:
        arn = first.client("stepfunctions").start_execution(
            stateMachineArn=batch_of_waits(first), input=json.dumps(items)
        )["executionArn"]
        until_counted(first, arn, 100)
    finally:
        first.stop()
    log = (tmp_path / "state" / "emulator.log").read_text()
    second = start(tmp_path / "state")
    try:
        states = second.client("stepfunctions")
        counts = map_run(second, arn)["executionCounts"]
        status = executions.described(second, arn)["status"]
        states.redrive_execution(executionArn=arn)
        ended = executions.finished(second, arn)
        children = counted(second, map_run(second, arn)["mapRunArn"])
    finally:
        second.stop()
    assert "ERROR" not in log
    assert "Traceback" not in log
    assert status == "FAILED"
    assert 100 <= counts["succeeded"] < counts["total"] == len(items)
    assert counts["failed"] == counts["total"] - counts["succeeded"]
    assert json.loads(ended["output"]) == items
    assert children == {"SUCCEEDED": len(items)}


def until_counted(aws: Emulator, execution: str, number: int) -> None:
    """Wait until so many children of the execution's map run have succeeded."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        runs = aws.client("stepfunctions").list_map_runs(executionArn=execution)["mapRuns"]
        if runs and map_run(aws, execution)["executionCounts"]["succeeded"] >= number:
            return
        time.sleep(0.02)
    raise AssertionError(f"fewer than {number} children have succeeded")


def map_run(aws: Emulator, execution: str) -> dict[str, Any]:
    """The only map run of the execution."""
    states = aws.client("stepfunctions")
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    described: dict[str, Any] = states.describe_map_run(mapRunArn=run["mapRunArn"])
    return described


def counted(aws: Emulator, run: str) -> dict[str, int]:
    """How many children of a map run have which status."""
    pages = aws.client("stepfunctions").get_paginator("list_executions").paginate(mapRunArn=run)
    return dict(Counter(child["status"] for page in pages for child in page["executions"]))


def test_a_machine_that_is_deleted_with_its_map_run_leaves_no_rows(tmp_path: Path) -> None:
    aws = start(tmp_path / "state")
    try:
        machine_arn = batch_of_waits(aws)
        arn = executions.start(aws, machine_arn, list(range(1_500)))
        until_counted(aws, arn, 100)
        aws.client("stepfunctions").delete_state_machine(stateMachineArn=machine_arn)
    finally:
        aws.stop()
    tables = ("executions", "events", "map_runs", "children")
    with closing(sqlite3.connect(tmp_path / "state" / "states.sqlite3")) as file:
        counts = {table: file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    assert counts == dict.fromkeys(tables, 0)
