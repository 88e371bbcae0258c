"""ClassifyBatch as a graph: nothing is caught, so that all of it can be redriven, and it is bounded."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.assertions import Template
from jsonata import Jsonata

from lambda_src.core.run.records import read_merge_request
from stacks.workflow.definition import definitions
from tests.template.workflow.graph import (
    FINAL,
    GONE,
    LAMBDA,
    RETRIED,
    expressions,
    reached,
    retried,
    targets,
)
from tests.template.workflow.jsonata_states import evaluate

CHILD = ["Serialize images", "Classify images", "Keep confident predictions"]
PLAN = {
    "plan_bucket": "data",
    "plan_key": "results/run-1/plan.jsonl",
    "listed": 3,
    "batches": 2,
    "rejected": 1,
    "started": "2026-11-20T10:00:00.000+00:00",
    "threshold": None,
    "max_concurrency": 4,
    "tolerated_failure_percentage": 10,
    "replay_of": None,
    "only": None,
    "input": {"form": "images"},
}


@pytest.fixture(scope="module")
def machine(smallest: dict[str, Template]) -> dict[str, Any]:
    return definitions(smallest["workflow"].to_json())["scones-test-classify-batch"]


@pytest.fixture(scope="module")
def single(smallest: dict[str, Template]) -> dict[str, Any]:
    return definitions(smallest["workflow"].to_json())["scones-test-classify-image"]


@pytest.fixture(scope="module")
def batch_map(machine: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = machine["States"]["Classify batches"]
    return state


@pytest.fixture(scope="module")
def child(batch_map: dict[str, Any]) -> dict[str, Any]:
    processor: dict[str, Any] = batch_map["ItemProcessor"]
    return processor


def evaluated(value: Any, **states: Any) -> Any:
    """A field with its expressions evaluated, `states` being what `$states` holds."""
    if isinstance(value, dict):
        return {key: evaluated(below, **states) for key, below in value.items()}
    if not isinstance(value, str) or not value.startswith("{%"):
        return value
    return evaluate(value, **states)


def test_every_transition_leads_somewhere_and_every_state_is_reached(
    machine: dict[str, Any], child: dict[str, Any]
) -> None:
    for graph in (machine, child):
        assert reached(graph) == set(graph["States"])
        for name, state in graph["States"].items():
            assert (state.get("End") is True) != bool(targets(state)), name


def test_the_steps_follow_each_other_as_operators_read_them(
    machine: dict[str, Any], child: dict[str, Any]
) -> None:
    states = machine["States"]
    assert machine["StartAt"] == "Plan batches"
    assert states["Plan batches"]["Next"] == "Classify batches"
    assert states["Classify batches"]["Next"] == "Merge results"
    assert states["Merge results"]["Next"] == "Tell summary"
    assert states["Tell summary"]["Resource"].endswith("sns:publish")
    assert list(child["States"]) == CHILD


def test_a_batch_runs_the_functions_of_a_single_image_with_its_retries(
    single: dict[str, Any], child: dict[str, Any]
) -> None:
    steps = zip(child["States"].values(), list(single["States"].values())[:3], strict=True)
    for many, one in steps:
        assert many["Arguments"]["FunctionName"] == one["Arguments"]["FunctionName"]
        assert many["Retry"] == one["Retry"]
        assert many["TimeoutSeconds"] == one["TimeoutSeconds"]
    assert retried(child["States"]["Classify images"]) >= RETRIED


def test_nothing_is_caught_so_that_a_redrive_goes_on_where_it_stopped(
    machine: dict[str, Any], child: dict[str, Any]
) -> None:
    for state in [*machine["States"].values(), *child["States"].values()]:
        assert "Catch" not in state
    assert "Retry" not in machine["States"]["Classify batches"]  # would run all batches again


def test_errors_that_stay_are_not_retried(machine: dict[str, Any]) -> None:
    for name in ("Plan batches", "Merge results"):
        names = retried(machine["States"][name])
        assert names >= LAMBDA | GONE | {"StorageUnavailable"}
        assert not names & (FINAL | {"States.ALL", "States.TaskFailed", "Runtime.OutOfMemory"})
    assert "IncompleteResults" in FINAL


def test_children_are_express_and_their_number_and_failures_are_bounded(batch_map: dict[str, Any]) -> None:
    assert batch_map["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "EXPRESS",
    }
    bounds = {key: batch_map[key] for key in ("MaxConcurrency", "ToleratedFailurePercentage")}
    assert evaluated(bounds, input=PLAN) == {"MaxConcurrency": 4, "ToleratedFailurePercentage": 10}
    assert "ToleratedFailureCount" not in batch_map


def test_the_map_reads_the_plan_and_writes_each_batch_below_the_runs_folder(
    batch_map: dict[str, Any],
) -> None:
    reader, writer = batch_map["ItemReader"], batch_map["ResultWriter"]
    assert reader["Resource"].endswith(":s3:getObject")
    assert reader["ReaderConfig"] == {"InputType": "JSONL"}
    assert writer["Resource"].endswith(":s3:putObject")
    assert writer["WriterConfig"] == {"OutputType": "JSONL", "Transformation": "NONE"}
    states = {"input": PLAN, "context": {"Execution": {"Name": "run-1"}}}
    assert evaluated(reader["Arguments"], **states) == {"Bucket": "data", "Key": PLAN["plan_key"]}
    assert evaluated(writer["Arguments"], **states) == {"Bucket": "data", "Prefix": "results/run-1/batches"}


def test_a_child_is_told_the_name_of_the_run_from_first_to_last(
    batch_map: dict[str, Any], child: dict[str, Any]
) -> None:
    line = {"batch": 1, "images": [[2, "data", "a.png"]]}
    context = {"Execution": {"Name": "run-1"}, "Map": {"Item": {"Value": line}}}
    given = evaluated(batch_map["ItemSelector"], input={**PLAN, "threshold": 0.5}, context=context)
    assert given == {"execution_name": "run-1", "threshold": 0.5, "batch": line}
    first, *later = (child["States"][name] for name in CHILD)
    own = {"Execution": {"Name": "a name of the child's own"}}
    assert evaluated(first["Arguments"]["Payload"], input=given, context=own) == {
        "execution_name": "run-1",
        "input": given,
    }
    assert evaluated(first["Assign"], input=given, context=own) == {"execution_name": "run-1"}
    for state in later:
        assert state["Arguments"]["Payload"]["execution_name"] == "{% $execution_name %}"


def test_merging_gets_the_plan_and_the_results(machine: dict[str, Any]) -> None:
    details = {"Bucket": "data", "Key": "results/run-1/batches/x/manifest.json"}
    result = {"MapRunArn": "arn", "ResultWriterDetails": details}
    merge = evaluated(machine["States"]["Classify batches"]["Output"], input=PLAN, result=result)
    assert read_merge_request(merge).results == (details["Bucket"], details["Key"])


def test_the_execution_outlives_its_steps_without_retries(machine: dict[str, Any]) -> None:
    states = machine["States"]
    children = sum(state["TimeoutSeconds"] for state in machine_child(machine).values())
    assert children <= 300  # an Express execution's end
    steps = sum(states[name]["TimeoutSeconds"] for name in ("Plan batches", "Merge results"))
    assert machine["TimeoutSeconds"] > steps + children


def machine_child(machine: dict[str, Any]) -> dict[str, Any]:
    """The states of a child execution."""
    states: dict[str, Any] = machine["States"]["Classify batches"]["ItemProcessor"]["States"]
    return states


def test_the_console_shows_what_the_input_looks_like(machine: dict[str, Any]) -> None:
    assert '{"s3_bucket": "my-bucket", "s3_prefix": "inbox/' in machine["Comment"]
    assert machine["QueryLanguage"] == "JSONata"


def test_every_expression_can_be_read(machine: dict[str, Any]) -> None:
    found = list(expressions(machine))
    assert len(found) > 25
    for expression in found:
        assert expression.endswith("%}")
        Jsonata.jsonata(expression[2:-2].strip())
