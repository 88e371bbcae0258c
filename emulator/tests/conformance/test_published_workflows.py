"""Workflows as people write them in tutorials and repositories, unchanged: habits rather than good style."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import pytest

from tests.conformance.definitions import PASS, State, catch, each, jsonata, machine
from tests.conformance.documents import aws_document
from tests.conformance.machines import define, event_types, failure, function, outcome, output
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
LAMBDA = GUIDE + "connect-lambda.html"
PYTHON = "https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html"
INVOKE = "arn:aws:states:::lambda:invoke"

SERIALIZE = """
import base64
import boto3

def handler(event, context):
    image = boto3.client("s3").get_object(Bucket=event["s3_bucket"], Key=event["s3_key"])["Body"].read()
    return {"statusCode": 200, "body": {**event, "image_data": base64.b64encode(image), "inferences": []}}
"""
"""Returns base64 *bytes*, which Python's json refuses and Lambda's runtime does not."""
CLASSIFY = """
import base64
import json

def handler(event, context):
    event = event.get("body", event)
    image = base64.b64decode(event["image_data"])
    return {"statusCode": 200, "body": json.dumps({"inferences": [len(image), 0.5]})}
"""
FILTER = """
import json

class ConfidenceTooLow(Exception):
    pass

def handler(event, context):
    inferences = json.loads(event["body"])["inferences"]
    if max(inferences) < 0.9:
        raise ConfidenceTooLow("THRESHOLD CONFIDENCE NOT MET")
    return {"statusCode": 200, "body": json.dumps(inferences)}
