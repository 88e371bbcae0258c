"""Sound definitions, after the examples of AWS's developer guide: none of them may be refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.states.definitions.check import diagnose
from loopback_aws.states.records import Type

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:HelloWorld"
INVOKE = "arn:aws:states:::lambda:invoke"
ANY = ["States.ALL"]


def chain(*states: dict[str, Any], language: str | None = None, **more: Any) -> dict[str, Any]:
    """A definition whose states S0, S1, … follow each other unless they say otherwise."""
    named = {}
    for index, state in enumerate(states):
        moves = {"Next", "End", "Choices"} & state.keys() or state["Type"] in ("Succeed", "Fail")
        onward = {"End": True} if index + 1 == len(states) else {"Next": f"S{index + 1}"}
        named[f"S{index}"] = state if moves else state | onward
    return {"StartAt": "S0", "States": named, **({"QueryLanguage": language} if language else {}), **more}


def call(action: str, **parameters: Any) -> dict[str, Any]:
    """A Task of a service integration."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": parameters}


def inner(name: str, state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"End": True} | state}, **more}


def distributed(name: str, kind: str = "STANDARD", state: dict[str, Any] | None = None) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    return inner(name, state or {"Type": "Pass"}, ProcessorConfig=config)


SOUND: dict[str, dict[str, Any]] = {
    "hello world": chain(
        {"Type": "Task", "Resource": FUNCTION}, Comment="A Hello World", Version="1.0", TimeoutSeconds=300
    ),
    "choice": chain(
        {
            "Type": "Choice",
            "Choices": [
                {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "S1", "Comment": "c"},
                {
                    "And": [
                        {"Variable": "$.value", "IsPresent": True},
                        {"Variable": "$.value", "NumericGreaterThanEquals": 20},
                        {"Or": [{"Variable": "$.a", "StringMatches": "log-*"}]},
                    ],
                    "Next": "S2",
                },
                {"Variable": "$.t", "TimestampLessThanPath": "$$.State.EnteredTime", "Next": "S2"},
                {"Variable": "$.ok", "BooleanEqualsPath": "$.no", "Next": "S1", "Assign": {"a.$": "$.x"}},
            ],
            "Default": "S3",
        },
        {"Type": "Wait", "Seconds": 10, "Next": "S2"},
        {"Type": "Succeed", "InputPath": "$.value", "OutputPath": None},
        {"Type": "Fail", "Cause": "No Matches!", "Error": "DefaultStateError"},
    ),
    "waits": chain(
        {"Type": "Wait", "SecondsPath": "$.seconds"},
        {"Type": "Wait", "Timestamp": "2024-08-18T17:33:00Z"},
        {"Type": "Wait", "TimestampPath": "$.expirydate"},
        {"Type": "Wait", "Seconds": 0, "Comment": "none", "InputPath": "$", "OutputPath": "$"},
    ),
    "error handling": chain(
        {
            "Type": "Task",
            "Resource": INVOKE,
            "Parameters": {"FunctionName": FUNCTION, "Payload.$": "$", "Qualifier": "$LATEST"},
            "ResultSelector": {"body.$": "$.Payload"},
            "ResultPath": "$.task.result",
            "TimeoutSeconds": 60,
            "HeartbeatSeconds": 30,
            "Retry": [
                {
                    "ErrorEquals": ["Lambda.ServiceException", "Lambda.SdkClientException"],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 6,
                    "BackoffRate": 2,
                    "MaxDelaySeconds": 5,
                    "JitterStrategy": "FULL",
                },
                {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0},
                {"ErrorEquals": ANY},
            ],
            "Catch": [
                {"ErrorEquals": ["java.lang.Exception"], "ResultPath": "$.error-info", "Next": "S1"},
                {"ErrorEquals": ANY, "ResultPath": None, "Next": "S1"},
            ],
        },
        {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "States.Format('{} failed', $.name)"},
    )
    | {"StartAt": "S0"},
    "empty lists of retriers": chain({"Type": "Task", "Resource": FUNCTION, "Retry": [], "Catch": []}),
    "parallel": chain(
        {
            "Type": "Parallel",
            "Branches": [
                inner("LookupAddress", {"Type": "Task", "Resource": FUNCTION}),
                inner("LookupPhone", {"Type": "Task", "Resource": FUNCTION}, Comment="phone"),
            ],
            "ResultSelector": {"first.$": "$[0]"},
            "Retry": [{"ErrorEquals": ANY, "MaxAttempts": 1}],
        }
    ),
    "map of old": chain(
        {
            "Type": "Map",
            "InputPath": "$.detail",
            "ItemsPath": "$.shipped",
            "MaxConcurrency": 0,
            "ResultPath": "$.detail.shipped",
            "Parameters": {"parcel.$": "$$.Map.Item.Value", "courier.$": "$.delivery-partner"},
            "Iterator": inner("Validate", {"Type": "Task", "Resource": FUNCTION}),
        }
    ),
    "map inline": chain(
        {
            "Type": "Map",
            "ItemProcessor": inner("I", {"Type": "Pass"}, ProcessorConfig={"Mode": "INLINE"}),
            "ItemSelector": {"index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"},
            "ItemsPath": "$.items",
            "MaxConcurrencyPath": "$.concurrency",
            "ToleratedFailurePercentage": 5.5,
            "ToleratedFailureCountPath": "$.tolerated",
        }
    ),
    "map distributed": chain(
        {
            "Type": "Map",
            "Label": "ProcessRows-1_a.b",
            "MaxConcurrency": 1000,
            "ToleratedFailurePercentage": 5.5,
            "ToleratedFailureCountPath": "$.tolerated",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {
                    "InputType": "CSV",
                    "CSVHeaderLocation": "GIVEN",
                    "CSVHeaders": ["id", "name"],
                    "CSVDelimiter": "PIPE",
                    "MaxItemsPath": "$.most",
                },
                "Parameters": {"Bucket.$": "$.bucket", "Key": "rows.csv"},
            },
            "ItemBatcher": {
                "MaxItemsPerBatch": 10,
                "MaxInputBytesPerBatch": 262_144,
                "BatchInput": {"factCheck.$": "$.x", "static": 1},
            },
            "ItemProcessor": distributed("I", "EXPRESS", {"Type": "Task", "Resource": FUNCTION}),
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "results", "Prefix.$": "$.prefix"},
                "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
            },
        }
    ),
    "map over a listing": chain(
        {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Parameters": {"Bucket": "b", "Prefix": "p"},
            },
            "Iterator": distributed("I"),
        }
    ),
    "map distributed in JSONata": chain(
        {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaders": "{% $states.input.headers %}"},
                "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "k"},
            },
            "MaxConcurrency": "{% $states.input.n %}",
            "ToleratedFailurePercentage": "{% 10 %}",
            "ItemSelector": {"value": "{% $states.context.Map.Item.Value %}"},
            "ItemBatcher": {"MaxItemsPerBatch": "{% 5 %}", "BatchInput": {"a": "{% $states.input.a %}"}},
            "ItemProcessor": distributed("I"),
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": "results", "Prefix": "{% $states.input.prefix %}"},
            },
            "Output": {"count": "{% $count($states.result) %}"},
        },
        language="JSONata",
    ),
    "JSONata": chain(
        {
            "Type": "Task",
            "Resource": INVOKE,
            "Arguments": {"FunctionName": FUNCTION, "Payload": "{% $states.input %}"},
            "Assign": {"total": "{% $states.result.Payload.total %}"},
            "Output": "{% $states.result.Payload %}",
            "TimeoutSeconds": "{% $states.input.timeout %}",
            "Retry": [{"ErrorEquals": ANY, "IntervalSeconds": 1, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ANY, "Output": {"e": "{% $states.errorOutput %}"}, "Next": "S3"}],
        },
        {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $total > 10 %}", "Next": "S2", "Output": {"big": True}, "Assign": {"x": 1}}
            ],
            "Default": "S3",
        },
        {"Type": "Wait", "Seconds": "{% $total %}"},
        {"Type": "Pass", "Output": ["{% $total %}", {"n": None}]},
        {"Type": "Fail", "Error": "{% 'E' & $total %}", "Cause": "static"},
        language="JSONata",
    ),
    "a JSONata state in a JSONPath machine": chain(
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": "{% $states.input.a + 1 %}"}},
        {"Type": "Pass", "Parameters": {"b.$": "States.MathAdd($.a, 1)"}, "Assign": {"c.$": "$.b", "d": [1]}},
        {"Type": "Pass", "Parameters": {"c.$": "$c", "id.$": "States.UUID()"}, "InputPath": "$c"},
    ),
    "integrations": chain(
        call("sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody={"Token.$": "$$.Task.Token"})
        | {"HeartbeatSeconds": 600},
        call("sns:publish", TopicArn="t", Message="m"),
        call("dynamodb:putItem", TableName="t", Item={"id": {"S.$": "$.id"}}),
        call("events:putEvents", Entries=[{"Detail": {"a.$": "$.a"}}]),
        call("states:startExecution.sync:2", StateMachineArn="m", Input={"Parent.$": "$$.Execution.Id"}),
        call("ecs:runTask.sync", TaskDefinition="t"),
        call("glue:startJobRun.sync", JobName="j"),
        call("batch:submitJob.sync", JobName="j"),
        call("apigateway:invoke", ApiEndpoint="e", Method="GET"),
        call("aws-sdk:s3:listObjectsV2", Bucket="b"),
        call("sagemaker:createTrainingJob.sync", TrainingJobName="t"),
        {
            "Type": "Task",
            "Resource": "arn:aws:states:us-east-1:123456789012:activity:a",
            "TimeoutSecondsPath": "$.t",
            "HeartbeatSecondsPath": "$.h",
            "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/r"},
        },
    ),
    "results of pass states": chain(
        {"Type": "Pass", "Result": {"x": 0.38, "y": [1, None, True, "s"]}, "ResultPath": "$.coords"},
        {"Type": "Pass", "Result": "text", "ResultPath": None},
        {"Type": "Pass", "InputPath": None, "OutputPath": "$$.Execution.Input"},
        {"Type": "Pass", "Parameters": {"a": {"b.$": "$.c[0]"}}},
        {"Type": "Pass", "ResultPath": "$.a['b c'].d[0]", "Parameters": {"all.$": "$..book[?(@.price<9)]"}},
    ),
    "a loop that ends": chain(
        {"Type": "Pass"},
        {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 1.5, "Next": "S0"}],
            "Default": "S2",
        },
        {"Type": "Succeed"},
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_definition_is_accepted(name: str) -> None:
    assert refused(SOUND[name]) == []


def test_express_takes_what_does_not_wait() -> None:
    definition = chain({"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}})
    assert refused(definition, "EXPRESS") == []


def refused(definition: dict[str, Any], kind: Type = "STANDARD") -> list[str]:
    found = diagnose(json.dumps(definition), kind)
    return [str(problem) for problem in found if problem.severity == "ERROR"]
