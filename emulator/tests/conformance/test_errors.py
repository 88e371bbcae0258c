"""Names of errors, who matches them, and what a catcher hands on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.definitions import (
    END,
    PASS,
    SCRIPTED,
    State,
    catch,
    direct,
    each,
    invoke,
    jsonata,
    machine,
    parallel,
)
from tests.conformance.documents import aws_document
from tests.conformance.machines import event_types, events, failure, function, outcome, output
from tests.running import functions
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
ERRORS = GUIDE + "concepts-error-handling.html"
EXITS = "import os\n\ndef handler(event, context):\n    os._exit(1)\n"
DATA_BYTES = 262_144
"""Most bytes of a state's input or output: service quotas, "Maximum input or output size"."""


def caught(aws: Emulator, errors: list[str], *names: str) -> dict[str, Any]:
    """How a task that raises `errors` ends when `names` are caught."""
    task = direct(function(aws, SCRIPTED), errors, Catch=[catch(*names)], End=True)
    return outcome(aws, machine({"Task": task, "Caught": END}))


@aws_document(ERRORS)
@pytest.mark.parametrize(
    "names", [["States.ALL"], ["States.TaskFailed"], ["ImageLost"], ["Other", "ImageLost"]], ids=" ".join
)
def test_an_exception_is_matched_by_its_class_and_by_wildcards(aws: Emulator, names: list[str]) -> None:
    ended = caught(aws, ["ImageLost"], *names)
    assert ended["status"] == "SUCCEEDED", ended
    assert ended["output"]["Error"] == "ImageLost"


@aws_document(ERRORS)
@pytest.mark.parametrize(
    "name", ["imagelost", "Image", "Exception", "States.Timeout", "States.BranchFailed", "Lambda.Unknown"]
)
def test_an_exception_is_matched_by_no_other_name(aws: Emulator, name: str) -> None:
    ended = caught(aws, ["ImageLost"], name)
    assert (ended["status"], ended["error"]) == ("FAILED", "ImageLost")


@aws_document(ERRORS)
@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["States.ALL"], "SUCCEEDED"),
        (["States.Timeout"], "SUCCEEDED"),
        (["States.TaskFailed"], "FAILED"),
        (["States.TaskFailed", "States.Timeout"], "SUCCEEDED"),
    ],
    ids=str,
)
def test_task_failed_matches_no_time_out(aws: Emulator, names: list[str], status: str) -> None:
    task = invoke(function(aws, SCRIPTED), {"seconds": 3}, TimeoutSeconds=1, Catch=[catch(*names)], End=True)
    ended = outcome(aws, machine({"Task": task, "Caught": END}))
    assert ended["status"] == status, ended
    assert (ended["output"]["Error"] if status == "SUCCEEDED" else ended["error"]) == "States.Timeout"


@aws_document(ERRORS)
@aws_document(GUIDE + "service-quotas.html", assumed="the quota holds for the result's JSON text in UTF-8")
@pytest.mark.parametrize(("bytes_more", "status"), [(0, "SUCCEEDED"), (1, "FAILED")])
def test_a_result_over_the_limit_cannot_be_caught_by_all(aws: Emulator, bytes_more: int, status: str) -> None:
    source = "def handler(event, context):\n    return 'x' * event\n"
    task = {"Type": "Task", "Resource": function(aws, source), "Catch": [catch("States.ALL")], "End": True}
    length = DATA_BYTES - len('""') + bytes_more
    ended = outcome(aws, machine({"Task": task, "Caught": END}), length)
    assert ended["status"] == status, str(ended)[:500]
    if status == "FAILED":
        assert ended["error"] == "States.DataLimitExceeded"


@aws_document(ERRORS)
@pytest.mark.parametrize("names", [["States.ALL"], ["States.TaskFailed"]], ids=" ".join)
def test_a_runtime_error_always_fails_the_execution(aws: Emulator, names: list[str]) -> None:
    task = direct(function(aws, SCRIPTED), InputPath="$.missing", Catch=[catch(*names)], End=True)
    error, cause = failure(aws, machine({"Task": task, "Caught": END}), {})
    assert error == "States.Runtime"
    assert cause is not None
    assert "$.missing" in cause


