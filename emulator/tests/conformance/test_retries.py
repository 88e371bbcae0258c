"""When a failed state runs again, after what pause, and how often."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.definitions import (
    END,
    PASS,
    SCRIPTED,
    catch,
    direct,
    each,
    invoke,
    jsonata,
    machine,
    parallel,
    retry,
)
from tests.conformance.documents import aws_document
from tests.conformance.machines import (
    LONG,
    define,
    event_types,
    events,
    failure,
    function,
    lasted,
    outcome,
    output,
    until_event,
)
from tests.running import executions
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
RETRIES = GUIDE + "concepts-error-handling.html#error-handling-retrying-after-an-error"
FAILED = ("TaskFailed", "LambdaFunctionFailed", "TaskTimedOut")
SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled")
SLACK = 0.9
"""Seconds of a definition that a pause may be longer than it must."""
TRIES = 5
"""On a busy machine a pause may be longer still, but not time after time."""


def pauses(aws: Emulator, execution: str) -> list[float]:
    """Seconds of the definition between each failure of a task and its next attempt."""
    found: list[float] = []
    failed = None
    for event in events(aws, execution):
        if event["type"] in FAILED:
            failed = event["timestamp"]
        elif event["type"] in SCHEDULED and failed is not None:
            found.append(lasted(failed, event["timestamp"]))
    return found


def attempts(aws: Emulator, execution: str) -> int:
    return sum(kind in SCHEDULED for kind in event_types(aws, execution))


def retried(aws: Emulator, errors: list[str], *retriers: dict[str, Any]) -> dict[str, Any]:
    """How a task that raises `errors` in turn ends with these retriers."""
    task = direct(function(aws, SCRIPTED), errors, Retry=list(retriers))
    return outcome(aws, machine({"Task": task}))


def assert_pauses(aws: Emulator, ended: dict[str, Any], expected: list[float]) -> None:
    """No pause of the execution is shorter than expected, and in one of a few tries none is longer."""
    tries = []
    for _ in range(TRIES):
        found = pauses(aws, ended["executionArn"])
        assert len(found) == len(expected), found
        longer = [seconds - least for seconds, least in zip(found, expected, strict=True)]
        assert min(longer) >= -0.05, (found, expected)
        if max(longer) <= SLACK:
            return
        tries.append(found)
        ended = executions.run(aws, ended["stateMachineArn"], json.loads(ended["input"]))
    raise AssertionError(f"longer than {expected} each time: {tries}")


@aws_document(RETRIES)
def test_three_retries_a_second_apart_unless_the_retrier_says_otherwise(aws: Emulator) -> None:
    ended = retried(aws, ["E"] * 9, {"ErrorEquals": ["E"], "BackoffRate": 1})
    assert (ended["status"], ended["error"]) == ("FAILED", "E")
    assert_pauses(aws, ended, [1, 1, 1])


@aws_document(RETRIES)
def test_the_pause_doubles_unless_the_retrier_says_otherwise(aws: Emulator) -> None:
    ended = retried(aws, ["E"] * 9, {"ErrorEquals": ["E"], "MaxAttempts": 2})
    assert_pauses(aws, ended, [1, 2])


@aws_document(RETRIES)
def test_the_rate_multiplies_the_interval_with_each_attempt(aws: Emulator) -> None:
    ended = retried(aws, ["E"] * 9, retry("E", BackoffRate=1.5, MaxAttempts=3))
    assert_pauses(aws, ended, [1, 1.5, 2.25])


@aws_document(RETRIES)
def test_the_pause_grows_up_to_its_maximum(aws: Emulator) -> None:
    ended = retried(aws, ["E"] * 9, retry("E", BackoffRate=10, MaxDelaySeconds=2, MaxAttempts=2))
    assert_pauses(aws, ended, [1, 2])


@aws_document(RETRIES)
def test_full_jitter_pauses_between_nothing_and_the_interval(aws: Emulator) -> None:
    ended = retried(aws, ["E"] * 9, retry("E", MaxAttempts=6, JitterStrategy="FULL"))
    found = pauses(aws, ended["executionArn"])
    assert len(found) == 6
    assert max(found) <= 1 + SLACK
    assert max(found) - min(found) > 0.05, found  # the same six pauses by chance: once in 3 million


@aws_document(RETRIES)
def test_no_attempt_more_is_none(aws: Emulator) -> None:
    ended = retried(aws, ["E"], retry("E", MaxAttempts=0), retry("States.ALL"))
    assert (ended["status"], ended["error"]) == ("FAILED", "E")
    assert attempts(aws, ended["executionArn"]) == 1


@aws_document(RETRIES)
def test_each_retrier_counts_its_own_attempts(aws: Emulator) -> None:
    retriers = [retry("A", "B", MaxAttempts=2), retry("C", IntervalSeconds=2)]
    task = direct(
        function(aws, SCRIPTED), ["A", "C", "B", "B"], Retry=retriers, Catch=[catch("States.ALL")], End=True
    )
    ended = outcome(aws, machine({"Task": task, "Caught": END}))
    assert ended["output"]["Error"] == "B"
    assert_pauses(aws, ended, [1, 2, 1])


@aws_document(RETRIES)
def test_each_retrier_keeps_its_own_pace(aws: Emulator) -> None:
    retriers = [retry("A", BackoffRate=2, MaxAttempts=2), retry("B", BackoffRate=2, MaxAttempts=2)]
    ended = retried(aws, ["A", "B", "A"], *retriers)
    assert ended["output"] == {"retries": 3}
    assert_pauses(aws, ended, [1, 1, 2])


@aws_document(RETRIES)
def test_only_errors_that_match_are_retried(aws: Emulator) -> None:
    ended = retried(aws, ["A", "B"], retry("A"))
    assert (ended["status"], ended["error"]) == ("FAILED", "B")
    assert attempts(aws, ended["executionArn"]) == 2


@aws_document(GUIDE + "input-output-contextobject.html")
def test_the_context_counts_retries_and_starts_anew_in_the_next_state(aws: Emulator) -> None:
    arn = function(aws, SCRIPTED)
    first = direct(arn, ["A", "A"], Retry=[retry("A")], ResultPath="$.first", Next="Second")
    second = direct(arn, ["A"], Retry=[retry("A")], ResultPath="$.second", Next="Third")
    third = direct(arn, ResultPath="$.third")
    result = output(aws, machine({"First": first, "Second": second, "Third": third}))
    assert result == {"first": {"retries": 2}, "second": {"retries": 1}, "third": {"retries": 0}}


@aws_document(GUIDE + "input-output-contextobject.html")
def test_a_state_that_is_entered_again_counts_anew(aws: Emulator) -> None:
    task = direct(function(aws, SCRIPTED), ["A"], Retry=[retry("A", MaxAttempts=1)], ResultPath="$.task")
    again = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.round", "NumericLessThan": 2, "Next": "Task"}],
        "Default": "End",
    }
    states = {
        "Task": task | {"Next": "Count"},
        "Count": PASS
        | {
            "Parameters": {"round.$": "States.MathAdd($.round, 1)", "task.$": "$.task"},
            "Next": "Again?",
        },
        "Again?": again,
        "End": END,
    }
    assert output(aws, machine(states), {"round": 0}) == {"round": 2, "task": {"retries": 1}}


@aws_document(GUIDE + "transforming-data.html")
def test_jsonata_sees_the_number_of_retries(aws: Emulator) -> None:
    task = {
        "Type": "Task",
        "Resource": function(aws, SCRIPTED),
        "Arguments": {"errors": ["A"], "retries": "{% $states.context.State.RetryCount %}"},
        "Retry": [retry("A")],
    }
    assert output(aws, jsonata({"Task": task})) == {"retries": 1}


@aws_document("https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html")
def test_the_state_is_entered_once_however_often_it_is_tried(aws: Emulator) -> None:
    ended = retried(aws, ["A"], retry("A"))
    assert event_types(aws, ended["executionArn"]) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(RETRIES)
def test_a_catcher_acts_once_the_retries_are_used_up(aws: Emulator) -> None:
    task = direct(
        function(aws, SCRIPTED),
        ["A"] * 9,
        Retry=[retry("States.ALL", MaxAttempts=1)],
        Catch=[catch("A")],
        End=True,
    )
    ended = outcome(aws, machine({"Task": task, "Caught": END}))
    assert ended["output"]["Error"] == "A"
    assert attempts(aws, ended["executionArn"]) == 2


@aws_document(RETRIES)
def test_a_time_out_is_retried_with_the_whole_time(aws: Emulator) -> None:
    task = invoke(
        function(aws, SCRIPTED),
        {"seconds": 3},
        TimeoutSeconds=1,
        Retry=[retry("States.Timeout", MaxAttempts=1)],
    )
    ended = outcome(aws, machine({"Task": task}))
    assert ended["error"] == "States.Timeout"
    kinds = event_types(aws, ended["executionArn"])
    assert (kinds.count("TaskScheduled"), kinds.count("TaskTimedOut")) == (2, 2)


@aws_document(GUIDE + "concepts-error-handling.html")
def test_a_runtime_error_is_not_retried(aws: Emulator) -> None:
    task = direct(function(aws, SCRIPTED), Retry=[retry("States.ALL", IntervalSeconds=60)])
    task["Parameters"] = {"a.$": "$.missing"}
    assert failure(aws, machine({"Task": task}), {})[0] == "States.Runtime"


@aws_document(GUIDE + "state-parallel.html")
def test_a_parallel_state_is_retried_as_a_whole(aws: Emulator) -> None:
    state = parallel(
        {"Fine": PASS},
        {"Task": direct(function(aws, SCRIPTED), ["A"])},
        Retry=[retry("A", MaxAttempts=1)],
    )
    ended = outcome(aws, machine({"Parallel": state}))
    kinds = event_types(aws, ended["executionArn"])
    assert kinds.count("ParallelStateEntered") == 1
    assert kinds.count("PassStateEntered") == 2


@aws_document(GUIDE + "state-map-inline.html")
def test_a_map_state_is_retried_as_a_whole(aws: Emulator) -> None:
    state = each(
        {"Fail": {"Type": "Fail", "Error": "A", "Cause": "always"}},
        MaxConcurrency=1,
        Retry=[retry("A", MaxAttempts=1)],
    )
    ended = outcome(aws, machine({"Map": state}), [1])
    assert (ended["error"], ended["cause"]) == ("A", "always")
    kinds = event_types(aws, ended["executionArn"])
    assert kinds.count("MapStateEntered") == 1
    assert kinds.count("MapIterationStarted") == 2


@aws_document("https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html")
@pytest.mark.parametrize("inside", [None, "Map", "Parallel"])
def test_stop_acts_at_once_in_a_pause_before_a_retry(aws: Emulator, inside: str | None) -> None:
    state = direct(function(aws, SCRIPTED), ["A"] * 9, Retry=[retry("A", IntervalSeconds=LONG)])
    if inside == "Map":
        state = each({"Task": state})
    if inside == "Parallel":
        state = parallel({"Task": state})
    execution = executions.start(aws, define(aws, machine({"State": state})), [1])
    until_event(aws, execution, "LambdaFunctionFailed")
    aws.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="waited")
    ended = executions.finished(aws, execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Enough", "waited")
    assert event_types(aws, execution)[-1] == "ExecutionAborted"


@aws_document(GUIDE + "statemachine-structure.html")
def test_the_machines_time_out_acts_in_a_pause_before_a_retry(aws: Emulator) -> None:
    task = direct(function(aws, SCRIPTED), ["A"] * 9, Retry=[retry("A", IntervalSeconds=LONG)])
    ended = outcome(aws, machine({"Task": task}, TimeoutSeconds=1))
    assert ended["status"] == "TIMED_OUT"
