"""RedriveExecution: what goes on, what is kept, and what cannot be redriven."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import machines
from tests.conformance.definitions import PASS, each, invoke, jsonata, machine, parallel, retry
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator
from tests.running.waiting import looks

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
REDRIVES = f"{GUIDE}/redrive-executions.html"
MAP_RUN = f"{GUIDE}/redrive-map-run.html"
OPERATION = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html"
NOT_ENTERED = "a state that had been entered is not entered again in the history"
LATER: dict[str, Any] = {
    "Type": "Pass",
    "Parameters": {"redriven.$": "$$.Execution.RedriveTime"},
    "ResultPath": "$.later",
}
"""Fails with States.Runtime until the execution has been redriven: it has no RedriveTime before."""
WHEN_REDRIVEN: dict[str, Any] = {
    "Which": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.late", "BooleanEquals": True, "Next": "Late"}],
        "Default": "Early",
    },
    "Early": {"Type": "Pass", "End": True},
    "Late": LATER | {"End": True},
}
"""Items that are `late` fail until their execution has been redriven."""
FLAKY = """
def handler(event, context):
    if event["redriven"] == 0:
        raise type("NotYet", (Exception,), {})("not before it is redriven")
    return {"found": True}
"""


def redrive(aws: Emulator, execution: str, **more: Any) -> dict[str, Any]:
    """DescribeExecution once the redriven execution has ended."""
    aws.client("stepfunctions").redrive_execution(executionArn=execution, **more)
    return executions.finished(aws, execution)


def failed(aws: Emulator, definition: dict[str, Any], given: Any = None, **more: Any) -> str:
    """ARN of an execution that has not succeeded."""
    arn = machines.define(aws, definition, **more)
    started = executions.start(aws, arn, {} if given is None else given)
    assert executions.finished(aws, started)["status"] != "SUCCEEDED"
    return started


def code(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def distributed(execution_type: str, **more: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": execution_type}
    processor = {"ProcessorConfig": config, "StartAt": "Which", "States": WHEN_REDRIVEN}
    return machine({"Map": {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 1, **more}})


def map_run(aws: Emulator, execution: str) -> dict[str, Any]:
    client = aws.client("stepfunctions")
    [listed] = client.list_map_runs(executionArn=execution)["mapRuns"]
    found: dict[str, Any] = client.describe_map_run(mapRunArn=listed["mapRunArn"])
    return found


def wait_for_children(aws: Emulator, execution: str, count: str, seconds: float = 60) -> None:
    """Wait until the execution's map run has children of which `count` tells the number."""
    client = aws.client("stepfunctions")
    for _ in looks(seconds):
        for run in client.list_map_runs(executionArn=execution)["mapRuns"]:
            if client.describe_map_run(mapRunArn=run["mapRunArn"])["executionCounts"][count]:
                return
    raise AssertionError(f"no child of {execution} was {count}")


@aws_document(REDRIVES, assumed=NOT_ENTERED)
def test_goes_on_with_the_task_that_failed(aws: Emulator) -> None:
    function = machines.function(aws, FLAKY)
    payload = {"redriven.$": "$$.Execution.RedriveCount"}
    task = invoke(function, payload, ResultPath="$.result", Retry=[retry("NotYet", MaxAttempts=1)])
    started = failed(aws, machine({"First": {**PASS, "Next": "Task"}, "Task": task}))
    before = machines.events(aws, started)
    assert redrive(aws, started)["status"] == "SUCCEEDED"
    after = machines.events(aws, started)
    assert after[: len(before)] == before
    assert [event["type"] for event in after[len(before) :]] == [
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["id"] for event in after] == list(range(1, len(after) + 1))
    assert after[len(before)]["executionRedrivenEventDetails"] == {"redriveCount": 1}


@aws_document(REDRIVES)
def test_retries_are_counted_anew(aws: Emulator) -> None:
    task = invoke(machines.function(aws, FLAKY), Retry=[retry("NotYet", MaxAttempts=1)])
    started = failed(aws, machine({"Task": task}), {"redriven": 0})
    assert redrive(aws, started)["error"] == "NotYet"
    types = machines.event_types(aws, started)
    assert types.count("TaskScheduled") == 4
    assert redrive(aws, started)["redriveCount"] == 2


