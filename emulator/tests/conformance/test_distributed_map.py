"""Map states in Distributed mode: items, batches, children, thresholds, results and map runs."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import machines
from tests.conformance.definitions import PASS, catch, jsonata, machine, parallel, retry
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator
from tests.running.waiting import until

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
DISTRIBUTED = f"{GUIDE}/state-map-distributed.html"
READER = f"{GUIDE}/input-output-itemreader.html"
BATCHER = f"{GUIDE}/input-output-itembatcher.html"
SELECTOR = f"{GUIDE}/input-output-itemselector.html"
CONTEXT = f"{GUIDE}/input-output-contextobject.html"
THRESHOLD = f"{GUIDE}/maprun-fail-threshold.html"
WRITER = f"{GUIDE}/input-output-resultwriter.html"
ERRORS = f"{GUIDE}/concepts-error-handling.html"
DESCRIBE = f"{API}/API_DescribeMapRun.html"
UPDATE = f"{API}/API_UpdateMapRun.html"
EXCEEDED = "States.ExceedToleratedFailureThreshold"
ODD_ONES_FAIL: dict[str, Any] = {
    "Which": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.odd", "BooleanEquals": True, "Next": "Refuse"}],
        "Default": "Keep",
    },
    "Refuse": {"Type": "Fail", "Error": "Odd", "Cause": "it is odd"},
    "Keep": {"Type": "Pass", "End": True},
}


def mapped(states: dict[str, Any], execution_type: str = "STANDARD", **more: Any) -> dict[str, Any]:
    """A Distributed Map state that runs `states`, from the first of them, for each item."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": execution_type}
    last = next(reversed(states))
    if not {"End", "Next"} & states[last].keys() and states[last]["Type"] not in ("Fail", "Succeed"):
        states = states | {last: states[last] | {"End": True}}
    processor = {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}
    return {"Type": "Map", "ItemProcessor": processor, **more}


def each(execution_type: str = "STANDARD", **more: Any) -> dict[str, Any]:
    """A definition whose one state gives each item back."""
    return machine({"Map": mapped({"Echo": PASS}, execution_type, **more)})


def odd_ones_fail(**more: Any) -> dict[str, Any]:
    return machine({"Map": mapped(ODD_ONES_FAIL, **more)})


def numbers(*odd: bool) -> list[dict[str, Any]]:
    return [{"number": number, "odd": is_odd} for number, is_odd in enumerate(odd)]


def waiting(seconds: int, **more: Any) -> dict[str, Any]:
    return machine({"Map": mapped({"Wait": {"Type": "Wait", "Seconds": seconds}}, **more)})


def activity(aws: Emulator) -> dict[str, Any]:
    """A state that lasts until somebody who asks for its task answers it."""
    name = f"case-{uuid.uuid4().hex[:12]}"
    arn = aws.client("stepfunctions").create_activity(name=name)["activityArn"]
    return {"Type": "Task", "Resource": arn}


def token(aws: Emulator, task: dict[str, Any]) -> str:
    """Of the activity's next task."""
    found: str = aws.client("stepfunctions").get_activity_task(activityArn=task["Resource"])["taskToken"]
    return found


def ran(aws: Emulator, definition: dict[str, Any], given: Any = None) -> dict[str, Any]:
    """DescribeExecution of a run that has ended."""
    started = executions.start(aws, machines.define(aws, definition), {} if given is None else given)
    return executions.finished(aws, started)


def map_run(aws: Emulator, execution: str) -> dict[str, Any]:
    """DescribeMapRun of an execution's only map run."""
    client = aws.client("stepfunctions")
    [listed] = client.list_map_runs(executionArn=execution)["mapRuns"]
    found: dict[str, Any] = client.describe_map_run(mapRunArn=listed["mapRunArn"])
    return found