@aws_document(ERRORS, assumed="Parallel and Map leave no event of their own failure")
@pytest.mark.parametrize("outer", ["Parallel", "Map"])
def test_a_runtime_error_inside_fails_the_execution_past_every_catcher(aws: Emulator, outer: str) -> None:
    inner = {"Inner": PASS | {"Parameters": {"size.$": "$.missing"}}}
    catchers = {"Catch": [catch("States.ALL")], "End": True}
    state = parallel(inner, **catchers) if outer == "Parallel" else each(inner, **catchers)
    ended = outcome(aws, machine({"Outer": state, "Caught": END}), [{}])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"].startswith("An error occurred while executing the state 'Inner' (entered at")
    assert event_types(aws, ended["executionArn"])[-2:] == ["PassStateEntered", "ExecutionFailed"]


@aws_document(ERRORS)
def test_a_parameter_that_is_not_in_the_input_is_a_runtime_error_that_names_it(aws: Emulator) -> None:
    pass_state = PASS | {"Parameters": {"size.$": "$.image.size"}}
    error, cause = failure(aws, machine({"Pass": pass_state}), {"image": {}})
    assert error == "States.Runtime"
    assert cause is not None
    assert "$.image.size" in cause
    assert "'Pass'" in cause


@aws_document(ERRORS + "#error-handling-fallback-states")
def test_a_catcher_replaces_the_input_by_error_and_cause(aws: Emulator) -> None:
    ended = caught(aws, ["ImageLost"], "ImageLost")
    assert ended["output"].keys() == {"Error", "Cause"}
    assert json.loads(ended["output"]["Cause"])["errorMessage"] == "attempt 0"


@aws_document(ERRORS + "#error-handling-fallback-states")
@pytest.mark.parametrize(
    ("path", "expected"), [("$.problem", {"key", "problem"}), ("$.a.b", {"key", "a"}), (None, {"key"})]
)
def test_result_path_of_a_catcher_keeps_the_input(
    aws: Emulator, path: str | None, expected: set[str]
) -> None:
    task = direct(function(aws, SCRIPTED), ["Lost"], Catch=[catch("Lost", ResultPath=path)], End=True)
    result = output(aws, machine({"Task": task, "Caught": END}), {"key": "a.png"})
    assert result.keys() == expected
    assert result["key"] == "a.png"
    if path == "$.problem":
        assert result["problem"]["Error"] == "Lost"
    if path == "$.a.b":
        assert result["a"]["b"]["Error"] == "Lost"


@aws_document(GUIDE + "transforming-data.html")
def test_output_and_assign_of_a_catcher_see_the_error(aws: Emulator) -> None:
    catcher = catch(
        "States.ALL",
        Output={"name": "{% $states.errorOutput.Error %}", "key": "{% $states.input.key %}"},
        Assign={"cause": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
    )
    task = {
        "Type": "Task",
        "Resource": function(aws, SCRIPTED),
        "Arguments": {"errors": ["Lost"]},
        "Catch": [catcher],
        "End": True,
    }
    last = END | {"Output": "{% $merge([$states.input, {'cause': $cause}]) %}"}
    result = output(aws, jsonata({"Task": task, "Caught": last}), {"key": "a.png"})
    assert result == {"name": "Lost", "key": "a.png", "cause": "attempt 0"}


@aws_document(ERRORS + "#error-handling-fallback-states")
def test_the_first_catcher_that_matches_decides(aws: Emulator) -> None:
    catchers = [
        catch("Other", to="Third"),
        catch("States.TaskFailed", to="First"),
        catch("Lost", to="Second"),
        catch("States.ALL", to="Third"),
    ]
    states = {name: PASS | {"Result": name, "End": True} for name in ("First", "Second", "Third")}
    task = direct(function(aws, SCRIPTED), ["Lost"], Catch=catchers, End=True)
    assert output(aws, machine({"Task": task, **states})) == "First"


@aws_document(GUIDE + "state-fail.html")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Error": "NoImage", "Cause": "It is not there."}, ("NoImage", "It is not there.")),
        ({"Error": "NoImage"}, ("NoImage", None)),
        ({}, (None, None)),
        ({"ErrorPath": "$.name", "CausePath": "$.why"}, ("Given", "because")),
        (
            {"ErrorPath": "States.Format('{}.{}', $.name, $.why)", "CausePath": "States.JsonToString($)"},
            ("Given.because", '{"name":"Given","why":"because"}'),
        ),
    ],
    ids=["both", "error", "neither", "paths", "functions"],
)
def test_fail_ends_with_its_error_and_cause(
    aws: Emulator, fields: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    definition = machine({"Fail": {"Type": "Fail", **fields}})
    assert failure(aws, definition, {"name": "Given", "why": "because"}) == expected


@aws_document(GUIDE + "state-fail.html")
def test_fail_evaluates_jsonata(aws: Emulator) -> None:
    fail = {"Type": "Fail", "Error": "{% 'No' & $states.input.what %}", "Cause": "{% $string(1 + 1) %}"}
    assert failure(aws, jsonata({"Fail": fail}), {"what": "Image"}) == ("NoImage", "2")


@aws_document(GUIDE + "state-parallel.html")
@pytest.mark.parametrize("name", ["Lost", "States.TaskFailed", "States.ALL"])
def test_a_parallel_state_fails_with_the_error_of_its_branch(aws: Emulator, name: str) -> None:
    failing = {"Task": direct(function(aws, SCRIPTED), ["Lost"])}
    state = parallel({"Fine": PASS}, failing, Catch=[catch(name)], End=True)
    result = output(aws, machine({"Parallel": state, "Caught": END}))
    assert result["Error"] == "Lost"
    assert json.loads(result["Cause"])["errorType"] == "Lost"


@aws_document(GUIDE + "state-map-inline.html")
def test_a_map_state_fails_with_the_error_of_its_iteration(aws: Emulator) -> None:
    states: dict[str, State] = {
        "Is it there?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Lost"}],
            "Default": "Fine",
        },
        "Lost": {"Type": "Fail", "Error": "Lost", "Cause": "item 2"},
        "Fine": END,
    }
    state = each(states, Catch=[catch("Lost")], End=True)
    assert output(aws, machine({"Map": state, "Caught": END}), [1, 2, 3]) == {
        "Error": "Lost",
        "Cause": "item 2",
    }


