"""Tasks whose results come from outside: task tokens and the workers of activities."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import definitions, machines
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator

API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
TOKENS = f"{GUIDE}/connect-to-resource.html"
ACTIVITIES = f"{GUIDE}/concepts-activities.html"


class Waiting:
    """A run whose only task waits for a result, and the token that it has sent to a queue."""

    def __init__(self, aws: Emulator, **more: Any) -> None:
        sqs = aws.client("sqs")
        self.queue = sqs.create_queue(QueueName=f"case-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": self.queue,
                "MessageBody": {"token.$": "$$.Task.Token", "given.$": "$.given"},
            },
            **more,
        }
        states = {"T": state, "C": {"Type": "Pass"}} if more.get("Next") else {"T": state}
        machine = machines.define(aws, definitions.machine(states))
        self.execution = executions.start(aws, machine, {"given": 1})
        self.message = self.next_message(aws)
        self.token = self.message["token"]

    def next_message(self, aws: Emulator) -> dict[str, Any]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = aws.client("sqs").receive_message(QueueUrl=self.queue, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                aws.client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                found: dict[str, Any] = json.loads(message["Body"])
                return found
        raise AssertionError("no message")


def refused(code: str, call: Callable[..., Any], **request: Any) -> None:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == code


def activity(aws: Emulator) -> str:
    """The ARN of a fresh activity."""
    arn: str = aws.client("stepfunctions").create_activity(name=f"case-{uuid.uuid4().hex[:8]}")["activityArn"]
    return arn


def work_on(aws: Emulator, arn: str, **more: Any) -> str:
    """A run whose only task is the activity's."""
    state = {"Type": "Task", "Resource": arn, **more}
    return executions.start(aws, machines.define(aws, definitions.machine({"T": state})), {"x": 1})


@aws_document(TOKENS)
def test_result_comes_with_the_token(aws: Emulator) -> None:
    waiting = Waiting(aws)
    assert waiting.message["given"] == 1
    client = aws.client("stepfunctions")
    assert client.describe_execution(executionArn=waiting.execution)["status"] == "RUNNING"
    client.send_task_success(taskToken=waiting.token, output='{"r": [1]}')
    assert json.loads(executions.finished(aws, waiting.execution)["output"]) == {"r": [1]}
    assert machines.event_types(aws, waiting.execution)[1:-1] == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


@aws_document(f"{API}/API_SendTaskFailure.html")
def test_failure_comes_with_the_token(aws: Emulator) -> None:
    waiting = Waiting(aws)
    aws.client("stepfunctions").send_task_failure(taskToken=waiting.token, error="E", cause="c")
    ended = executions.finished(aws, waiting.execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "E", "c")
    [failed] = [e for e in machines.events(aws, waiting.execution) if e["type"] == "TaskFailed"]
    assert failed["taskFailedEventDetails"] == {
        "resourceType": "sqs",
        "resource": "sendMessage.waitForTaskToken",
        "error": "E",
        "cause": "c",
    }


@aws_document(f"{API}/API_SendTaskFailure.html")
def test_failure_can_be_caught(aws: Emulator) -> None:
    waiting = Waiting(aws, Catch=[{"ErrorEquals": ["E"], "Next": "C"}], Next="C")
    aws.client("stepfunctions").send_task_failure(taskToken=waiting.token, error="E", cause="c")
    ended = executions.finished(aws, waiting.execution)
    assert json.loads(ended["output"]) == {"Error": "E", "Cause": "c"}


@aws_document(TOKENS)
def test_each_attempt_has_a_token_of_its_own(aws: Emulator) -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    waiting = Waiting(aws, Retry=retry)
    client = aws.client("stepfunctions")
    client.send_task_failure(taskToken=waiting.token, error="E")
    second = waiting.next_message(aws)["token"]
    assert second != waiting.token
    client.send_task_success(taskToken=second, output='"second"')
    assert executions.finished(aws, waiting.execution)["output"] == '"second"'


@aws_document(f"{API}/API_SendTaskSuccess.html")
def test_output_must_be_json(aws: Emulator) -> None:
    """The task goes on waiting."""
    waiting = Waiting(aws)
    client = aws.client("stepfunctions")
    refused("InvalidOutput", client.send_task_success, taskToken=waiting.token, output="{")
    client.send_task_success(taskToken=waiting.token, output="{}")
    assert executions.finished(aws, waiting.execution)["status"] == "SUCCEEDED"