def children(aws: Emulator, run: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """DescribeExecution of a map run's children."""
    client = aws.client("stepfunctions")
    pages = client.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"], **more)
    return [
        client.describe_execution(executionArn=child["executionArn"])
        for page in pages
        for child in page["executions"]
    ]


def bucket(aws: Emulator, **objects: str) -> str:
    """A bucket with these objects; dots in their names are written `__`."""
    name = f"case-{uuid.uuid4().hex[:12]}"
    aws.client("s3").create_bucket(Bucket=name)
    for key, text in objects.items():
        aws.client("s3").put_object(Bucket=name, Key=key.replace("__", "."), Body=text.encode())
    return name


def read(aws: Emulator, name: str, key: str) -> Any:
    return json.loads(aws.client("s3").get_object(Bucket=name, Key=key)["Body"].read())


def object_reader(name: str, key: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": name, "Key": key},
    }


def result_writer(name: str) -> dict[str, Any]:
    return {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": name, "Prefix": "results"}}


@aws_document(DISTRIBUTED)
@pytest.mark.parametrize("execution_type", ["STANDARD", "EXPRESS"])
def test_results_are_in_the_order_of_the_items(aws: Emulator, execution_type: str) -> None:
    given = [{"n": number} for number in range(90)]
    assert machines.output(aws, each(execution_type), given) == given


@aws_document(DISTRIBUTED, assumed="a map run of nothing succeeds")
def test_no_items(aws: Emulator) -> None:
    description = ran(aws, each(ItemsPath="$.items"), {"items": []})
    assert description["output"] == "[]"
    assert map_run(aws, description["executionArn"])["executionCounts"]["total"] == 0


@aws_document(f"{GUIDE}/input-output-itemspath.html", assumed="the pair is spelt as in the Context object")
def test_a_json_object_is_iterated_over_by_its_members(aws: Emulator) -> None:
    output = machines.output(aws, each(ItemsPath="$.stock"), {"stock": {"apples": 3, "pears": 5}})
    assert output == [{"Key": "apples", "Value": 3}, {"Key": "pears", "Value": 5}]


@aws_document(f"{GUIDE}/input-output-itemspath.html", assumed="name and text of the error")
def test_items_that_are_no_array(aws: Emulator) -> None:
    error, cause = machines.failure(aws, each(ItemsPath="$.items"), {"items": "apple"})
    assert error == "States.Runtime"
    assert 'Reference path "$.items" must point to array.' in str(cause)


@aws_document(SELECTOR)
def test_item_selector_sees_input_and_item(aws: Emulator) -> None:
    selector = {
        "size": 10,
        "value.$": "$$.Map.Item.Value",
        "index.$": "$$.Map.Item.Index",
        "shop.$": "$.shop",
    }
    definition = each(ItemsPath="$.items", ItemSelector=selector)
    output = machines.output(aws, definition, {"shop": "corner", "items": ["a", "b"]})
    assert output == [
        {"size": 10, "value": value, "index": index, "shop": "corner"} for index, value in enumerate("ab")
    ]


@aws_document(CONTEXT)
@pytest.mark.parametrize(
    ("items", "source", "key"), [(["a"], "STATE_DATA", None), ({"k": "a"}, "STATE_DATA", "k")]
)
def test_context_of_an_item(aws: Emulator, items: Any, source: str, key: str | None) -> None:
    selector = {"source.$": "$$.Map.Item.Source"} | ({"key.$": "$$.Map.Item.Key"} if key else {})
    output = machines.output(aws, each(ItemSelector=selector), items)
    assert output == [{"source": source} | ({"key": key} if key else {})]


@aws_document(f"{GUIDE}/transforming-data.html")
def test_jsonata(aws: Emulator) -> None:
    state = mapped(
        {"Double": {"Type": "Pass", "Output": "{% $states.input.n * 2 %}"}},
        Items="{% $states.input.items[$ > 1] %}",
        ItemSelector={"n": "{% $states.context.Map.Item.Value + $states.input.plus %}"},
        Output="{% $sum($states.result) %}",
    )
    assert machines.output(aws, jsonata({"Map": state}), {"items": [1, 2, 3], "plus": 1}) == 14


@aws_document(f"{GUIDE}/workflow-variables.html", assumed="Items may be written out with expressions in it")
def test_jsonata_items_that_are_written_out(aws: Emulator) -> None:
    state = mapped({"Echo": PASS}, "EXPRESS", Items=[1, "{% $limit %}"])
    definition = jsonata({"Set": {**PASS, "Assign": {"limit": 7}, "Next": "Map"}, "Map": state})
    assert machines.output(aws, definition) == [1, 7]


@aws_document(f"{API}/API_EvaluationFailedEventDetails.html", assumed="which event comes first")
@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"Items": "{% 'apple' %}"}, "Items"),
        ({"Items": [1], "ItemSelector": {"value": "{% $states.input.none %}"}}, "ItemSelector/value"),
        ({"Items": [1], "ToleratedFailureCount": "{% -3 %}"}, "ToleratedFailureCount"),
    ],
)
def test_jsonata_that_fails_says_in_which_field(aws: Emulator, fields: dict[str, Any], location: str) -> None:
    description = ran(aws, jsonata({"Map": mapped({"Echo": PASS}, **fields)}))
    assert description["error"] == "States.QueryEvaluationError"
    [failed] = [
        event["evaluationFailedEventDetails"]
        for event in machines.events(aws, description["executionArn"])
        if event["type"] == "EvaluationFailed"
    ]
    assert (failed["location"], failed["state"]) == (location, "Map")