"""
ECHO = "def handler(event, context):\n    return {'kind': type(event).__name__, 'event': event}\n"
VERSIONED = "def handler(event, context):\n    return context.function_version\n"


@pytest.fixture
def bucket(aws: Emulator) -> str:
    """A bucket with the object a/b.png of nine bytes."""
    name = f"case-{uuid.uuid4().hex[:10]}"
    aws.client("s3").create_bucket(Bucket=name)
    aws.client("s3").put_object(Bucket=name, Key="a/b.png", Body=b"\x89PNG\r\n\x1a\n!")
    return name


@aws_document(PYTHON)
@aws_document(LAMBDA)
def test_three_functions_in_a_row_with_bodies_in_bodies(aws: Emulator, bucket: str) -> None:
    definition = machine(
        {
            "Serialize": _invoke(function(aws, SERIALIZE), OutputPath="$.Payload.body", Next="Classify"),
            "Classify": _invoke(function(aws, CLASSIFY), OutputPath="$.Payload", Next="Filter"),
            "Filter": _invoke(function(aws, FILTER), OutputPath="$.Payload"),
        }
    )
    given = {"image_data": "", "s3_bucket": bucket, "s3_key": "a/b.png"}
    assert output(aws, definition, given) == {"statusCode": 200, "body": "[9, 0.5]"}


@aws_document(PYTHON)
@aws_document(LAMBDA)
def test_functions_by_their_own_arn_with_bodies_in_bodies(aws: Emulator, bucket: str) -> None:
    definition = machine(
        {
            "Serialize": {"Type": "Task", "Resource": function(aws, SERIALIZE), "Next": "Classify"},
            "Classify": {"Type": "Task", "Resource": function(aws, CLASSIFY), "Next": "Parse"},
            "Parse": PASS | {"Parameters": {"inferences.$": "States.StringToJson($.body)"}},
        }
    )
    given = {"s3_bucket": bucket, "s3_key": "a/b.png"}
    assert output(aws, definition, given) == {"inferences": {"inferences": [9, 0.5]}}


@aws_document(PYTHON)
def test_bytes_of_a_result_are_text_in_the_workflow(aws: Emulator, bucket: str) -> None:
    definition = machine({"Serialize": _invoke(function(aws, SERIALIZE), OutputPath="$.Payload.body")})
    result = output(aws, definition, {"s3_bucket": bucket, "s3_key": "a/b.png"})
    assert base64.b64decode(result["image_data"]) == b"\x89PNG\r\n\x1a\n!"


@aws_document(LAMBDA)
@pytest.mark.parametrize("qualifier", ["$LATEST", "version", "alias"])
@pytest.mark.parametrize("integrated", [False, True], ids=["direct", "lambda:invoke"])
def test_functions_are_called_by_version_and_alias(aws: Emulator, qualifier: str, integrated: bool) -> None:
    client, arn = aws.client("lambda"), function(aws, VERSIONED)
    version = client.publish_version(FunctionName=arn)["Version"]
    name = f"a{uuid.uuid4().hex[:8]}"
    client.create_alias(FunctionName=arn, Name=name, FunctionVersion=version)
    qualified = f"{arn}:" + {"$LATEST": "$LATEST", "version": version, "alias": name}[qualifier]
    task: dict[str, Any] = {"Type": "Task", "Resource": qualified}
    if integrated:
        task = _invoke(qualified, OutputPath="$.Payload")
    assert output(aws, machine({"Task": task})) == ("$LATEST" if qualifier == "$LATEST" else version)


@aws_document(LAMBDA)
def test_a_qualifier_beside_the_name(aws: Emulator) -> None:
    arn = function(aws, VERSIONED)
    version = aws.client("lambda").publish_version(FunctionName=arn)["Version"]
    task = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": arn.rpartition(":")[2], "Qualifier": version},
        "OutputPath": "$.Payload",
    }
    assert output(aws, machine({"Task": task})) == version


@aws_document(LAMBDA, assumed="text that is JSON is sent as what it says")
@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"image_data": "", "n": [1]}', {"kind": "dict", "event": {"image_data": "", "n": [1]}}),
        ("plain text", {"kind": "str", "event": "plain text"}),
        ({"a": 1}, {"kind": "dict", "event": {"a": 1}}),
    ],
    ids=["JSON text", "text", "object"],
)
def test_the_payload_of_invoke(aws: Emulator, payload: Any, expected: Any) -> None:
    task = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": function(aws, ECHO), "Payload": payload},
        "OutputPath": "$.Payload",
    }
    assert output(aws, machine({"Task": task})) == expected


@aws_document(LAMBDA)
def test_the_answer_of_invoke_wraps_the_payload(aws: Emulator) -> None:
    result = output(aws, machine({"Task": _invoke(function(aws, ECHO))}), {"a": 1})
    assert result["Payload"] == {"kind": "dict", "event": {"a": 1}}
    assert (result["StatusCode"], result["ExecutedVersion"]) == (200, "$LATEST")
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert {"AllHttpHeaders", "HttpHeaders"} <= result["SdkHttpMetadata"].keys()
    assert "RequestId" in result["SdkResponseMetadata"]


@aws_document(GUIDE + "input-output-inputpath-params.html")
def test_a_result_selector_takes_the_body_out(aws: Emulator, bucket: str) -> None:
    image = {"key": "a/b.png", "size": 9}
    source = f"def handler(event, context):\n    return {{'statusCode': 200, 'body': {image!r}}}\n"
    task = _invoke(
        function(aws, source),
        ResultSelector={"image.$": "$.Payload.body", "code.$": "$.Payload.statusCode"},
        ResultPath="$.looked",
    )
    assert output(aws, machine({"Look": task}), {"s3_bucket": bucket}) == {
        "s3_bucket": bucket,
        "looked": {"image": image, "code": 200},
    }


@aws_document(GUIDE + "concepts-error-handling.html")
def test_a_low_confidence_fails_and_is_told_to_a_topic(aws: Emulator) -> None:
    topic, queue = _topic_with_queue(aws)
    tell = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {
            "TopicArn": topic,
            "Subject": "Low confidence",
            "Message.$": "$.problem",
            "MessageAttributes": {"kind": {"DataType": "String", "StringValue.$": "$.problem.Error"}},
        },
        "ResultPath": "$.told",
        "Next": "Fail",
    }
    states = {
        "Filter": _invoke(
            function(aws, FILTER),
            Retry=[
                {
                    "ErrorEquals": ["Lambda.ServiceException", "Lambda.SdkClientException"],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 6,
                    "BackoffRate": 2,
                }
            ],
            Catch=[catch("ConfidenceTooLow", to="Tell", ResultPath="$.problem")],
            Next="Done",
        ),
        "Tell": tell,
        "Fail": {"Type": "Fail", "ErrorPath": "$.problem.Error", "CausePath": "$.told.MessageId"},
        "Done": {"Type": "Succeed"},
    }
    error, message_id = failure(aws, machine(states), {"body": '{"inferences": [0.5, 0.5]}'})
    told = _received(aws, queue)
    assert error == "ConfidenceTooLow"
    assert (told["MessageId"], told["Subject"]) == (message_id, "Low confidence")
    assert json.loads(told["Message"])["Error"] == "ConfidenceTooLow"
    assert told["MessageAttributes"]["kind"]["Value"] == "ConfidenceTooLow"


@aws_document(GUIDE + "connect-sqs.html")
def test_a_row_a_message(aws: Emulator) -> None:
    queue = aws.client("sqs").create_queue(QueueName=f"case-{uuid.uuid4().hex[:10]}")["QueueUrl"]
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$"},
        "ResultSelector": {"id.$": "$.MessageId"},
    }
    sent = output(aws, machine({"Send all": each({"Send": send})}), [{"n": 1}, {"n": 2}])
    assert all(row.keys() == {"id"} for row in sent)
    assert sorted(_received(aws, queue)["n"] for _ in sent) == [1, 2]


@aws_document(GUIDE + "supported-services-awssdk.html")
def test_objects_are_listed_read_and_written_without_a_function(aws: Emulator, bucket: str) -> None:
    sdk = "arn:aws:states:::aws-sdk:s3:"
    states: dict[str, State] = {
        "Write": {
            "Type": "Task",
            "Resource": sdk + "putObject",
            "Parameters": {"Bucket.$": "$.bucket", "Key": "a/note.json", "Body": {"n": 1}},
            "ResultPath": None,
            "Next": "List",
        },
        "List": {
            "Type": "Task",
            "Resource": sdk + "listObjectsV2",
            "Parameters": {"Bucket.$": "$.bucket", "Prefix": "a/"},
            "ResultPath": "$.listed",
            "Next": "Read",
        },
        "Read": {
            "Type": "Task",
            "Resource": sdk + "getObject",
            "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.listed.Contents[1].Key"},
            "ResultSelector": {"note.$": "States.StringToJson($.Body)", "length.$": "$.ContentLength"},
            "ResultPath": "$.read",
        },
    }
    result = output(aws, machine(states), {"bucket": bucket})
    assert [row["Key"] for row in result["listed"]["Contents"]] == ["a/b.png", "a/note.json"]
    assert result["listed"]["Contents"][0]["Size"] == 9
    assert result["read"] == {"note": {"n": 1}, "length": len('{"n":1}')}


@aws_document(GUIDE + "connect-stepfunctions.html")
@pytest.mark.parametrize(
    ("suffix", "expected"), [(":2", {"twice": 4}), ("", '{"twice":4}')], ids=["sync:2", "sync"]
)
def test_a_workflow_waits_for_another(aws: Emulator, suffix: str, expected: Any) -> None:
    child = define(aws, machine({"Twice": PASS | {"Parameters": {"twice.$": "States.MathAdd($.n, $.n)"}}}))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync" + suffix,
        "Parameters": {
            "StateMachineArn": child,
            "Input": {"n.$": "$.n", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"},
        },
    }
    ended = outcome(aws, machine({"Child": task}), {"n": 2})
    assert ended["status"] == "SUCCEEDED", ended
    assert (ended["output"]["Status"], ended["output"]["Output"]) == ("SUCCEEDED", expected)
    assert ended["output"]["StateMachineArn"] == child
    assert "TaskSubmitted" in event_types(aws, ended["executionArn"])


@aws_document(GUIDE + "connect-stepfunctions.html")
def test_a_failing_child_is_a_failed_task_with_its_description_as_the_cause(aws: Emulator) -> None:
    child = define(aws, machine({"Fail": {"Type": "Fail", "Error": "Inner", "Cause": "because"}}))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {}},
        "Catch": [catch("States.TaskFailed")],
        "End": True,
    }
    result = output(aws, machine({"Child": task, "Caught": PASS}))
    assert result["Error"] == "States.TaskFailed"
    cause = json.loads(result["Cause"])
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Inner", "because")


@aws_document(GUIDE + "connect-stepfunctions.html")
def test_a_workflow_starts_another_and_goes_on(aws: Emulator) -> None:
    child = define(aws, machine({"Wait": {"Type": "Wait", "Seconds": 1}}))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": child, "Input": {"n": "{% $states.input.n %}"}},
        "Output": "{% $states.result.ExecutionArn %}",
    }
    execution = output(aws, jsonata({"Start": task}), {"n": 2})
    described = aws.client("stepfunctions").describe_execution(executionArn=execution)
    assert json.loads(described["input"]) == {"n": 2}


def _invoke(function_arn: str, **more: Any) -> dict[str, Any]:
    """What the console and CDK write: the state's input as the payload."""
    parameters = {"Payload.$": "$", "FunctionName": function_arn}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, **more}


