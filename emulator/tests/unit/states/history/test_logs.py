"""Execution logs: which events, in which form, and that none is lost."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback_aws.states.history import log_lines, logs
from loopback_aws.states.history.logs import LogWriter, logs_at
from loopback_aws.states.records import Execution, Machine

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/x:*"
TEXT = '{"a":"ä"}'
EVENT: dict[str, Any] = {
    "id": 2,
    "previousEventId": 0,
    "type": "PassStateEntered",
    "timestamp": 1700000000.123,
    "stateEnteredEventDetails": {"name": "A", "input": TEXT, "inputDetails": {"truncated": False}},
}


class Group:
    """A log group that remembers what it was given."""

    def __init__(self, *, exists: bool = True) -> None:
        self.exists = exists
        self.puts: list[tuple[str, str, list[dict[str, Any]]]] = []

    def __call__(self, group: str, stream: str, lines: list[dict[str, Any]]) -> bool:
        self.puts.append((group, stream, lines))
        return self.exists

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line["message"]) for _, _, lines in self.puts for line in lines]


def execution(level: str = "ALL", *, data: bool = True, destinations: int = 1) -> Execution:
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}
    machine = Machine(
        arn="arn:aws:states:us-east-1:000000000000:stateMachine:m",
        name="m",
        type="STANDARD",
        definition="{}",
        role="arn:aws:iam::000000000000:role/test",
        logging={
            "level": level,
            "includeExecutionData": data,
            "destinations": [destination] * destinations,
        },
    )
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Execution(arn="arn:e", name="e", machine=machine, input="{}", start=start, redrives=1)


def written(events: list[dict[str, Any]], level: str = "ALL", *, data: bool = True) -> list[dict[str, Any]]:
    """What arrives of the events."""
    group = Group()
    writer = LogWriter(group)
    writer.write(execution(level, data=data), events)
    writer.close()
    return group.messages()


def test_a_line_has_the_members_of_a_vended_log() -> None:
    [line] = written([EVENT])
    assert line == {
        "id": "2",
        "type": "PassStateEntered",
        "details": {"name": "A", "input": TEXT, "inputDetails": {"truncated": False}},
        "previous_event_id": "0",
        "event_timestamp": "1700000000123",
        "execution_arn": "arn:e",
        "redrive_count": "1",
    }


def test_without_execution_data_inputs_and_outputs_are_left_out() -> None:
    task = {
        **EVENT,
        "type": "TaskScheduled",
        "taskScheduledEventDetails": {"resource": "invoke", "parameters": "{}"},
    }
    del task["stateEnteredEventDetails"]
    assert [line["details"] for line in written([EVENT, task], data=False)] == [
        {"name": "A"},
        {"resource": "invoke"},
    ]


@pytest.mark.parametrize(
    ("level", "logged"),
    [
        ("OFF", []),
        ("FATAL", ["ExecutionFailed"]),
        ("ERROR", ["TaskFailed", "FailStateEntered", "ExecutionFailed"]),
        ("ALL", ["PassStateEntered", "TaskFailed", "FailStateEntered", "ExecutionFailed"]),
    ],
)
def test_the_level_chooses_the_events(level: str, logged: list[str]) -> None:
    types = ["PassStateEntered", "TaskFailed", "FailStateEntered", "ExecutionFailed"]
    assert [line["type"] for line in written([{**EVENT, "type": kind} for kind in types], level)] == logged


def test_each_level_holds_what_the_next_one_holds() -> None:
    assert logs.FATAL < logs.ERROR
    assert all(logs_at("ALL", kind) and not logs_at("OFF", kind) for kind in logs.ERROR)


def test_long_payloads_are_cut_and_say_so() -> None:
    long = json.dumps({"text": '"ä' * 200_000})
    [line] = written([{**EVENT, "stateEnteredEventDetails": {"name": "A", "input": long}}])
    given = line["details"]["input"]
    escaped = len(json.dumps(given, ensure_ascii=False).encode()) - 2
    assert log_lines.PAYLOAD_BYTES - 10 < escaped <= log_lines.PAYLOAD_BYTES
    assert long.startswith(given)
    assert line["details"]["inputDetails"] == {"truncated": True}


def test_close_delivers_what_waits_and_the_run_does_not() -> None:
    """The log is stuck while the run writes, and everything arrives in order all the same."""
    stuck = threading.Event()
    group = Group()

    def put(*given: Any) -> bool:
        stuck.wait(60)
        return group(*given)

    writer = LogWriter(put)
    for number in range(2000):
        writer.write(execution(), [{**EVENT, "id": number}])
    stuck.set()
    writer.close()
    assert [line["id"] for line in group.messages()] == [str(number) for number in range(2000)]


def test_a_missing_group_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    group = Group(exists=False)
    writer = LogWriter(group)
    for number in range(3):
        writer.write(execution(), [EVENT])
        while len(group.puts) <= number:
            threading.Event().wait(0.001)
    writer.close()
    assert [record.getMessage() for record in caplog.records].count(
        f"Executions log to {GROUP}, which does not exist"
    ) == 1


def test_a_log_that_fails_does_not_end_the_others() -> None:
    group = Group()
    failures = [True]

    def put(*given: Any) -> bool:
        if failures:
            failures.pop()
            raise OSError("disk")
        return group(*given)

    writer = LogWriter(put)
    writer.write(execution(), [EVENT])
    while failures:
        threading.Event().wait(0.001)
    writer.write(execution(), [EVENT])
    writer.close()
    assert len(group.messages()) == 1


def test_the_stream_is_named_after_machine_and_minute() -> None:
    group = Group()
    writer = LogWriter(group)
    writer.write(execution(), [EVENT])
    writer.close()
    [(_, stream, _)] = group.puts
    assert stream.startswith("states/m/2026-01-02-03-04/")
    assert len(stream.rpartition("/")[2]) == 8