@aws_document(CONTEXT, assumed="a child's machine is MACHINE/LABEL")
def test_context_of_a_child(aws: Emulator) -> None:
    seen = {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "input.$": "$$.Execution.Input"}}
    state = mapped({"See": seen}, Label="Seeing")
    description = ran(aws, machine({"Map": state}), ["a"])
    [child] = children(aws, map_run(aws, description["executionArn"]))
    assert json.loads(description["output"]) == [{"id": child["executionArn"], "input": "a"}]
    assert child["stateMachineArn"] == f"{description['stateMachineArn']}/Seeing"


@aws_document(f"{GUIDE}/concepts-examine-map-run.html")
def test_arns(aws: Emulator) -> None:
    description = ran(aws, each(Label="Mine"), [1])
    run = map_run(aws, description["executionArn"])
    name = description["stateMachineArn"].rpartition(":")[2]
    assert f":mapRun:{name}/Mine:" in run["mapRunArn"]
    [child] = children(aws, run)
    assert child["executionArn"].endswith(f":execution:{name}/Mine:{child['name']}")
    assert child["mapRunArn"] == run["mapRunArn"]


@aws_document(f"{API}/API_GetExecutionHistory.html", assumed="order of the events")
def test_events_of_the_parent_and_of_a_child(aws: Emulator) -> None:
    description = ran(aws, each(), [1, 2])
    assert machines.event_types(aws, description["executionArn"]) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    run = map_run(aws, description["executionArn"])
    assert machines.event_types(aws, children(aws, run)[0]["executionArn"]) == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(f"{API}/API_DescribeExecution.html")
def test_express_children_are_described_but_have_no_history(aws: Emulator) -> None:
    description = ran(aws, each("EXPRESS"), [1])
    [child] = children(aws, map_run(aws, description["executionArn"]))
    assert (child["status"], child["output"]) == ("SUCCEEDED", "1")
    assert ":express:" in child["executionArn"]
    with pytest.raises(ClientError):
        aws.client("stepfunctions").get_execution_history(executionArn=child["executionArn"])


@aws_document(f"{API}/API_ListExecutions.html")
def test_children_are_not_listed_with_the_machine(aws: Emulator) -> None:
    description = ran(aws, each(), [1, 2])
    client = aws.client("stepfunctions")
    listed = client.list_executions(stateMachineArn=description["stateMachineArn"])["executions"]
    assert [execution["executionArn"] for execution in listed] == [description["executionArn"]]


@aws_document(BATCHER)
@pytest.mark.parametrize(
    ("batcher", "sizes"),
    [
        ({"MaxItemsPerBatch": 2}, [2, 2, 1]),
        ({"MaxItemsPerBatchPath": "$.most"}, [3, 2]),
        ({"MaxInputBytesPerBatch": 29}, [2, 2, 1]),
    ],
)
def test_batches(aws: Emulator, batcher: dict[str, Any], sizes: list[int]) -> None:
    definition = each(ItemsPath="$.items", ItemBatcher=batcher)
    given = {"most": 3, "items": ["abcde", "bcdef", "cdefg", "defgh", "efghi"]}
    description = ran(aws, definition, given)
    output = json.loads(description["output"])
    assert [len(batch["Items"]) for batch in output] == sizes
    assert [item for batch in output for item in batch["Items"]] == given["items"]
    counts = map_run(aws, description["executionArn"])
    assert counts["itemCounts"]["succeeded"] == counts["itemCounts"]["total"] == 5
    assert counts["executionCounts"]["succeeded"] == len(sizes)


