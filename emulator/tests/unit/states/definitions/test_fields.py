"""Fields of states: which there may be, which there must be, and what they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.states.definitions.check import problems

INNER = {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}
DISTRIBUTED = INNER | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
S3_GET, S3_PUT = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:putObject"
LAMBDA = "arn:aws:states:::lambda:invoke"
DONE: dict[str, Any] = {"End": True}


def found(state: dict[str, Any], language: str = "JSONPath", kind: Any = "STANDARD") -> list[str]:
    """Problems of a machine of one state, `{}` in places standing for that state."""
    text = json.dumps({"QueryLanguage": language, "StartAt": "A", "States": {"A": state}})
    return [f"{p.message} at {p.location}".replace("/States/A", "{}", 1) for p in problems(text, kind)]


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA, **DONE, **fields}


def choice(*rules: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": list(rules)}


def spread(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": DISTRIBUTED, **DONE, **fields}


def reader(**config: Any) -> dict[str, Any]:
    return spread(ItemReader={"Resource": S3_GET, "ReaderConfig": config, "Parameters": {"Bucket": "b"}})


UNSUPPORTED = "Field '{}' is not supported at {{}}"
RETRY = {"ErrorEquals": ["E"]}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({}, "These fields are required: [Type] at {}"),
    (
        {"Type": "Loop"},
        "Value is not valid. It must be one of: [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait] "
        "at {}/Type",
    ),
    ({"Type": "Pass"}, "There should be one of the following fields: [Next, End] at {}"),
    ({"Type": "Pass", "End": False}, "There should be one of the following fields: [Next, End] at {}"),
    (
        {"Type": "Pass", "Next": "A", "End": True},
        "There should only be one of the following fields: [End, Next] at {}",
    ),
    ({"Type": "Pass", "End": "true"}, "Expected value of type Boolean at {}/End"),
    *(
        ({"Type": "Pass", field: [], **DONE}, UNSUPPORTED.format(field))
        for field in ("Foo", "Retry", "Catch", "ResultSelector", "Choices", "TimeoutSeconds")
    ),
    ({"Type": "Succeed", "End": True}, UNSUPPORTED.format("End")),
    ({"Type": "Fail", "Next": "A"}, UNSUPPORTED.format("Next")),
    (choice({"Variable": "$", "IsNull": True, "Next": "A"}) | {"Next": "A"}, UNSUPPORTED.format("Next")),
    (
        {"Type": "Parallel", "Branches": [INNER], "TimeoutSeconds": 1, **DONE},
        UNSUPPORTED.format("TimeoutSeconds"),
    ),
    ({"Type": "Pass", "InputPath": "x", **DONE}, "Value must be a valid JSONPath. at {}/InputPath"),
    ({"Type": "Pass", "ResultPath": "$.a[*]", **DONE}, "Value is not a Reference Path at {}/ResultPath"),
    ({"Type": "Pass", "ResultPath": "$$.a", **DONE}, "Value is not a Reference Path at {}/ResultPath"),
    (
        task(Parameters={"a": [{"n.$": "foo"}]}),
        "The value for the field 'n.$' must be a valid JSONPath or a valid intrinsic function call "
        "at {}/Parameters",
    ),
    ({"Type": "Task", **DONE}, "These fields are required: [Resource] at {}"),
    (task(Resource="createToken"), "Value is not a valid resource ARN at {}/Resource"),
    (task(TimeoutSeconds=0), "Minimum value is 1 at {}/TimeoutSeconds"),
    (task(TimeoutSeconds="5"), "Expected value of type Integer at {}/TimeoutSeconds"),
    (task(TimeoutSeconds=1.5), "Expected value of type Integer at {}/TimeoutSeconds"),
    (
        task(TimeoutSeconds=5, HeartbeatSeconds=5),
        "HeartbeatSeconds must be smaller than TimeoutSeconds at {}",
    ),
    (
        task(TimeoutSeconds=5, TimeoutSecondsPath="$.t"),
        "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at {}",
    ),
    (task(Retry=[{"MaxAttempts": 1}]), "These fields are required: [ErrorEquals] at {}/Retry[0]"),
    (task(Retry=RETRY), "Expected value of type Array at {}/Retry"),
    (task(Retry=[RETRY | {"BackoffRate": 0.5}]), "Minimum value is 1.0 at {}/Retry[0]/BackoffRate"),
    (task(Retry=[RETRY | {"MaxAttempts": -1}]), "Minimum value is 0 at {}/Retry[0]/MaxAttempts"),
    (task(Retry=[RETRY | {"IntervalSeconds": 0}]), "Minimum value is 1 at {}/Retry[0]/IntervalSeconds"),
    (
        task(Retry=[RETRY | {"MaxDelaySeconds": 31_622_400}]),
        "Maximum value is 31622399 at {}/Retry[0]/MaxDelaySeconds",
    ),
    (
        task(Retry=[RETRY | {"JitterStrategy": "HALF"}]),
        "Value is not valid. It must be one of: [FULL, NONE] at {}/Retry[0]/JitterStrategy",
    ),
    (task(Retry=[RETRY | {"Next": "A"}]), "Field 'Next' is not supported at {}/Retry[0]"),
    (
        task(Retry=[{"ErrorEquals": ["States.ALL"]}, RETRY]),
        "States.ALL must appear alone and at the end of the list at {}/Retry[0]/ErrorEquals",
    ),
    (
        task(Retry=[{"ErrorEquals": ["States.ALL", "E"]}]),
        "States.ALL must appear alone and at the end of the list at {}/Retry[0]/ErrorEquals",
    ),
    (task(Catch=[{"ErrorEquals": ["E"]}]), "These fields are required: [Next] at {}/Catch[0]"),
    (
        {"Type": "Wait", **DONE},
        "There should be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath] at {}",
    ),
    (
        {"Type": "Wait", "Seconds": 1, "TimestampPath": "$.t", **DONE},
        "There should only be one of the following fields: [Seconds, TimestampPath] at {}",
    ),
    ({"Type": "Wait", "Seconds": -1, **DONE}, "Minimum value is 0 at {}/Seconds"),
    (
        {"Type": "Wait", "Timestamp": "2024-01-01", **DONE},
        "Value must be a timestamp of the RFC3339 profile of ISO 8601 at {}/Timestamp",
    ),
    (
        {"Type": "Fail", "Error": "E", "ErrorPath": "$.e"},
        "There should only be one of the following fields: [Error, ErrorPath] at {}",
    ),
    (
        {"Type": "Fail", "CausePath": "e"},
        "Value must be a valid JSONPath or a valid intrinsic function call at {}/CausePath",
    ),
    ({"Type": "Choice"}, "These fields are required: [Choices] at {}"),
    ({"Type": "Choice", "Choices": []}, "Array must have at least one element at {}/Choices"),
    (choice({"Variable": "$.x", "IsNull": True}), "These fields are required: [Next] at {}/Choices[0]"),
    (choice({"IsNull": True, "Next": "A"}), "These fields are required: [Variable] at {}/Choices[0]"),
    (
        choice({"Next": "A"}),
        "There should be one of the following fields: [And, Or, Not, Variable] at {}/Choices[0]",
    ),
    (
        choice({"Variable": "$.x", "Next": "A"}),
        "There should be a comparison operator for 'Variable' at {}/Choices[0]",
    ),
    (
        choice({"Variable": "$.x", "IsNull": True, "IsPresent": True, "Next": "A"}),
        "There should only be one of the following fields: [IsNull, IsPresent] at {}/Choices[0]",
    ),
    (
        choice({"Variable": "$.x", "NumericEquals": "1", "Next": "A"}),
        "Expected value of type Number at {}/Choices[0]/NumericEquals",
    ),
    (
        choice({"Variable": "x", "IsNull": True, "Next": "A"}),
        "Value must be a valid JSONPath. at {}/Choices[0]/Variable",
    ),
    (
        choice({"Not": {"Variable": "$.x", "IsNull": True, "Next": "A"}, "Next": "A"}),
        "Field 'Next' is not supported at {}/Choices[0]/Not",
    ),
    (choice({"And": [], "Next": "A"}), "Array must have at least one element at {}/Choices[0]/And"),
    ({"Type": "Parallel", **DONE}, "These fields are required: [Branches] at {}"),
    (
        {"Type": "Parallel", "Branches": [{"StartAt": "I"}], **DONE},
        "These fields are required: [States] at {}/Branches[0]",
    ),
    ({"Type": "Map", **DONE}, "There should be one of the following fields: [ItemProcessor, Iterator] at {}"),
    (
        {"Type": "Map", "ItemProcessor": INNER | {"QueryLanguage": "JSONPath"}, **DONE},
        "Field 'QueryLanguage' is not supported at {}/ItemProcessor",
    ),
    (
        {"Type": "Map", "ItemProcessor": INNER | {"ProcessorConfig": {"Mode": "FAST"}}, **DONE},
        "Value is not valid. It must be one of: [INLINE, DISTRIBUTED] "
        "at {}/ItemProcessor/ProcessorConfig/Mode",
    ),
    (
        {"Type": "Map", "ItemProcessor": INNER | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}, **DONE},
        "These fields are required: [ExecutionType] at {}/ItemProcessor/ProcessorConfig",
    ),
    (
        {"Type": "Map", "ItemProcessor": INNER, "Label": "rows", **DONE},
        "Field 'Label' is only supported when Mode is DISTRIBUTED at {}",
    ),
    (spread(MaxConcurrency=-1), "Minimum value is 0 at {}/MaxConcurrency"),
    (
        spread(MaxConcurrencyPath="$$.Execution.Input.n"),
        "Value is not a Reference Path at {}/MaxConcurrencyPath",
    ),
    (spread(ToleratedFailurePercentage=-1), "Minimum value is 0.0 at {}/ToleratedFailurePercentage"),
    (spread(ToleratedFailurePercentage=100.5), "Maximum value is 100.0 at {}/ToleratedFailurePercentage"),
    (
        spread(ItemBatcher={"MaxInputBytesPerBatch": 262_145}),
        "Maximum value is 262144 at {}/ItemBatcher/MaxInputBytesPerBatch",
    ),
    (
        spread(ItemBatcher={"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.n"}),
        "There should only be one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath] "
        "at {}/ItemBatcher",
    ),
    (
        spread(ItemBatcher={"BatchInput": {}}),
        "There should be one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath, "
        "MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] at {}/ItemBatcher",
    ),
    (
        reader(InputType="JSON", MaxItems=100_000_001),
        "Maximum value is 100000000 at {}/ItemReader/ReaderConfig/MaxItems",
    ),
    (
        reader(InputType="JSON", MaxItems=1, MaxItemsPath="$.n"),
        "There should only be one of the following fields: [MaxItems, MaxItemsPath] "
        "at {}/ItemReader/ReaderConfig",
    ),
    (
        reader(InputType="CSV", CSVHeaderLocation="GIVEN"),
        "These fields are required: [CSVHeaders] at {}/ItemReader/ReaderConfig",
    ),
    (
        reader(InputType="CSV", CSVDelimiter=";"),
        "Value is not valid. It must be one of: [COMMA, PIPE, SEMICOLON, SPACE, TAB] "
        "at {}/ItemReader/ReaderConfig/CSVDelimiter",
    ),
    (
        reader(InputType="PARQUET"),
        "the local AWS does not emulate InputType PARQUET of an ItemReader "
        "at {}/ItemReader/ReaderConfig/InputType",
    ),
    (
        spread(ResultWriter={"Resource": S3_PUT, "WriterConfig": {"OutputType": "CSV"}}),
        "Value is not valid. It must be one of: [JSON, JSONL] at {}/ResultWriter/WriterConfig/OutputType",
    ),
    (
        spread(Label="a b"),
        "Label must have 1 to 40 characters, without white space, brackets, wildcards "
        "and special characters: a b at {}/Label",
    ),
]


@pytest.mark.parametrize(("state", "problem"), FAULTS)
def test_a_fault_is_named_with_its_place(state: dict[str, Any], problem: str) -> None:
    assert problem in found(state)


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (task(Parameters={}), "'JSONata', but field 'Parameters' is only supported for the 'JSONPath'"),
        (task(TimeoutSecondsPath="$.x"), "field 'TimeoutSecondsPath' is only supported"),
        (choice({"Variable": "$.x", "IsNull": True, "Next": "A"}), "These fields are required: [Condition]"),
        (spread(ItemsPath="$.x"), "field 'ItemsPath' is only supported for the 'JSONPath' QueryLanguage"),
        (spread(ItemBatcher={"MaxItemsPerBatchPath": "$.n"}), "'MaxItemsPerBatchPath' is only supported"),
        (
            task(QueryLanguage="JSONPath"),
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        ),
        (task(TimeoutSeconds="5"), "Expected value of type Integer at {}/TimeoutSeconds"),
        (task(Foo=1), "Field 'Foo' is not supported at {}"),
        ({"Type": "{% 'Pass' %}"}, "Value is not valid."),
    ],
)
def test_faults_of_jsonata_states(state: dict[str, Any], problem: str) -> None:
    assert any(problem in text for text in found(state, "JSONata")), found(state, "JSONata")


@pytest.mark.parametrize("field", ["Output", "Arguments"])
def test_fields_of_jsonata_are_refused_in_jsonpath(field: str) -> None:
    assert found(task(**{field: {}})) == [
        f"The QueryLanguage is set to 'JSONPath', but field '{field}' is only supported "
        "for the 'JSONata' QueryLanguage at {}"
    ]


def test_a_map_in_jsonata_does_not_make_its_states_jsonata() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": 1, "End": True}}}
    state = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True}
    assert found(state)[0].endswith("'JSONata' QueryLanguage at {}/ItemProcessor/States/I")


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        ("arn:aws:states:us-east-1:000000000000:activity:a", "does not support Activity ARN"),
        ("arn:aws:states:::ecs:runTask.sync", "does not support '.sync' service integration"),
        (f"{LAMBDA}.waitForTaskToken", "'.waitForTaskToken' service integration"),
    ],
)
def test_what_waits_is_refused_in_express(resource: str, problem: str) -> None:
    assert problem in found(task(Resource=resource), kind="EXPRESS")[0]
    assert found(task(Resource=resource)) == []


def test_a_distributed_map_is_refused_in_express() -> None:
    assert found(spread(), kind="EXPRESS") == ["Express state machine does not support Distributed Map at {}"]


def test_children_of_type_express_are_express() -> None:
    inner = {"StartAt": "I", "States": {"I": task(Resource=f"{LAMBDA}.waitForTaskToken")}}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    state = {"Type": "Map", "ItemProcessor": inner | {"ProcessorConfig": config}, "End": True}
    assert "service integration at {}/ItemProcessor/States/I/Resource" in found(state)[0]


@pytest.mark.parametrize(
    "resource", ["arn:aws:states:::lambda:invoke.sync", "arn:aws:states:::dynamodb:getItem.waitForTaskToken"]
)
def test_a_pattern_that_the_service_has_not_is_refused(resource: str) -> None:
    assert found(task(Resource=resource))[0].startswith(f"The resource provided {resource} not recognized.")


@pytest.mark.parametrize("resource", ["arn:aws:states:::http:invoke", "arn:aws:states:::codepipeline:start"])
def test_an_integration_that_is_not_emulated_is_refused_by_name(resource: str) -> None:
    assert found(task(Resource=resource)) == [
        f"the local AWS does not emulate the service integration {resource} at {{}}/Resource"
    ]


def test_labels_are_unique() -> None:
    other = DISTRIBUTED | {"StartAt": "J", "States": {"J": {"Type": "Succeed"}}}
    first = {"Type": "Map", "ItemProcessor": DISTRIBUTED, "Label": "same", "Next": "B"}
    states = {"A": first, "B": spread(Label="same", ItemProcessor=other)}
    text = json.dumps({"StartAt": "A", "States": states})
    assert [p.code for p in problems(text, "STANDARD")] == ["DUPLICATE_LABEL_NAME"]
