"""ClassifyImage as a graph: every state is reached, every failure is told, the right errors are retried."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.assertions import Template
from jsonata import Jsonata

from stacks.workflow.definition import definitions
from tests.template.workflow.graph import FINAL, GONE, LAMBDA, RETRIED, expressions, reached, retried

STEPS = ["Serialize image", "Classify image", "Keep confident prediction"]


@pytest.fixture(scope="module")
def machine(smallest: dict[str, Template]) -> dict[str, Any]:
    return definitions(smallest["workflow"].to_json())["scones-test-classify-image"]


def test_every_transition_leads_somewhere_and_every_state_is_reached(machine: dict[str, Any]) -> None:
    assert reached(machine) == set(machine["States"])


def test_every_state_goes_on_or_ends(machine: dict[str, Any]) -> None:
    for name, state in machine["States"].items():
        ends = state.get("End") is True or state["Type"] in ("Fail", "Succeed")
        assert ends != ("Next" in state), name


def test_the_steps_follow_each_other_as_operators_read_them(machine: dict[str, Any]) -> None:
    steps, name = [], machine["StartAt"]
    while name:
        steps.append(name)
        name = machine["States"][name].get("Next")
    assert steps == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_step_is_told_of_and_fails_the_execution(machine: dict[str, Any], step: str) -> None:
    (catch,) = machine["States"][step]["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert catch["Output"]["State"] == step
    notify = machine["States"][catch["Next"]]
    assert notify["Resource"].endswith("sns:publish")
    assert machine["States"][notify["Next"]]["Type"] == "Fail"
    (unheard,) = notify["Catch"]  # if the topic cannot be reached, the error is still that of the step
    assert (unheard["Next"], unheard["Output"]) == (notify["Next"], "{% $states.input %}")


def test_errors_that_pass_are_retried_and_errors_that_stay_are_not(machine: dict[str, Any]) -> None:
    for step in STEPS:
        names = retried(machine["States"][step])
        assert names >= LAMBDA | GONE
        assert not names & (FINAL | {"States.ALL", "States.TaskFailed", "Runtime.OutOfMemory"})
    assert retried(machine["States"]["Classify image"]) >= RETRIED >= {"EndpointThrottled", "ModelFailed"}
    assert "StorageUnavailable" in retried(machine["States"]["Serialize image"])
    assert {"LowConfidence", "ImageNotFound", "InvalidInput"} <= FINAL


def test_a_process_that_ended_is_forgiven_more_often_than_a_time_out(machine: dict[str, Any]) -> None:
    for step in STEPS:
        attempts = {
            name: retry["MaxAttempts"]
            for retry in machine["States"][step]["Retry"]
            for name in retry["ErrorEquals"]
        }
        assert attempts["Runtime.ExitError"] == attempts["Lambda.Unknown"] == 5
        assert attempts["Sandbox.Timedout"] == attempts["States.Timeout"] == 1


def test_retries_back_off_with_full_jitter_and_a_cap(machine: dict[str, Any]) -> None:
    for state in machine["States"].values():
        for retry in state.get("Retry", []):
            assert retry["JitterStrategy"] == "FULL"
            assert retry["BackoffRate"] > 1
            assert retry["MaxDelaySeconds"] > retry["IntervalSeconds"]


def test_functions_get_the_executions_name_and_the_input_as_it_is(machine: dict[str, Any]) -> None:
    for step in STEPS:
        state = machine["States"][step]
        assert state["Arguments"]["Payload"] == {
            "execution_name": "{% $states.context.Execution.Name %}",
            "input": "{% $states.input %}",
        }
        assert state["Output"] == "{% $states.result.Payload %}"


def test_the_console_shows_what_the_input_looks_like(machine: dict[str, Any]) -> None:
    assert '{"image_data": "", "s3_bucket": "my-bucket", "s3_key": ' in machine["Comment"]
    assert machine["QueryLanguage"] == "JSONata"


def test_the_execution_outlives_the_steps_without_retries(machine: dict[str, Any]) -> None:
    assert machine["TimeoutSeconds"] > sum(machine["States"][step]["TimeoutSeconds"] for step in STEPS)


def test_every_expression_can_be_read(machine: dict[str, Any]) -> None:
    found = list(expressions(machine))
    assert len(found) > 15
    for expression in found:
        assert expression.endswith("%}")
        Jsonata.jsonata(expression[2:-2].strip())