@aws_document(f"{API}/API_SendTaskSuccess.html")
def test_tokens_that_never_were(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    refused("InvalidToken", client.send_task_success, taskToken="nonsense", output="{}")
    refused("InvalidToken", client.send_task_failure, taskToken="nonsense")
    refused("InvalidToken", client.send_task_heartbeat, taskToken="nonsense")


@aws_document(
    f"{API}/API_SendTaskSuccess.html", assumed="a token that was used is TaskTimedOut, as its page says"
)
def test_token_is_good_once(aws: Emulator) -> None:
    waiting = Waiting(aws)
    client = aws.client("stepfunctions")
    client.send_task_success(taskToken=waiting.token, output="1")
    assert executions.finished(aws, waiting.execution)["output"] == "1"
    for call, more in (
        (client.send_task_success, {"output": "2"}),
        (client.send_task_failure, {}),
        (client.send_task_heartbeat, {}),
    ):
        refused("TaskTimedOut", call, taskToken=waiting.token, **more)


@aws_document(
    f"{API}/API_SendTaskSuccess.html", assumed="TaskTimedOut also for the task of a stopped execution"
)
def test_token_of_an_execution_that_was_stopped(aws: Emulator) -> None:
    waiting = Waiting(aws)
    client = aws.client("stepfunctions")
    client.stop_execution(executionArn=waiting.execution)
    refused("TaskTimedOut", client.send_task_success, taskToken=waiting.token, output="1")
    assert client.describe_execution(executionArn=waiting.execution)["status"] == "ABORTED"


@aws_document(f"{GUIDE}/concepts-error-handling.html", assumed="the history's form")
def test_time_out(aws: Emulator) -> None:
    waiting = Waiting(aws, TimeoutSeconds=12)
    ended = executions.finished(aws, waiting.execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert machines.event_types(aws, waiting.execution)[-3:] == [
        "TaskSubmitted",
        "TaskTimedOut",
        "ExecutionFailed",
    ]
    client = aws.client("stepfunctions")
    refused("TaskTimedOut", client.send_task_success, taskToken=waiting.token, output="1")


@aws_document(
    f"{GUIDE}/concepts-error-handling.html", assumed="the error is States.HeartbeatTimeout or States.Timeout"
)
def test_missing_heartbeat(aws: Emulator) -> None:
    waiting = Waiting(aws, HeartbeatSeconds=1, TimeoutSeconds=machines.LONG)
    ended = executions.finished(aws, waiting.execution)
    assert ended["status"] == "FAILED"
    assert ended["error"] in ("States.Timeout", "States.HeartbeatTimeout")


@aws_document(ACTIVITIES)
def test_activity(aws: Emulator) -> None:
    client, arn = aws.client("stepfunctions"), activity(aws)
    execution = work_on(aws, arn, TimeoutSeconds=500, HeartbeatSeconds=400)
    task = client.get_activity_task(activityArn=arn, workerName="worker")
    assert json.loads(task["input"]) == {"x": 1}
    client.send_task_success(taskToken=task["taskToken"], output='{"y": 2}')
    assert json.loads(executions.finished(aws, execution)["output"]) == {"y": 2}
    events = {event["type"]: event for event in machines.events(aws, execution)}
    assert list(events) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    scheduled = events["ActivityScheduled"]["activityScheduledEventDetails"]
    assert (scheduled["resource"], json.loads(scheduled["input"])) == (arn, {"x": 1})
    assert (scheduled["timeoutInSeconds"], scheduled["heartbeatInSeconds"]) == (500, 400)
    assert events["ActivityStarted"]["activityStartedEventDetails"] == {"workerName": "worker"}
    assert json.loads(events["ActivitySucceeded"]["activitySucceededEventDetails"]["output"]) == {"y": 2}


@aws_document(ACTIVITIES)
def test_activity_that_fails(aws: Emulator) -> None:
    client, arn = aws.client("stepfunctions"), activity(aws)
    execution = work_on(aws, arn)
    token = client.get_activity_task(activityArn=arn)["taskToken"]
    client.send_task_failure(taskToken=token, error="E", cause="c")
    ended = executions.finished(aws, execution)
    assert (ended["error"], ended["cause"]) == ("E", "c")
    assert machines.event_types(aws, execution)[-2:] == ["ActivityFailed", "ExecutionFailed"]


@aws_document(ACTIVITIES)
def test_each_task_goes_to_one_of_two_workers(aws: Emulator) -> None:
    """Workers that poll before there is work get it when it comes, each task once."""
    client, arn = aws.client("stepfunctions"), activity(aws)

    def work(name: str) -> str:
        token: str = client.get_activity_task(activityArn=arn, workerName=name)["taskToken"]
        client.send_task_success(taskToken=token, output=json.dumps(name))
        return token

    with ThreadPoolExecutor() as workers:
        polling = [workers.submit(work, name) for name in ("a", "b")]
        runs = [work_on(aws, arn) for _ in polling]
        tokens = {poll.result(60) for poll in polling}
    assert len(tokens) == 2
    assert sorted(executions.finished(aws, run)["output"] for run in runs) == ['"a"', '"b"']


@aws_document(ACTIVITIES, assumed="the error is States.Timeout")
def test_activity_without_a_worker_times_out(aws: Emulator) -> None:
    execution = work_on(aws, activity(aws), TimeoutSeconds=1)
    assert executions.finished(aws, execution)["error"] == "States.Timeout"
    assert machines.event_types(aws, execution)[-3:] == [
        "ActivityScheduled",
        "ActivityTimedOut",
        "ExecutionFailed",
    ]


@aws_document(ACTIVITIES, assumed="the error is States.HeartbeatTimeout or States.Timeout")
def test_activity_whose_worker_is_silent_times_out(aws: Emulator) -> None:
    client, arn = aws.client("stepfunctions"), activity(aws)
    execution = work_on(aws, arn, HeartbeatSeconds=12, TimeoutSeconds=60)
    token = client.get_activity_task(activityArn=arn)["taskToken"]
    ended = executions.finished(aws, execution)
    assert ended["error"] in ("States.Timeout", "States.HeartbeatTimeout")
    assert machines.event_types(aws, execution)[-2:] == ["ActivityTimedOut", "ExecutionFailed"]
    refused("TaskTimedOut", client.send_task_success, taskToken=token, output="1")


@aws_document(f"{API}/API_GetActivityTask.html")
def test_poll_of_an_activity_that_does_not_exist(aws: Emulator) -> None:
    poll = aws.client("stepfunctions").get_activity_task
    refused("ActivityDoesNotExist", poll, activityArn="arn:aws:states:us-east-1:000000000000:activity:none")
    refused("InvalidArn", poll, activityArn="nonsense")