@aws_document(OPERATION)
def test_description_of_a_redriven_execution(aws: Emulator) -> None:
    started = failed(aws, machine({"Later": LATER}))
    client = aws.client("stepfunctions")
    before = client.describe_execution(executionArn=started)
    assert (before["redriveCount"], before["redriveStatus"]) == (0, "REDRIVABLE")
    assert "redriveDate" not in before
    date = client.redrive_execution(executionArn=started)["redriveDate"]
    after = executions.finished(aws, started)
    assert (after["status"], after["redriveCount"], after["redriveDate"]) == ("SUCCEEDED", 1, date)
    assert after["startDate"] == before["startDate"]
    assert after["redriveStatus"] == "NOT_REDRIVABLE"
    assert "error" not in after


@aws_document(f"{GUIDE}/input-output-contextobject.html")
def test_context_object(aws: Emulator) -> None:
    look = {
        "Type": "Pass",
        "Parameters": {"count.$": "$$.Execution.RedriveCount", "time.$": "$$.Execution.RedriveTime"},
    }
    started = failed(aws, machine({"Look": look}))
    output = json.loads(redrive(aws, started)["output"])
    assert output["count"] == 1
    assert output["time"] > "2026"


@aws_document(REDRIVES)
def test_variables_are_kept(aws: Emulator) -> None:
    redriven = "$states.context.Execution.RedriveTime ? '!' : $error('no')"
    state = {"Type": "Pass", "Output": "{% $name & $string($n) & (" + redriven + ") %}"}
    states = {"Set": {**PASS, "Assign": {"name": 'a "quoted" name', "n": 4}, "Next": "Use"}, "Use": state}
    started = failed(aws, jsonata(states))
    assert json.loads(redrive(aws, started)["output"]) == 'a "quoted" name4!'


@aws_document(REDRIVES, assumed="the Parallel state is not started again in the history")
def test_branches_that_had_succeeded_keep_their_results(aws: Emulator) -> None:
    slow = {"Wait": {"Type": "Wait", "Seconds": 12, "Next": "Later"}, "Later": LATER}
    definition = machine({"Both": parallel({"Quick": {"Type": "Pass", "Result": "quick"}}, slow)})
    started = failed(aws, definition)
    count = len(machines.events(aws, started))
    output = json.loads(redrive(aws, started)["output"])
    assert output[0] == "quick"
    assert set(output[1]["later"]) == {"redriven"}
    assert [event["type"] for event in machines.events(aws, started)[count:]] == [
        "ExecutionRedriven",
        "PassStateExited",
        "ParallelStateSucceeded",
        "ParallelStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(REDRIVES, assumed="an iteration that is redriven is started again in the history")
def test_iterations_that_had_succeeded_keep_their_results(aws: Emulator) -> None:
    definition = machine({"Map": each(WHEN_REDRIVEN, MaxConcurrency=1)})
    started = failed(aws, definition, [{"late": False}, {"late": True}, {"late": False}])
    count = len(machines.events(aws, started))
    output = json.loads(redrive(aws, started)["output"])
    assert ["later" in item for item in output] == [False, True, False]
    again = [
        event["mapIterationStartedEventDetails"]["index"]
        for event in machines.events(aws, started)[count:]
        if event["type"] == "MapIterationStarted"
    ]
    assert again == [1, 2]


@aws_document(REDRIVES)
def test_second_redrive_of_a_nested_state(aws: Emulator) -> None:
    third = {  # there is none before the execution has been redriven twice
        "Type": "Pass",
        "Parameters": {"x.$": "States.ArrayGetItem(States.ArrayRange(0, $$.Execution.RedriveCount, 1), 2)"},
    }
    inner = each({"Third": third})
    definition = machine({"Outer": each({"Both": parallel({"Inner": inner}, {"Other": PASS})})})
    started = failed(aws, definition, [[1, 2], [3]])
    assert redrive(aws, started)["status"] == "FAILED"
    output = json.loads(redrive(aws, started)["output"])
    assert output == [[[{"x": 2}, {"x": 2}], [1, 2]], [[{"x": 2}], [3]]]


@aws_document(REDRIVES)
def test_a_wait_that_was_stopped_waits_again(aws: Emulator) -> None:
    states = {"First": {"Type": "Pass", "Result": 1, "Next": "Wait"}, "Wait": {"Type": "Wait", "Seconds": 12}}
    started = executions.start(aws, machines.define(aws, machine(states)), {})
    client = aws.client("stepfunctions")
    client.stop_execution(executionArn=started)
    description = redrive(aws, started)
    assert (description["status"], description["output"]) == ("SUCCEEDED", "1")
    assert machines.lasted(description["redriveDate"], description["stopDate"]) >= 11.9


@aws_document(REDRIVES)
def test_time_out_starts_anew(aws: Emulator) -> None:
    states = {"One": {"Type": "Wait", "Seconds": 12, "Next": "Two"}, "Two": {"Type": "Wait", "Seconds": 12}}
    started = failed(aws, machine(states, TimeoutSeconds=18))
    assert executions.finished(aws, started)["status"] == "TIMED_OUT"
    assert redrive(aws, started)["status"] == "SUCCEEDED"


@aws_document(REDRIVES)
def test_a_fail_state_fails_again(aws: Emulator) -> None:
    started = failed(aws, machine({"First": {**PASS, "Next": "No"}, "No": {"Type": "Fail", "Error": "No"}}))
    assert redrive(aws, started)["error"] == "No"
    types = machines.event_types(aws, started)
    assert types[-3:] == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]


