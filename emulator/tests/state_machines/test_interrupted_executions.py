"""Executions that run when the local AWS ends have failed at its next start, and whoever listens is told."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from tests.running import executions
from tests.running.emulator import Emulator
from tests.running.waiting import looks

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
ITEMS = list(range(1_500))
"""More than a map run has done when a hundred are counted."""


def waits(seconds: int) -> dict[str, Any]:
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def machine(aws: Emulator, definition: dict[str, Any]) -> str:
    arn: str = aws.client("stepfunctions").create_state_machine(
        name=f"test-{uuid.uuid4().hex[:8]}", roleArn=ROLE, definition=json.dumps(definition)
    )["stateMachineArn"]
    return arn


def batch_of_waits(aws: Emulator) -> str:
    """A Distributed Map whose children are Standard executions of one short state."""
    each = {
        "Type": "Map",
        "ItemProcessor": waits(0) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
        "End": True,
    }
    return machine(aws, {"StartAt": "Each", "States": {"Each": each}})


def listen(aws: Emulator, machine: str) -> None:
    """A queue that gets the events of the machine's executions that have failed."""
    aws.client("sqs").create_queue(QueueName="failures")
    detail = {"status": ["FAILED"], "stateMachineArn": [machine]}
    pattern = {"source": ["aws.states"], "detail": detail}
    aws.client("events").put_rule(Name="failures", EventPattern=json.dumps(pattern))
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failures"
    aws.client("events").put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": queue}])


def received(aws: Emulator) -> list[dict[str, Any]]:
    """Details of the events in the queue, once there are any."""
    queue = aws.client("sqs").get_queue_url(QueueName="failures")["QueueUrl"]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if messages := aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"):
            return [json.loads(message["Body"])["detail"] for message in messages]
    return []


@dataclass(frozen=True)
class Interrupted:
    """What was under way when the local AWS ended, seen after its next start."""

    aws: Emulator
    waiting: str
    """An execution."""
    mapping: str
    """One in the middle of a map run."""
    deleted: str
    """A machine that was deleted in the middle of a map run, before."""
    logged: str
    """What the local AWS wrote from before these were started until it had started again."""


@pytest.fixture(scope="module")
def interrupted(aws: Emulator) -> Iterator[Interrupted]:
    log = aws.state / "emulator.log"
    begin = log.stat().st_size
    waiting_machine = machine(aws, waits(60))
    listen(aws, waiting_machine)
    waiting = executions.start(aws, waiting_machine, {})
    deleted = batch_of_waits(aws)
    until_counted(aws, executions.start(aws, deleted, ITEMS), 100)
    aws.client("stepfunctions").delete_state_machine(stateMachineArn=deleted)
    mapping = executions.start(aws, batch_of_waits(aws), ITEMS)
    until_counted(aws, mapping, 100)
    aws.restart()
    yield Interrupted(aws, waiting, mapping, deleted, log.read_bytes()[begin:].decode())
    aws.client("events").remove_targets(Rule="failures", Ids=["queue"])
    aws.client("events").delete_rule(Name="failures")


def test_interrupted_executions_have_failed(interrupted: Interrupted) -> None:
    aws, arn = interrupted.aws, interrupted.waiting
    described = executions.described(aws, arn)
    last = executions.history(aws, arn)[-1]
    assert (described["status"], described["error"]) == ("FAILED", "States.ServiceRestart")
    assert described["redriveStatus"] == "REDRIVABLE"
    assert last["type"] == "ExecutionFailed"
    assert [(event["executionArn"], event["error"]) for event in received(aws)] == [
        (arn, "States.ServiceRestart")
    ]


def test_a_map_run_ends_quietly_with_the_local_aws_and_goes_on_with_what_is_missing(
    interrupted: Interrupted,
) -> None:
    aws, arn = interrupted.aws, interrupted.mapping
    assert "ERROR" not in interrupted.logged
    assert "Traceback" not in interrupted.logged
    assert executions.described(aws, arn)["status"] == "FAILED"
    counts = map_run(aws, arn)["executionCounts"]
    assert 100 <= counts["succeeded"] < counts["total"] == len(ITEMS)
    assert counts["failed"] == counts["total"] - counts["succeeded"]
    aws.client("stepfunctions").redrive_execution(executionArn=arn)
    assert json.loads(executions.finished(aws, arn, 120)["output"]) == ITEMS
    assert counted(aws, map_run(aws, arn)["mapRunArn"]) == {"SUCCEEDED": len(ITEMS)}


def until_counted(aws: Emulator, execution: str, number: int) -> None:
    """Wait until so many children of the execution's map run have succeeded."""
    for _ in looks(60):
        runs = aws.client("stepfunctions").list_map_runs(executionArn=execution)["mapRuns"]
        if runs and map_run(aws, execution)["executionCounts"]["succeeded"] >= number:
            return
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


def test_a_machine_that_is_deleted_with_its_map_run_leaves_no_rows(interrupted: Interrupted) -> None:
    """What was written since its deletion is in the file too: the local AWS has stopped once."""
    assert not any(rows_of(interrupted, interrupted.deleted).values())
    kept = interrupted.mapping.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    assert all(rows_of(interrupted, kept).values()), "another machine's are there"


def rows_of(interrupted: Interrupted, machine: str) -> dict[str, int]:
    """How many rows of a machine's executions each table has; ARNs of all that hangs on one hold its name."""
    tables = {"executions": "arn", "events": "execution", "map_runs": "arn", "children": "map_run"}
    name = machine.rpartition(":")[2]
    with closing(sqlite3.connect(interrupted.aws.state / "states.sqlite3")) as file:
        return {
            table: file.execute(f"SELECT count(*) FROM {table} WHERE instr({column}, ?)", (name,)).fetchone()[
                0
            ]
            for table, column in tables.items()
        }