@aws_document(BATCHER)
def test_batch_input_and_item_selector(aws: Emulator) -> None:
    batcher = {"MaxItemsPerBatch": 5, "BatchInput": {"day.$": "$.day", "fixed": 1}}
    definition = each(ItemsPath="$.items", ItemSelector={"v.$": "$$.Map.Item.Value"}, ItemBatcher=batcher)
    output = machines.output(aws, definition, {"day": "Monday", "items": [1, 2]})
    assert output == [{"BatchInput": {"day": "Monday", "fixed": 1}, "Items": [{"v": 1}, {"v": 2}]}]


@aws_document(READER)
def test_items_of_a_json_file(aws: Emulator) -> None:
    name = bucket(aws, items__json='[{"a": 1}, {"a": 2}, {"a": 3}]')
    reader = object_reader(name, "items.json", InputType="JSON", MaxItems=2)
    description = ran(aws, each("EXPRESS", ItemReader=reader))
    assert json.loads(description["output"]) == [{"a": 1}, {"a": 2}]
    started = [e for e in machines.events(aws, description["executionArn"]) if e["type"] == "MapStateStarted"]
    assert started[0]["mapStateStartedEventDetails"]["length"] == 0


@aws_document(READER)
def test_reader_that_takes_its_object_from_the_input(aws: Emulator) -> None:
    name = bucket(aws, rows__csv="name|n\nann|1\nbob|2\n")
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "PIPE"},
        "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
    }
    reader["ReaderConfig"]["MaxItemsPath"] = "$.most"  # type: ignore[index]
    output = machines.output(aws, each(ItemReader=reader), {"bucket": name, "key": "rows.csv", "most": 1})
    assert output == [{"name": "ann", "n": "1"}]


@aws_document(READER)
def test_reader_with_jsonata(aws: Emulator) -> None:
    name = bucket(aws, items__jsonl='{"a": 1}\n{"a": 2}\n')
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSONL", "MaxItems": "{% $states.input.most %}"},
        "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "items.jsonl"},
    }
    definition = jsonata({"Map": mapped({"Echo": PASS}, ItemReader=reader)})
    assert machines.output(aws, definition, {"bucket": name, "most": 1}) == [{"a": 1}]


@aws_document(READER)
def test_items_of_a_listing(aws: Emulator) -> None:
    name = bucket(aws, a="1", b="22")
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": name}}
    output = machines.output(aws, each(ItemReader=reader))
    assert [(entry["Key"], entry["Size"]) for entry in output] == [("a", 1), ("b", 2)]


