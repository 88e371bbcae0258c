"""What ends because its time is over: tasks, heartbeats, waits and whole executions."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from tests.conformance.definitions import (
    END,
    PASS,
    SCRIPTED,
    catch,
    direct,
    each,
    invoke,
    jsonata,
    machine,
    parallel,
)
from tests.conformance.documents import aws_document
from tests.conformance.machines import (
    LONG,
    SPEED,
    define,
    event_types,
    events,
    function,
    lasted,
    outcome,
    output,
    until_event,
)
from tests.running import executions
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
TASK = GUIDE + "state-task.html"
ERRORS = GUIDE + "concepts-error-handling.html"
STRUCTURE = GUIDE + "statemachine-structure.html"
STOP = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html"
WAIT = {"Type": "Wait", "Seconds": LONG}


@aws_document(TASK)
@pytest.mark.parametrize("integrated", [False, True], ids=["direct", "lambda:invoke"])
def test_a_task_that_takes_too_long_times_out(aws: Emulator, integrated: bool) -> None:
    arn = function(aws, SCRIPTED)
    task = invoke(arn) if integrated else {"Type": "Task", "Resource": arn}
    began = time.monotonic()
    ended = outcome(aws, machine({"Task": task | {"TimeoutSeconds": 1}}), {"seconds": 8})
    assert time.monotonic() - began < 7
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    kinds = event_types(aws, ended["executionArn"])
    assert kinds[-2:] == ["TaskTimedOut" if integrated else "LambdaFunctionTimedOut", "ExecutionFailed"]


@aws_document(TASK)
def test_a_task_in_time_is_let_be(aws: Emulator) -> None:
    task = {"Type": "Task", "Resource": function(aws, SCRIPTED), "TimeoutSeconds": LONG}
    assert output(aws, machine({"Task": task}), {"result": "done"}) == "done"


@aws_document(TASK)
def test_a_late_answer_changes_nothing(aws: Emulator) -> None:
    arn = function(aws, SCRIPTED)
    late = invoke(arn, {"seconds": 2}, TimeoutSeconds=1, Catch=[catch("States.Timeout")], End=True)
    after = {"Type": "Wait", "Seconds": 2, "Next": "End"}
    ended = outcome(aws, machine({"Late": late, "Caught": after, "End": END}))
    assert ended["output"]["Error"] == "States.Timeout"
    assert "TaskSucceeded" not in event_types(aws, ended["executionArn"])


@aws_document(TASK)
def test_seconds_can_come_from_the_input(aws: Emulator) -> None:
    task = invoke(function(aws, SCRIPTED), {"seconds": 4}, TimeoutSecondsPath="$.limit")
    ended = outcome(aws, machine({"Task": task}), {"limit": 1})
    assert ended["error"] == "States.Timeout"
    assert _scheduled(aws, ended)["timeoutInSeconds"] == 1


@aws_document(TASK)
def test_seconds_can_be_a_jsonata_expression(aws: Emulator) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function(aws, SCRIPTED), "Payload": {"seconds": 4}},
        "TimeoutSeconds": "{% $states.input.limit - 1 %}",
    }
    ended = outcome(aws, jsonata({"Task": task}), {"limit": 2})
    assert ended["error"] == "States.Timeout"
    assert _scheduled(aws, ended)["timeoutInSeconds"] == 1


@aws_document(ERRORS)
@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout", "States.ALL"])
def test_a_missed_heartbeat_is_caught_by_either_name(aws: Emulator, name: str) -> None:
    task = _callback(_queue(aws), HeartbeatSeconds=1, TimeoutSeconds=30, Catch=[catch(name)])
    ended = outcome(aws, machine({"Task": task, "Caught": PASS | {"Result": "caught"}}))
    assert ended.get("output") == "caught", ended
    assert _scheduled(aws, ended)["heartbeatInSeconds"] == 1


@aws_document(ERRORS)
def test_a_time_out_is_no_missed_heartbeat(aws: Emulator) -> None:
    catchers = [
        catch("States.HeartbeatTimeout", to="Heartbeat"),
        catch("States.Timeout", to="Time"),
    ]
    task = _callback(_queue(aws), HeartbeatSecondsPath="$.beat", TimeoutSecondsPath="$.time", Catch=catchers)
    states = {
        "Task": task,
        "Heartbeat": PASS | {"Result": "heartbeat", "End": True},
        "Time": PASS | {"Result": "time", "End": True},
    }
    definition = define(aws, machine(states))
    assert output(aws, definition, {"beat": 1, "time": 30}) == "heartbeat"
    assert output(aws, definition, {"beat": 30, "time": 1}) == "time"


@aws_document("https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html")
def test_heartbeats_keep_a_task_alive(aws: Emulator) -> None:
    queue, client = _queue(aws), aws.client("stepfunctions")
    beat = 12 / SPEED  # two thirds of it may pass while a busy machine sends one
    task = _callback(queue, HeartbeatSeconds=12)
    execution = executions.start(aws, define(aws, machine({"Task": task})), {})
    token = _received(aws, queue)["token"]
    began = time.monotonic()
    while time.monotonic() - began < 1.3 * beat:
        time.sleep(beat / 12)
        client.send_task_heartbeat(taskToken=token)
    client.send_task_success(taskToken=token, output='"alive"')
    assert executions.finished(aws, execution)["output"] == '"alive"'


@aws_document(STRUCTURE)
def test_a_machine_that_takes_too_long_times_out(aws: Emulator) -> None:
    ended = outcome(aws, machine({"Wait": WAIT}, TimeoutSeconds=1))
    assert ended["status"] == "TIMED_OUT"
    assert "output" not in ended
    assert 0.9 < lasted(ended["startDate"], ended["stopDate"]) < LONG / 2
    assert event_types(aws, ended["executionArn"]) == [
        "ExecutionStarted",
        "WaitStateEntered",
        "ExecutionTimedOut",
    ]


@aws_document(STRUCTURE)
@pytest.mark.parametrize("inside", ["Task", "Map", "Parallel"])
def test_no_state_catches_the_machines_time_out(aws: Emulator, inside: str) -> None:
    catchers = {"Catch": [catch("States.ALL")], "End": True}
    state: dict[str, Any] = {
        "Task": invoke(function(aws, SCRIPTED), {"seconds": 4}, **catchers),
        "Map": each({"Wait": WAIT}, **catchers),
        "Parallel": parallel({"Wait": WAIT}, **catchers),
    }[inside]
    ended = outcome(aws, machine({"State": state, "Caught": END}, TimeoutSeconds=1), [1, 2])
    assert ended["status"] == "TIMED_OUT"
    kinds = event_types(aws, ended["executionArn"])
    assert kinds[-1] == "ExecutionTimedOut"
    assert "PassStateEntered" not in kinds


@aws_document("https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html")
def test_a_time_out_reaches_a_queue_through_a_rule(aws: Emulator) -> None:
    arn = define(aws, machine({"Wait": WAIT}, TimeoutSeconds=1))
    queue, rule = _queue(aws), f"case-{uuid.uuid4().hex[:8]}"
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": ["TIMED_OUT"], "stateMachineArn": [arn]},
    }
    queue_arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    aws.client("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(
        Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn["Attributes"]["QueueArn"]}]
    )
    execution = executions.start(aws, arn, {"key": "a.png"})
    event = _received(aws, queue)
    assert event["resources"] == [execution]
    detail = event["detail"]
    assert (detail["executionArn"], detail["status"]) == (execution, "TIMED_OUT")
    assert detail["output"] is None
    assert (detail["stopDate"] - detail["startDate"]) * SPEED >= 1000  # milliseconds
    assert json.loads(detail["input"]) == {"key": "a.png"}


@aws_document(STOP)
@pytest.mark.parametrize("inside", [None, "Map", "Parallel"])
def test_stop_ends_a_wait_at_once(aws: Emulator, inside: str | None) -> None:
    state = {None: WAIT, "Map": each({"Wait": WAIT}), "Parallel": parallel({"Wait": WAIT})}[inside]
    execution = executions.start(aws, define(aws, machine({"State": state})), [1])
    until_event(aws, execution, "WaitStateEntered")
    stopped = aws.client("stepfunctions").stop_execution(executionArn=execution)
    ended = executions.finished(aws, execution)
    assert ended["status"] == "ABORTED"
    assert abs((ended["stopDate"] - stopped["stopDate"]).total_seconds()) < 5
    assert event_types(aws, execution)[-1] == "ExecutionAborted"


@aws_document(STOP)
def test_stop_ends_a_running_task_at_once(aws: Emulator) -> None:
    task = invoke(function(aws, SCRIPTED), {"seconds": 8}, Next="End")
    execution = executions.start(aws, define(aws, machine({"Task": task, "End": END})), {})
    until_event(aws, execution, "TaskStarted")
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    assert executions.finished(aws, execution, seconds=7)["status"] == "ABORTED"
    assert event_types(aws, execution)[-2:] == ["TaskStarted", "ExecutionAborted"]


@aws_document(ERRORS)
@pytest.mark.parametrize("inside", ["Map", "Parallel"])
@pytest.mark.parametrize(
    ("name", "status"), [("States.Timeout", "SUCCEEDED"), ("States.TaskFailed", "FAILED")]
)
def test_a_time_out_inside_keeps_its_name(aws: Emulator, inside: str, name: str, status: str) -> None:
    slow = invoke(function(aws, SCRIPTED), {"seconds": 3}, TimeoutSeconds=1)
    catchers = {"Catch": [catch(name)], "End": True}
    state = each({"Slow": slow}, **catchers) if inside == "Map" else parallel({"Slow": slow}, **catchers)
    ended = outcome(aws, machine({"State": state, "Caught": END}), [1])
    assert ended["status"] == status, ended
    assert (ended["output"]["Error"] if status == "SUCCEEDED" else ended["error"]) == "States.Timeout"


@aws_document(TASK, assumed="the time of each attempt counts alone; AWS writes of the state")
def test_time_does_not_run_while_the_state_before_does(aws: Emulator) -> None:
    first = direct(function(aws, SCRIPTED), TimeoutSeconds=24, Next="Pause")
    first["Parameters"] = {"seconds": 0.5}
    second = first | {"Next": "End"}
    states = {"First": first, "Pause": {"Type": "Wait", "Seconds": 23, "Next": "Second"}, "Second": second}
    assert outcome(aws, machine({**states, "End": END}))["status"] == "SUCCEEDED"


def _scheduled(aws: Emulator, ended: dict[str, Any]) -> dict[str, Any]:
    """Details of the first TaskScheduled event."""
    found = (event for event in events(aws, ended["executionArn"]) if event["type"] == "TaskScheduled")
    details: dict[str, Any] = next(found)["taskScheduledEventDetails"]
    return details


def _queue(aws: Emulator) -> str:
    """The URL of a new queue."""
    url: str = aws.client("sqs").create_queue(QueueName=f"case-{uuid.uuid4().hex[:10]}")["QueueUrl"]
    return url


def _callback(queue: str, **more: Any) -> dict[str, Any]:
    """A task that sends its token to `queue` and waits for an answer."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "End": True,
        **more,
    }


def _received(aws: Emulator, queue: str) -> dict[str, Any]:
    """The JSON body of the next message."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        if messages := answer.get("Messages"):
            body: dict[str, Any] = json.loads(messages[0]["Body"])
            return body
    raise AssertionError(f"nothing came to {queue}")