@aws_document(GUIDE + "state-parallel.html")
def test_an_error_comes_up_through_nested_states(aws: Emulator) -> None:
    inner = each({"Fail": {"Type": "Fail", "Error": "Deep", "Cause": "down"}}, ItemsPath="$.items")
    definition = machine({"Outer": parallel({"Middle": parallel({"Inner": inner})})})
    assert failure(aws, definition, {"items": [1]}) == ("Deep", "down")


@aws_document(ERRORS)
def test_an_error_of_a_catch_state_is_not_caught_again(aws: Emulator) -> None:
    task = direct(function(aws, SCRIPTED), ["First"], Catch=[catch("States.ALL")], End=True)
    again = direct(function(aws, SCRIPTED), ["Second"], End=True)
    assert failure(aws, machine({"Task": task, "Caught": again}))[0] == "Second"


@aws_document("https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html")
@pytest.mark.parametrize("integrated", [False, True], ids=["direct", "lambda:invoke"])
def test_the_cause_of_an_exception_is_the_functions_answer(aws: Emulator, integrated: bool) -> None:
    arn = function(aws, SCRIPTED)
    task = invoke(arn, {"errors": ["Lost"]}) if integrated else direct(arn, ["Lost"])
    ended = outcome(aws, machine({"Task": task}))
    cause = json.loads(ended["cause"])
    assert (cause["errorType"], cause["errorMessage"]) == ("Lost", "attempt 0")
    assert "in handler" in cause["stackTrace"][0]
    failed = events(aws, ended["executionArn"])[-2]
    assert failed["type"] == ("TaskFailed" if integrated else "LambdaFunctionFailed")


