"""One image, end to end: what operators start, what they get, and what they are told when it fails."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.names import LOOPBACK_STAGE, StageNames, machine_log_group
from contracts.outputs import CAPTURED_DATA, DATA_BUCKET, FAILURE_TOPIC, IMAGE_MACHINE, MODEL_DIGEST
from tests.local.deployed import captured, executions, functions
from tests.local.deployed.deployment import BLUE, GREY, RED, picture, read_marked, subscribe_queue
from tests.local.deployed.emulator import Emulator

OBJECTS = {
    "test/bicycle_s_000513.png": picture(RED),
    "test/motorcycle_s_000042.png": picture(BLUE, kind="JPEG"),  # content counts, not the name
    "odd/süße Räder + co/a b.png": picture(BLUE),
    "test/grey.png": picture(GREY),
    "test/large.png": picture(RED, 500, noisy=True),
    "test/text.png": b"I am not an image.\n",
}
INPUTS: dict[str, Any] = {
    "confident": {"image_data": "", "s3_key": "test/bicycle_s_000513.png"},
    "jpeg": {"image_data": "", "s3_key": "test/motorcycle_s_000042.png"},
    "strange key": {"image_data": "", "s3_key": "odd/süße Räder + co/a b.png"},
    "large": {"image_data": "", "s3_key": "test/large.png"},
    "inline": {"image_data": base64.b64encode(picture(BLUE)).decode(), "s3_key": "only a label"},
    "low threshold": {"image_data": "", "s3_key": "test/grey.png", "threshold": 0.4},
    "unsure": {"image_data": "", "s3_key": "test/grey.png"},
    "not there": {"image_data": "", "s3_key": "test/nothing.png"},
    "text": {"image_data": "", "s3_key": "test/text.png"},
    "no key": {"image_data": ""},
}
FAILURES = {
    "unsure": "LowConfidence",
    "not there": "ImageNotFound",
    "text": "UnsupportedImage",
    "no key": "InvalidInput",
}


@dataclass
class Run:
    """An execution that has ended."""

    arn: str
    description: dict[str, Any]
    notifications: list[dict[str, Any]]

    @property
    def output(self) -> dict[str, Any]:
        assert self.description["status"] == "SUCCEEDED", self.description
        result: dict[str, Any] = json.loads(self.description["output"])
        return result


@pytest.fixture(scope="module")
def runs(aws: Emulator, deployed: dict[str, str]) -> Iterator[dict[str, Run]]:
    """Every input above, executed at once, with what a subscriber of the topic received for it."""
    bucket, machine = deployed[DATA_BUCKET], deployed[IMAGE_MACHINE]
    for key, body in OBJECTS.items():
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    queue = subscribe_queue(aws, deployed[FAILURE_TOPIC])
    started = {case: executions.start(aws, machine, given) for case, given in INPUTS.items()}
    ended = {case: executions.finished(aws, arn) for case, arn in started.items()}
    stopped = stop_one(aws, machine)
    ended["stopped"] = executions.finished(aws, stopped)
    received = read_marked(aws, deployed[FAILURE_TOPIC], queue, count=len(FAILURES) + 1)
    yield {
        case: Run(
            description["executionArn"],
            description,
            [message for message in received if description["executionArn"] in message["Message"]],
        )
        for case, description in ended.items()
    }
    aws.client("sqs").delete_queue(QueueUrl=queue)


def stop_one(aws: Emulator, machine: str) -> str:
    """Start an execution while every Lambda process is busy, and stop it; its ARN."""
    busy = functions.create(aws, "import time\ndef handler(event, context):\n    time.sleep(4)\n")
    holds = functions.machine(aws, {"Hold": functions.task(busy)})
    holding = [executions.start(aws, holds, {}) for _ in range(4)]
    execution = executions.start(aws, machine, {"image_data": "", "s3_key": "test/grey.png"})
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    for other in holding:
        executions.finished(aws, other)
    return execution


def test_a_confident_image_is_classified(runs: dict[str, Run], deployed: dict[str, str]) -> None:
    run = runs["confident"]
    assert run.output == {
        "s3_bucket": deployed[DATA_BUCKET],
        "s3_key": "test/bicycle_s_000513.png",
        "predicted_class": "bicycle",
        "confidence": pytest.approx(1.0),
        "threshold": 0.9,
        "inferences": [pytest.approx(1.0), pytest.approx(0.0, abs=1e-6)],
        "model": deployed[MODEL_DIGEST][:12],
        "inference_id": run.arn.rpartition(":")[2],
    }
    assert run.notifications == []


@pytest.mark.parametrize(
    ("case", "predicted"),
    [("jpeg", "motorcycle"), ("strange key", "motorcycle"), ("large", "bicycle"), ("inline", "motorcycle")],
)
def test_other_ways_to_give_an_image(runs: dict[str, Run], case: str, predicted: str) -> None:
    assert runs[case].output["predicted_class"] == predicted
    assert runs[case].output["s3_key"] == INPUTS[case]["s3_key"]
    assert "image_data" not in runs[case].output


def test_the_input_may_lower_the_threshold(runs: dict[str, Run]) -> None:
    assert runs["low threshold"].output["threshold"] == 0.4


@pytest.mark.parametrize(("case", "error"), FAILURES.items())
def test_a_failure_has_a_name_and_is_told_once(runs: dict[str, Run], case: str, error: str) -> None:
    run = runs[case]
    assert (run.description["status"], run.description["error"]) == ("FAILED", error)
    assert "output" not in run.description
    assert json.loads(run.description["cause"])["errorType"] == error
    [notification] = run.notifications
    assert error in notification["Subject"]
    text = notification["Message"]
    assert INPUTS[case].get("s3_key", "no image") in text
    assert json.loads(run.description["cause"])["errorMessage"] in text
    assert "aws stepfunctions start-execution" in text
    assert json.dumps(INPUTS[case], separators=(",", ":")) in text


def test_a_stopped_execution_is_aborted_and_told_once(runs: dict[str, Run]) -> None:
    run = runs["stopped"]
    assert run.description["status"] == "ABORTED"
    [notification] = run.notifications
    assert "ABORTED" in notification["Message"]
    assert f"describe-execution --execution-arn {run.description['executionArn']}" in notification["Message"]
    assert json.loads(run.description["input"])["s3_key"] not in notification["Message"]
    assert "\n" in notification["Message"], "the template's lines are lines of the message"


def test_the_history_names_the_states(aws: Emulator, runs: dict[str, Run]) -> None:
    def entered(case: str) -> list[str]:
        events = executions.history(aws, runs[case].arn)
        return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]

    steps = ["Serialize image", "Classify image", "Keep confident prediction"]
    assert entered("confident") == steps
    assert entered("unsure") == [*steps, "Notify failure", "Classification failed"]
    assert entered("not there") == [steps[0], "Notify failure", "Classification failed"]


def test_the_request_and_the_answer_are_captured(
    aws: Emulator, deployed: dict[str, str], runs: dict[str, Run]
) -> None:
    assert deployed[CAPTURED_DATA] == f"s3://{deployed[DATA_BUCKET]}/data-capture"
    wanted = runs["confident"].output["inference_id"]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        records = [record for record in captured.records(aws, deployed) if record_id(record) == wanted]
        if records:
            break
        time.sleep(0.2)
    [record] = records
    image = base64.b64decode(record["captureData"]["endpointInput"]["data"])
    assert image == OBJECTS["test/bicycle_s_000513.png"]
    answer = json.loads(record["captureData"]["endpointOutput"]["data"])
    answer = answer["probabilities"] if isinstance(answer, dict) else answer
    assert answer == runs["confident"].output["inferences"]


def record_id(record: dict[str, Any]) -> str:
    return str(record["eventMetadata"].get("inferenceId"))


def test_the_log_of_the_state_machine_holds_every_event(aws: Emulator, runs: dict[str, Run]) -> None:
    group = machine_log_group(StageNames(LOOPBACK_STAGE).image_machine)
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
    logged = [line["type"] for line in lines if line["execution_arn"] == runs["unsure"].arn]
    assert logged == [event["type"] for event in executions.history(aws, runs["unsure"].arn)]


def test_the_functions_log_the_execution(aws: Emulator, runs: dict[str, Run]) -> None:
    name = runs["confident"].output["inference_id"]
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    [group] = [
        g["logGroupName"]
        for g in groups
        if "classify-image" in g["logGroupName"] and "lambda" in g["logGroupName"]
    ]
    events = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [json.loads(e["message"]) for e in events if e["message"].startswith("{")]
    assert any(name in line.values() for line in lines)