@aws_document(ERRORS, assumed="the map run has started by then")
def test_an_object_that_is_not_there_fails_the_reader(aws: Emulator) -> None:
    reader = object_reader(bucket(aws), "missing.json", InputType="JSON")
    description = ran(aws, each(ItemReader=reader))
    assert (description["status"], description["error"]) == ("FAILED", "States.ItemReaderFailed")
    types = machines.event_types(aws, description["executionArn"])
    assert types[-4:] == ["MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@aws_document(ERRORS)
def test_a_failed_reader_can_be_caught(aws: Emulator) -> None:
    reader = object_reader(bucket(aws), "missing.json", InputType="JSON")
    state = mapped({"Echo": PASS}, ItemReader=reader, End=True, Catch=[catch("States.ItemReaderFailed")])
    assert machines.output(aws, machine({"Map": state, "Caught": {"Type": "Pass", "Result": 1}})) == 1


@aws_document(THRESHOLD)
def test_one_failure_fails_the_run_by_default(aws: Emulator) -> None:
    description = ran(aws, odd_ones_fail(MaxConcurrency=1), numbers(False, True, False, False))
    assert (description["status"], description["error"]) == ("FAILED", EXCEEDED)
    run = map_run(aws, description["executionArn"])
    assert run["status"] == "FAILED"
    wanted = {"succeeded": 1, "failed": 1, "pending": 2, "running": 0, "total": 4}
    assert wanted.items() <= run["executionCounts"].items()


@aws_document(THRESHOLD, assumed="in the output a failed child is a row that describes it")
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailureCountPath": "$.tolerated"}, "SUCCEEDED"),
        ({"ToleratedFailurePercentagePath": "$.percentage"}, "FAILED"),
        ({"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 10}, "FAILED"),
    ],
)
def test_tolerated_failures(aws: Emulator, fields: dict[str, Any], status: str) -> None:
    given = {"items": numbers(True, False, True, False), "tolerated": 2, "percentage": 25.5}
    description = ran(aws, odd_ones_fail(ItemsPath="$.items", **fields), given)
    assert description["status"] == status
    if status == "FAILED":
        assert description["error"] == EXCEEDED
    else:
        counts = map_run(aws, description["executionArn"])["itemCounts"]
        assert {"succeeded": 2, "failed": 2, "total": 4}.items() <= counts.items()


@aws_document(THRESHOLD)
def test_a_failed_batch_counts_with_all_its_items(aws: Emulator) -> None:
    fail = mapped({"Fail": {"Type": "Fail"}}, ItemBatcher={"MaxItemsPerBatch": 3}, ToleratedFailureCount=2)
    description = ran(aws, machine({"Map": fail}), [1, 2, 3])
    assert description["error"] == EXCEEDED
    assert map_run(aws, description["executionArn"])["itemCounts"]["failed"] == 3


@aws_document(THRESHOLD)
def test_children_that_run_are_aborted_when_the_run_fails(aws: Emulator) -> None:
    states = ODD_ONES_FAIL | {"Keep": {"Type": "Wait", "Seconds": 20, "End": True}}
    description = ran(aws, machine({"Map": mapped(states, MaxConcurrency=2)}), numbers(False, True, False))
    assert description["error"] == EXCEEDED
    run = map_run(aws, description["executionArn"])
    assert {"aborted": 1, "failed": 1, "pending": 1}.items() <= run["executionCounts"].items()
    assert sorted(child["status"] for child in children(aws, run)) == ["ABORTED", "FAILED"]


@aws_document(ERRORS, assumed="each attempt is a map run of its own")
def test_retry_starts_another_map_run(aws: Emulator) -> None:
    state = mapped(ODD_ONES_FAIL, Retry=[retry(EXCEEDED, MaxAttempts=1)], End=True, Catch=[catch(EXCEEDED)])
    definition = machine({"Map": state, "Caught": PASS})
    started = executions.start(aws, machines.define(aws, definition), numbers(True))
    assert executions.finished(aws, started)["status"] == "SUCCEEDED"
    runs = aws.client("stepfunctions").list_map_runs(executionArn=started)["mapRuns"]
    assert len({run["mapRunArn"] for run in runs}) == 2


@aws_document(f"{API}/API_StopExecution.html", assumed="children that have not started stay pending")
def test_stopping_the_parent_aborts_the_run_and_its_children(aws: Emulator) -> None:
    started = executions.start(aws, machines.define(aws, waiting(30, MaxConcurrency=2)), [1, 2, 3])
    client = aws.client("stepfunctions")
    until(lambda: client.list_map_runs(executionArn=started)["mapRuns"])
    until(lambda: map_run(aws, started)["executionCounts"]["running"] == 2)
    client.stop_execution(executionArn=started)
    run = until(lambda: (found := map_run(aws, started))["status"] == "ABORTED" and found)
    assert {"aborted": 2, "pending": 1, "running": 0}.items() <= run["executionCounts"].items()
    assert {child["status"] for child in children(aws, run)} == {"ABORTED"}


@aws_document(f"{GUIDE}/statemachine-structure.html", assumed="the time-out aborts the map run")
def test_time_out_of_the_parent(aws: Emulator) -> None:
    description = ran(aws, waiting(60) | {"TimeoutSeconds": 8}, [1])
    assert description["status"] == "TIMED_OUT"
    run = until(lambda: (found := map_run(aws, description["executionArn"]))["status"] == "ABORTED" and found)
    assert run["executionCounts"]["aborted"] == 1


@aws_document(f"{GUIDE}/state-parallel.html", assumed="the map run is aborted with its branch")
def test_a_branch_that_fails_aborts_the_map_run_beside_it(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    branch = {"Map": mapped({"Wait": {"Type": "Wait", "Seconds": machines.LONG}})}
    task = activity(aws)
    definition = machine({"Both": parallel(branch, {"Task": task})})
    started = executions.start(aws, machines.define(aws, definition), [1])
    until(lambda: client.list_map_runs(executionArn=started)["mapRuns"])
    client.send_task_failure(taskToken=token(aws, task), error="No")
    assert executions.finished(aws, started)["error"] == "No"
    until(lambda: map_run(aws, started)["status"] == "ABORTED")


@aws_document(UPDATE)
def test_concurrency_can_be_changed_while_the_run_goes_on(aws: Emulator) -> None:
    client, task = aws.client("stepfunctions"), activity(aws)
    definition = machine({"Map": mapped({"Task": task}, MaxConcurrency=1)})
    started = executions.start(aws, machines.define(aws, definition), [1, 2, 3])
    until(lambda: client.list_map_runs(executionArn=started)["mapRuns"])
    run = until(lambda: (found := map_run(aws, started))["executionCounts"]["running"] == 1 and found)
    client.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=3)
    until(lambda: map_run(aws, started)["executionCounts"]["running"] == 3)
    for _ in range(3):
        client.send_task_success(taskToken=token(aws, task), output="1")
    assert executions.finished(aws, started)["status"] == "SUCCEEDED"
    assert map_run(aws, started)["maxConcurrency"] == 3


@aws_document(UPDATE)
def test_thresholds_can_be_changed_while_the_run_goes_on(aws: Emulator) -> None:
    client, task = aws.client("stepfunctions"), activity(aws)
    started = executions.start(aws, machines.define(aws, machine({"Map": mapped({"Task": task})})), [1, 2])
    [listed] = until(lambda: client.list_map_runs(executionArn=started)["mapRuns"])
    client.update_map_run(mapRunArn=listed["mapRunArn"], toleratedFailurePercentage=100)
    for _ in range(2):
        client.send_task_failure(taskToken=token(aws, task))
    assert executions.finished(aws, started)["status"] == "SUCCEEDED"
    assert map_run(aws, started)["toleratedFailurePercentage"] == 100


@aws_document(DESCRIBE)
def test_description_of_a_map_run(aws: Emulator) -> None:
    description = ran(aws, each(MaxConcurrency=5, ToleratedFailureCount=2), [1, 2, 3])
    run = map_run(aws, description["executionArn"])
    assert run["executionArn"] == description["executionArn"]
    assert (run["status"], run["maxConcurrency"], run["redriveCount"]) == ("SUCCEEDED", 5, 0)
    assert (run["toleratedFailureCount"], run["toleratedFailurePercentage"]) == (2, 0)
    assert run["startDate"] <= run["stopDate"]
    assert run["itemCounts"] == run["executionCounts"]
    assert run["itemCounts"]["succeeded"] == run["itemCounts"]["total"] == 3


@aws_document(f"{GUIDE}/service-quotas.html")
def test_output_that_is_too_large_without_a_result_writer(aws: Emulator) -> None:
    large = {"Type": "Pass", "Result": "x" * 60_000}
    error, cause = machines.failure(aws, machine({"Map": mapped({"Large": large})}), [1, 2, 3, 4, 5])
    assert error == "States.DataLimitExceeded"
    assert "'Map'" in str(cause)


@aws_document(WRITER)
def test_result_writer(aws: Emulator) -> None:
    name = bucket(aws)
    definition = odd_ones_fail(ToleratedFailureCount=1, ResultWriter=result_writer(name))
    description = ran(aws, definition, numbers(False, True, False))
    output = json.loads(description["output"])
    run = map_run(aws, description["executionArn"])
    key = f"results/{run['mapRunArn'].rpartition(':')[2]}/manifest.json"
    assert output == {"MapRunArn": run["mapRunArn"], "ResultWriterDetails": {"Bucket": name, "Key": key}}
    files = read(aws, name, key)["ResultFiles"]
    rows = {kind: read(aws, name, files[kind][0]["Key"]) for kind in ("SUCCEEDED", "FAILED")}
    assert [json.loads(row["Output"])["number"] for row in rows["SUCCEEDED"]] == [0, 2]
    assert [(row["Error"], row["Cause"]) for row in rows["FAILED"]] == [("Odd", "it is odd")]
    assert run["executionCounts"]["resultsWritten"] == 3


@aws_document(WRITER)
def test_result_files_of_a_run_that_fails(aws: Emulator) -> None:
    name = bucket(aws)
    definition = odd_ones_fail(MaxConcurrency=1, ResultWriter=result_writer(name))
    description = ran(aws, definition, numbers(False, True, False, False))
    assert description["error"] == EXCEEDED
    run = map_run(aws, description["executionArn"])["mapRunArn"].rpartition(":")[2]
    files = read(aws, name, f"results/{run}/manifest.json")["ResultFiles"]
    rows = {kind: len(read(aws, name, files[kind][0]["Key"])) for kind in files}
    assert rows == {"SUCCEEDED": 1, "FAILED": 1, "PENDING": 2}


@aws_document(ERRORS)
def test_a_bucket_that_is_not_there_fails_the_writer(aws: Emulator) -> None:
    writer = result_writer(f"missing-{uuid.uuid4().hex[:12]}")
    assert machines.failure(aws, each(ResultWriter=writer), [1])[0] == "States.ResultWriterFailed"


@aws_document(DISTRIBUTED)
def test_a_distributed_map_within_a_child(aws: Emulator) -> None:
    inner = mapped({"Echo": PASS}, "EXPRESS", Label="Inner")
    description = ran(aws, machine({"Outer": mapped({"Map": inner}, Label="Outer")}), [[1, 2], [3]])
    assert json.loads(description["output"]) == [[1, 2], [3]]
    for child in children(aws, map_run(aws, description["executionArn"])):
        assert map_run(aws, child["executionArn"])["executionCounts"]["total"] in (1, 2)


@aws_document(f"{GUIDE}/input-output-resultpath.html")
def test_result_selector_and_result_path(aws: Emulator) -> None:
    definition = each(ItemsPath="$.items", ResultSelector={"all.$": "$"}, ResultPath="$.result")
    output = machines.output(aws, definition, {"items": [1, 2]})
    assert output == {"items": [1, 2], "result": {"all": [1, 2]}}


@aws_document(f"{GUIDE}/workflow-variables.html")
def test_children_do_not_see_the_parents_variables(aws: Emulator) -> None:
    states = {
        "Set": {**PASS, "Assign": {"name": "outer"}, "Next": "Map"},
        "Map": mapped(
            {
                "Inner": {**PASS, "Assign": {"name": "inner"}, "Next": "See"},
                "See": {"Type": "Pass", "Parameters": {"name.$": "$name"}},
            },
            Next="After",
        ),
        "After": {"Type": "Pass", "Parameters": {"children.$": "$", "name.$": "$name"}},
    }
    output = machines.output(aws, machine(states), [1])
    assert output == {"children": [{"name": "inner"}], "name": "outer"}


@aws_document(DISTRIBUTED, assumed="with MaxConcurrency 1 the children start in the order of the items")
def test_max_concurrency_of_one(aws: Emulator) -> None:
    definition = each(MaxConcurrencyPath="$.most", ItemsPath="$.items")
    description = ran(aws, definition, {"most": 1, "items": [1, 2, 3]})
    found = children(aws, map_run(aws, description["executionArn"]))
    found.sort(key=lambda child: int(child["input"]))
    ends = [(child["startDate"], child["stopDate"]) for child in found]
    millisecond = timedelta(milliseconds=1)  # what starts are told to
    assert all(before[1] - after[0] < millisecond for before, after in pairwise(ends))