@aws_document(REDRIVES)
def test_the_definition_is_that_of_the_first_attempt(aws: Emulator) -> None:
    old = {"Later": {**LATER, "Next": "Old"}, "Old": {"Type": "Pass", "Result": "old"}}
    arn = machines.define(aws, machine(old))
    started = executions.start(aws, arn, {})
    executions.finished(aws, started)
    new = machine({"Later": {**LATER, "Next": "New"}, "New": {"Type": "Pass", "Result": "new"}})
    aws.client("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(new))
    assert redrive(aws, started)["output"] == '"old"'


@aws_document(MAP_RUN)
@pytest.mark.parametrize("execution_type", ["STANDARD", "EXPRESS"])
def test_only_children_without_success_run_again(aws: Emulator, execution_type: str) -> None:
    flag = f"case-{uuid.uuid4().hex[:12]}"
    aws.client("s3").create_bucket(Bucket=flag)
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObjectTagging",
        "Parameters": {"Bucket": flag, "Key": "late"},
        "ResultSelector": {"read": True},
        "End": True,
    }
    definition = distributed(execution_type)
    definition["States"]["Map"]["ItemProcessor"]["States"] = WHEN_REDRIVEN | {"Late": read}
    started = failed(aws, definition, [{"late": False}, {"late": True}, {"late": False}])
    before = map_run(aws, started)
    assert {"succeeded": 1, "failed": 1, "pending": 1}.items() <= before["executionCounts"].items()
    aws.client("s3").put_object(Bucket=flag, Key="late", Body=b"")
    output = json.loads(redrive(aws, started)["output"])
    assert output == [{"late": False}, {"read": True}, {"late": False}]
    after = map_run(aws, started)
    assert after["mapRunArn"] == before["mapRunArn"]
    assert (after["status"], after["redriveCount"]) == ("SUCCEEDED", 1)
    assert {"succeeded": 3, "failed": 0, "pending": 0, "total": 3}.items() <= after["executionCounts"].items()
    types = machines.event_types(aws, started)
    assert types[types.index("ExecutionRedriven") :] == [
        "ExecutionRedriven",
        "MapRunRedriven",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(MAP_RUN)
def test_standard_children_are_redriven_themselves(aws: Emulator) -> None:
    started = failed(aws, distributed("STANDARD"), [{"late": False}, {"late": True}])
    client = aws.client("stepfunctions")
    run = map_run(aws, started)["mapRunArn"]
    [child] = client.list_executions(mapRunArn=run, statusFilter="FAILED")["executions"]
    described = client.describe_execution(executionArn=child["executionArn"])
    assert described["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert redrive(aws, started)["status"] == "SUCCEEDED"
    described = client.describe_execution(executionArn=child["executionArn"])
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    [listed] = client.list_executions(mapRunArn=run, redriveFilter="REDRIVEN")["executions"]
    assert listed["executionArn"] == child["executionArn"]
    assert machines.event_types(aws, child["executionArn"])[-3:] == [
        "ExecutionRedriven",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(MAP_RUN, assumed="children that were aborted go on with the state that they were in")
def test_children_of_a_stopped_execution_go_on(aws: Emulator) -> None:
    slow = {
        "First": {"Type": "Pass", "Result": "first", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 8, "End": True},
    }
    definition = distributed("STANDARD")
    definition["States"]["Map"]["ItemProcessor"] |= {"StartAt": "First", "States": slow}
    started = executions.start(aws, machines.define(aws, definition), [1, 2])
    client = aws.client("stepfunctions")
    wait_for_children(aws, started, "running")
    client.stop_execution(executionArn=started)
    wait_for_children(aws, started, "aborted")
    assert json.loads(redrive(aws, started)["output"]) == ["first", "first"]
    run = map_run(aws, started)
    assert {"succeeded": 2, "aborted": 0, "total": 2}.items() <= run["executionCounts"].items()
    arns = [e["executionArn"] for e in client.list_executions(mapRunArn=run["mapRunArn"])["executions"]]
    entered = [machines.event_types(aws, arn).count("PassStateEntered") for arn in arns]
    assert entered == [1, 1]


@aws_document(MAP_RUN)
def test_a_reader_that_had_failed_starts_a_map_run(aws: Emulator) -> None:
    name = f"case-{uuid.uuid4().hex[:12]}"
    aws.client("s3").create_bucket(Bucket=name)
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": name, "Key": "items.json"},
    }
    started = failed(aws, distributed("STANDARD", ItemReader=reader))
    aws.client("s3").put_object(Bucket=name, Key="items.json", Body=b'[{"late": false}]')
    assert json.loads(redrive(aws, started)["output"]) == [{"late": False}]
    assert machines.event_types(aws, started).count("MapRunStarted") == 2


@aws_document(OPERATION)
def test_a_client_token_redrives_once(aws: Emulator) -> None:
    started = failed(aws, machine({"No": {"Type": "Fail", "Error": "No"}}))
    client = aws.client("stepfunctions")
    first = client.redrive_execution(executionArn=started, clientToken="token-1")
    executions.finished(aws, started)
    again = client.redrive_execution(executionArn=started, clientToken="token-1")
    assert again["redriveDate"] == first["redriveDate"]
    assert client.describe_execution(executionArn=started)["redriveCount"] == 1
    redrive(aws, started, clientToken="token-2")
    assert client.describe_execution(executionArn=started)["redriveCount"] == 2


@aws_document(OPERATION, assumed="the message is that of redriveStatusReason")
@pytest.mark.parametrize("status", ["SUCCEEDED", "RUNNING"])
def test_not_redrivable(aws: Emulator, status: str) -> None:
    state = PASS if status == "SUCCEEDED" else {"Type": "Wait", "Seconds": 20}
    started = executions.start(aws, machines.define(aws, machine({"State": state})), {})
    client = aws.client("stepfunctions")
    if status == "SUCCEEDED":
        executions.finished(aws, started)
    with pytest.raises(ClientError) as caught:
        client.redrive_execution(executionArn=started)
    assert code(caught) == ("ExecutionNotRedrivable", f"Execution is {status} and cannot be redriven")
    client.stop_execution(executionArn=started)


@aws_document(OPERATION)
@pytest.mark.parametrize(
    ("execution", "error"),
    [
        ("arn:aws:states:us-east-1:000000000000:execution:none:none", "ExecutionDoesNotExist"),
        ("nonsense", "InvalidArn"),
    ],
)
def test_executions_that_are_none(aws: Emulator, execution: str, error: str) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("stepfunctions").redrive_execution(executionArn=execution)
    assert code(caught)[0] == error


@aws_document(OPERATION, assumed="the error of a child that only its map run redrives")
def test_a_child_is_redriven_with_its_map_run_only(aws: Emulator) -> None:
    started = failed(aws, distributed("STANDARD"), [{"late": True}])
    client = aws.client("stepfunctions")
    [child] = client.list_executions(mapRunArn=map_run(aws, started)["mapRunArn"])["executions"]
    with pytest.raises(ClientError) as caught:
        client.redrive_execution(executionArn=child["executionArn"])
    assert code(caught)[0] == "ExecutionNotRedrivable"


@aws_document(REDRIVES, assumed="an execution that runs when the service ends has failed")
def test_after_the_service_was_started_again(aws: Emulator) -> None:
    """Not AWS, where the service does not end: everything that a redrive needs is on disk."""
    waiting = {"Late": {"Type": "Wait", "Seconds": 12, "End": True}}
    definition = distributed("STANDARD")
    definition["States"]["Map"]["ItemProcessor"]["States"] = WHEN_REDRIVEN | waiting
    arn = machines.define(aws, definition)
    started = executions.start(aws, arn, [{"late": False}, {"late": True}, {"late": False}])
    wait_for_children(aws, started, "succeeded")
    aws.restart()
    assert executions.finished(aws, started)["error"] == "States.ServiceRestart"
    output = json.loads(redrive(aws, started)["output"])
    assert [item["late"] for item in output] == [False, True, False]
    assert map_run(aws, started)["executionCounts"]["succeeded"] == 3