@aws_document(GUIDE + "connect-lambda.html", assumed="a missing function answers a direct ARN alike")
@pytest.mark.parametrize("integrated", [False, True], ids=["direct", "lambda:invoke"])
def test_a_missing_function_is_an_error_of_the_lambda_service(aws: Emulator, integrated: bool) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:there-is-none"
    error, cause = failure(aws, machine({"Task": invoke(arn) if integrated else direct(arn)}))
    assert error == "Lambda.ResourceNotFoundException"
    assert cause is not None
    assert cause.startswith(f"Function not found: {arn}")
    assert "Service: AWSLambda" in cause
    assert "404" in cause


@aws_document(ERRORS, assumed="the name of an ended process, which Lambda documents for its logs only")
def test_a_function_whose_process_ends_can_be_caught_as_a_failed_task(aws: Emulator) -> None:
    task = invoke(function(aws, EXITS), Catch=[catch("States.TaskFailed")], End=True)
    assert output(aws, machine({"Task": task, "Caught": END}))["Error"] == "Runtime.ExitError"


@aws_document(ERRORS)
def test_a_functions_own_time_out_is_reported_by_the_sandbox(aws: Emulator) -> None:
    name = functions.create(aws, SCRIPTED, Timeout=1)
    task = invoke(name, {"seconds": 5}, Catch=[catch("States.TaskFailed")], End=True)
    result = output(aws, machine({"Task": task, "Caught": END}))
    assert result["Error"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in json.loads(result["Cause"])["errorMessage"]


@aws_document(ERRORS)
def test_a_function_at_its_concurrency_limit_throttles(aws: Emulator) -> None:
    name = functions.create(aws, SCRIPTED)
    aws.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    task = invoke(name, Catch=[catch("Lambda.TooManyRequestsException")], End=True)
    assert output(aws, machine({"Task": task, "Caught": PASS | {"Result": "throttled"}})) == "throttled"


@aws_document(
    GUIDE + "state-choice.html",
    assumed="States.Runtime, as measured by others, although the list of errors has States.NoChoiceMatched",
)
def test_a_choice_without_a_match_fails_the_execution(aws: Emulator) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "End"}]}
    definition = {"StartAt": "Choice", "States": {"Choice": choice, "End": {"Type": "Succeed"}}}
    error, cause = failure(aws, definition, {"a": 2})
    assert error == "States.Runtime"
    assert cause == (
        "An error occurred while executing the state 'Choice' (entered at the event id #2). "
        "Failed to transition out of the state. The state does not point to a next state."
    )


@aws_document(ERRORS)
def test_an_intrinsic_function_that_fails_is_named(aws: Emulator) -> None:
    state = PASS | {"Parameters": {"parsed.$": "States.StringToJson($.text)"}}
    assert failure(aws, machine({"Pass": state}), {"text": "{"})[0] == "States.IntrinsicFailure"


@aws_document(ERRORS)
def test_a_result_path_that_does_not_fit_the_input_is_named(aws: Emulator) -> None:
    state = PASS | {"Result": 1, "ResultPath": "$.a"}
    assert failure(aws, machine({"Pass": state}), "text")[0] == "States.ResultPathMatchFailure"


@aws_document(GUIDE + "supported-services-awssdk.html", assumed="the name has the suffix Exception once")
@pytest.mark.parametrize("name", ["S3.NoSuchBucketException", "States.TaskFailed"])
def test_an_sdk_integration_names_service_and_exception(aws: Emulator, name: str) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": "no-such-bucket-here"},
        "Catch": [catch(name)],
        "End": True,
    }
    assert output(aws, machine({"Task": task, "Caught": END}))["Error"] == "S3.NoSuchBucketException"


@aws_document(GUIDE + "supported-services-awssdk.html")
def test_an_sdk_integration_has_the_java_sdks_name_of_a_service(aws: Emulator) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sagemakerruntime:invokeEndpoint",
        "Parameters": {"EndpointName": "no-such-endpoint", "Body": {}},
    }
    error, cause = failure(aws, machine({"Task": task}))
    assert error == "SageMakerRuntime.ValidationErrorException"
    assert "(Service: SageMakerRuntime, Status Code: 400, Request ID: " in str(cause)