def _topic_with_queue(aws: Emulator) -> tuple[str, str]:
    """A topic, and the URL of a queue that receives what is published to it."""
    name = f"case-{uuid.uuid4().hex[:10]}"
    topic: str = aws.client("sns").create_topic(Name=name)["TopicArn"]
    queue: str = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"])
    return topic, queue


def _received(aws: Emulator, queue: str) -> dict[str, Any]:
    """The JSON body of the next message, which is taken from the queue."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            body: dict[str, Any] = json.loads(message["Body"])
            return body
    raise AssertionError(f"nothing came to {queue}")


@aws_document(
    "https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html",
    assumed="other optimized integrations say of the call what Lambda's does, SDK integrations do not",
)
@pytest.mark.parametrize(("resource", "told"), [("sqs", True), ("aws-sdk:sqs", False)])
def test_an_optimized_integration_says_how_its_call_went(aws: Emulator, resource: str, told: bool) -> None:
    queue = aws.client("sqs").create_queue(QueueName="calls")["QueueUrl"]
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": "hello"},
    }
    result = output(aws, machine({"Task": task}))
    assert ("SdkHttpMetadata" in result, "SdkResponseMetadata" in result) == (told, told)
    if told:
        assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
        assert result["SdkResponseMetadata"]["RequestId"]