ITEM = {"id": {"S": "a"}}
NO_ITEM = (
    "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"
)
FIRST = {"dynamodb": "AmazonDynamoDBv2", "sqs": "AmazonSQS", "states": "AWSStepFunctions"}


@aws_document(
    GUIDE + "supported-services-awssdk.html",
    assumed="optimized integrations speak through the SDK for Java's first version, all others its second",
)
@pytest.mark.parametrize(
    ("action", "parameters", "error", "said"),
    [
        ("sqs:sendMessage", {"QueueUrl": "nope"}, "SQS.QueueDoesNotExistException", "NonExistentQueue"),
        ("sqs:sendMessage", {"MessageBody": None}, "SQS.AmazonSQSException", "MissingParameter"),
        ("aws-sdk:sqs:sendMessage", {"QueueUrl": "nope"}, "Sqs.QueueDoesNotExistException", None),
        ("aws-sdk:sqs:sendMessage", {"MessageBody": None}, "Sqs.SqsException", None),
        ("dynamodb:putItem", {"Item": None}, "DynamoDB.AmazonDynamoDBException", "ValidationException"),
        (
            "dynamodb:putItem",
            {"TableName": "absent"},
            "DynamoDB.ResourceNotFoundException",
            "ResourceNotFoundException",
        ),
        ("aws-sdk:dynamodb:putItem", {"Item": None}, "DynamoDb.DynamoDbException", None),
        ("aws-sdk:dynamodb:putItem", {"TableName": "absent"}, "DynamoDb.ResourceNotFoundException", None),
        (
            "states:startExecution",
            {"StateMachineArn": None},
            "StepFunctions.ValidationException",
            "ValidationException",
        ),
        ("aws-sdk:s3:getObject", {"Bucket": "b", "Key": None}, "S3.S3Exception", None),
    ],
)
def test_an_integration_names_the_exception_of_its_sdk(
    aws: Emulator, action: str, parameters: State, error: str, said: str | None
) -> None:
    service = action.split(":")[-2]
    if service == "sqs":
        queue = aws.client("sqs").create_queue(QueueName="case-errors")["QueueUrl"]
        given = {"QueueUrl": queue, "MessageBody": "x"} | parameters
        if "QueueUrl" in parameters:
            given["QueueUrl"] = queue.replace("case-errors", "absent")
    else:
        given = ({"TableName": "case-errors", "Item": ITEM} if service == "dynamodb" else {}) | parameters
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": given}
    named, cause = failure(aws, machine({"Task": task}))
    assert named == error
    if said is None:
        assert f" (Service: {error.partition('.')[0]}, Status Code: 400, Request ID: " in str(cause)
    else:
        assert f" (Service: {FIRST[service]}; Status Code: 400; Error Code: " in str(cause)
        assert f"{said}; Request ID: " in str(cause)
        assert str(cause).endswith("; Proxy: null)")
    if "Item" in parameters:
        assert str(cause).startswith(NO_ITEM)


@aws_document(
    GUIDE + "supported-services-awssdk.html", assumed="null is what nobody has given, as in the SDK for Java"
)
def test_a_null_member_is_one_that_is_not_given(aws: Emulator) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues",
        "Parameters": {"QueueNamePrefix": None, "MaxResults": None},
        "ResultSelector": {"done": True},
    }
    assert output(aws, machine({"Task": task})) == {"done": True}


@aws_document(
    "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html",
    assumed="the SDK for Java's exceptions for a 404 without a body: NoSuchKey and NoSuchBucket",
)
@pytest.mark.parametrize(
    ("action", "error"),
    [("headObject", "S3.NoSuchKeyException"), ("headBucket", "S3.NoSuchBucketException")],
)
def test_what_is_missing_in_s3_is_named_without_a_body(aws: Emulator, action: str, error: str) -> None:
    parameters = {"Bucket": "no-such-bucket-here"} | ({"Key": "k"} if action == "headObject" else {})
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:s3:{action}", "Parameters": parameters}
    assert failure(aws, machine({"Task": task}))[0] == error


@aws_document("https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html")
def test_the_history_of_a_caught_error(aws: Emulator) -> None:
    ended = caught(aws, ["Lost"], "Lost")
    assert event_types(aws, ended["executionArn"]) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
