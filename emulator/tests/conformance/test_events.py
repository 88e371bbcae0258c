"""The history of executions: which events, in which order, chained how, with what in them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.conformance import definitions, event_schema, machines
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator
from tests.running.waiting import until

API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
HISTORY = f"{API}/API_GetExecutionHistory.html"
EVENT = f"{API}/API_HistoryEvent.html"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
ECHO = "def handler(event, context):\n    return event\n"
RAISE = "class Odd(Exception):\n    pass\n\n\ndef handler(event, context):\n    raise Odd('no')\n"
ORDER = "the pages list types and members; the order is that of the developer guide's tutorials"


def recorded(aws: Emulator, definition: dict[str, Any] | str, given: Any = None) -> list[dict[str, Any]]:
    """The events of a run that has ended."""
    arn = definition if isinstance(definition, str) else machines.define(aws, definition)
    started = executions.start(aws, arn, {} if given is None else given)
    executions.finished(aws, started)
    return machines.events(aws, started)


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def chain(events: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """(id, previousEventId) of each event."""
    return [(event["id"], event["previousEventId"]) for event in events]


def details(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The details of the only event of this type."""
    [event] = [event for event in events if event["type"] == kind]
    found: dict[str, Any] = event[event_schema.details_of(kind)]
    return found


def task(resource: str, parameters: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A Task state."""
    return {"Type": "Task", "Resource": resource, "Parameters": parameters or {}, **more}


def service(aws: Emulator, **more: Any) -> dict[str, Any]:
    """A Task that invokes ECHO by the optimized integration."""
    return definitions.invoke(machines.function(aws, ECHO), {"x": 1}, **more)


@aws_document(EVENT, assumed=ORDER)
def test_pass_and_succeed(aws: Emulator) -> None:
    states: dict[str, dict[str, Any]] = {
        "A": {"Type": "Pass", "Result": 1, "Next": "B"},
        "B": {"Type": "Succeed"},
    }
    events = recorded(aws, definitions.machine(states), {"a": 1})
    assert types(events) == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ]
    assert chain(events) == [(1, 0), (2, 0), (3, 2), (4, 3), (5, 4), (6, 5)]
    assert json.loads(details(events, "ExecutionStarted")["input"]) == {"a": 1}
    assert details(events, "ExecutionStarted")["roleArn"] == machines.ROLE
    assert details(events, "PassStateExited") == {
        "name": "A",
        "output": "1",
        "outputDetails": {"truncated": False},
    }
    assert details(events, "ExecutionSucceeded") == {"output": "1", "outputDetails": {"truncated": False}}


@aws_document(EVENT, assumed=ORDER)
def test_choice_fail(aws: Emulator) -> None:
    """A Fail state is entered, and never left."""
    states: dict[str, dict[str, Any]] = {
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "F"}],
            "Default": "F",
        },
        "F": {"Type": "Fail", "Error": "Custom", "Cause": "because"},
    }
    events = recorded(aws, definitions.machine(states))
    assert types(events) == [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    assert chain(events)[-1] == (5, 4)
    assert details(events, "ExecutionFailed") == {"error": "Custom", "cause": "because"}


@aws_document(EVENT, assumed=ORDER)
def test_wait(aws: Emulator) -> None:
    events = recorded(aws, definitions.machine({"W": {"Type": "Wait", "Seconds": 1}}))
    assert types(events)[1:3] == ["WaitStateEntered", "WaitStateExited"]
    assert 0.9 < machines.lasted(events[1]["timestamp"], events[2]["timestamp"]) < 60


@aws_document(f"{API}/API_LambdaFunctionScheduledEventDetails.html", assumed=ORDER)
def test_function_by_its_arn(aws: Emulator) -> None:
    """A function's ARN as the resource has events of its own."""
    function = machines.function(aws, ECHO)
    state = {"Type": "Task", "Resource": function, "TimeoutSeconds": 30}
    events = recorded(aws, definitions.machine({"T": state}), {"x": "y"})
    assert types(events)[1:-1] == [
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
    ], events[-1]
    assert chain(events)[2:] == [(3, 2), (4, 3), (5, 4), (6, 5), (7, 6)]
    scheduled = details(events, "LambdaFunctionScheduled")
    assert json.loads(scheduled.pop("input")) == {"x": "y"}
    assert scheduled == {"resource": function, "inputDetails": {"truncated": False}, "timeoutInSeconds": 30}
    assert json.loads(details(events, "LambdaFunctionSucceeded")["output"]) == {"x": "y"}


@aws_document(f"{API}/API_LambdaFunctionFailedEventDetails.html", assumed=ORDER)
def test_function_by_its_arn_that_raises(aws: Emulator) -> None:
    state = {"Type": "Task", "Resource": machines.function(aws, RAISE)}
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events)[-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]
    failed = details(events, "LambdaFunctionFailed")
    assert failed["error"] == "Odd"
    assert json.loads(failed["cause"])["errorMessage"] == "no"
    assert details(events, "ExecutionFailed") == failed


@aws_document(f"{API}/API_TaskScheduledEventDetails.html", assumed=ORDER)
def test_optimized_integration(aws: Emulator) -> None:
    state = service(aws, TimeoutSeconds=30, HeartbeatSeconds=20)
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events)[1:-1] == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
    ]
    scheduled = details(events, "TaskScheduled")
    assert json.loads(scheduled.pop("parameters")) == state["Parameters"]
    assert scheduled == {
        "resourceType": "lambda",
        "resource": "invoke",
        "region": "us-east-1",
        "timeoutInSeconds": 30,
        "heartbeatInSeconds": 20,
    }
    assert details(events, "TaskStarted") == {"resourceType": "lambda", "resource": "invoke"}
    succeeded = details(events, "TaskSucceeded")
    assert (succeeded["resourceType"], succeeded["resource"]) == ("lambda", "invoke")
    assert json.loads(succeeded["output"])["Payload"] == {"x": 1}
    assert succeeded["outputDetails"] == {"truncated": False}


@aws_document(EVENT, assumed="JSON text has no spaces, as in the guide's examples")
def test_json_of_events_has_no_spaces(aws: Emulator) -> None:
    events = recorded(aws, definitions.machine({"T": service(aws)}), {"a": [1, "ä b"]})
    assert details(events, "TaskStateEntered")["input"] == '{"a":[1,"ä b"]}'
    assert details(events, "TaskScheduled")["parameters"].endswith('"Payload":{"x":1}}')
    assert '"Payload":{"x":1}' in details(events, "TaskSucceeded")["output"]


@aws_document(f"{API}/API_TaskFailedEventDetails.html", assumed=ORDER)
def test_sdk_integration_that_fails(aws: Emulator) -> None:
    state = task("arn:aws:states:::aws-sdk:sqs:getQueueUrl", {"QueueName": "no-such-queue"})
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events)[-4:] == ["TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed"]
    failed = details(events, "TaskFailed")
    assert (failed["resourceType"], failed["resource"]) == ("aws-sdk:sqs", "getQueueUrl")
    assert failed["error"].startswith("Sqs.")


@aws_document(f"{API}/API_TaskSubmittedEventDetails.html", assumed=ORDER)
def test_nested_workflow_that_is_waited_for(aws: Emulator) -> None:
    child = machines.define(aws, definitions.machine({"A": {"Type": "Pass", "Result": {"r": 1}}}))
    state = task("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": child, "Input": {}})
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events)[1:-1] == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]
    submitted = details(events, "TaskSubmitted")
    assert (submitted["resourceType"], submitted["resource"]) == ("states", "startExecution.sync:2")
    assert "ExecutionArn" in json.loads(submitted["output"])
    assert json.loads(details(events, "TaskSucceeded")["output"])["Output"] == {"r": 1}


@aws_document(f"{GUIDE}/state-parallel.html", assumed=ORDER)
def test_parallel(aws: Emulator) -> None:
    """Each branch is chained to the start of the state; its success and what follows, to the last of them."""
    branches = [definitions.machine({name: {"Type": "Pass"}}) for name in ("A", "B")]
    events = recorded(aws, definitions.machine({"P": {"Type": "Parallel", "Branches": branches}}))
    assert types(events)[1:3] == ["ParallelStateEntered", "ParallelStateStarted"]
    assert types(events)[-3:] == ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]
    entered = {
        event["stateEnteredEventDetails"]["name"]: event
        for event in events
        if event["type"] == "PassStateEntered"
    }
    assert {event["previousEventId"] for event in entered.values()} == {3}
    left = {
        event["previousEventId"]: event["stateExitedEventDetails"]["name"]
        for event in events
        if event["type"] == "PassStateExited"
    }
    assert left == {event["id"]: name for name, event in entered.items()}
    last = max(event["id"] for event in events if event["type"] == "PassStateExited")
    assert [previous for _, previous in chain(events)[-3:]] == [last, last, 9]


@aws_document(f"{GUIDE}/state-parallel.html", assumed=ORDER)
def test_parallel_with_a_branch_that_fails(aws: Emulator) -> None:
    branches = [definitions.machine({"F": {"Type": "Fail", "Error": "E", "Cause": "c"}})]
    events = recorded(aws, definitions.machine({"P": {"Type": "Parallel", "Branches": branches}}))
    assert types(events)[1:] == [
        "ParallelStateEntered",
        "ParallelStateStarted",
        "FailStateEntered",
        "ParallelStateFailed",
        "ExecutionFailed",
    ]
    assert details(events, "ExecutionFailed") == {"error": "E", "cause": "c"}


@aws_document(
    f"{GUIDE}/concepts-error-handling.html",
    assumed="States.Runtime ends the execution past the Parallel state",
)
def test_parallel_with_a_runtime_error(aws: Emulator) -> None:
    """A runtime error cannot be handled: the Parallel state does not get to fail."""
    branches = [definitions.machine({"Fast": {"Type": "Pass", "Parameters": {"m.$": "$.nope"}}})]
    events = recorded(aws, definitions.machine({"P": {"Type": "Parallel", "Branches": branches}}))
    assert types(events)[1:] == [
        "ParallelStateEntered",
        "ParallelStateStarted",
        "PassStateEntered",
        "ExecutionFailed",
    ]
    failed = details(events, "ExecutionFailed")
    assert failed["error"] == "States.Runtime"
    assert failed["cause"].startswith(
        "An error occurred while executing the state 'Fast' (entered at the event id #4). The JSONPath"
    )


@aws_document(f"{API}/API_MapIterationEventDetails.html", assumed=ORDER)
def test_map(aws: Emulator) -> None:
    processor = definitions.machine({"A": {"Type": "Pass"}})
    state = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor}
    events = recorded(aws, definitions.machine({"M": state}), [1, 2])
    assert types(events)[1:] == [
        "MapStateEntered",
        "MapStateStarted",
        *["MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"] * 2,
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert details(events, "MapStateStarted") == {"length": 2}
    iterations = [e["mapIterationStartedEventDetails"] for e in events if e["type"] == "MapIterationStarted"]
    assert iterations == [{"name": "M", "index": 0}, {"name": "M", "index": 1}]
    first = types(events).index("MapIterationStarted")
    assert chain(events)[first : first + 3] == [(4, 3), (5, 4), (6, 5)]


@aws_document(f"{API}/API_MapIterationEventDetails.html", assumed=ORDER)
def test_map_with_an_iteration_that_fails(aws: Emulator) -> None:
    processor = definitions.machine({"F": {"Type": "Fail", "Error": "E"}})
    state = {"Type": "Map", "ItemProcessor": processor}
    events = recorded(aws, definitions.machine({"M": state}), [1])
    assert types(events)[3:] == [
        "MapIterationStarted",
        "FailStateEntered",
        "MapIterationFailed",
        "MapStateFailed",
        "ExecutionFailed",
    ]
    assert chain(events)[-3:] == [(6, 5), (7, 5), (8, 7)]
    assert details(events, "MapIterationFailed") == {"name": "M", "index": 0}
    assert details(events, "ExecutionFailed") == {"error": "E"}


@aws_document(f"{API}/API_MapStateStartedEventDetails.html", assumed=ORDER)
def test_map_of_nothing(aws: Emulator) -> None:
    state = {"Type": "Map", "ItemProcessor": definitions.machine({"A": {"Type": "Pass"}})}
    events = recorded(aws, definitions.machine({"M": state}), [])
    assert types(events)[1:-1] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapStateSucceeded",
        "MapStateExited",
    ]
    assert details(events, "MapStateStarted") == {"length": 0}


@aws_document(f"{GUIDE}/concepts-error-handling.html", assumed=ORDER)
def test_retries_and_a_catch(aws: Emulator) -> None:
    """Each attempt is scheduled anew; the state is entered once and left by the catcher."""
    state = service(aws) | {
        "Parameters": {"FunctionName": machines.function(aws, RAISE), "Payload": {}},
        "Retry": [{"ErrorEquals": ["Odd"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}],
        "Next": "C",
    }
    events = recorded(aws, definitions.machine({"T": state, "C": {"Type": "Pass"}}))
    assert types(events)[1:] == [
        "TaskStateEntered",
        *["TaskScheduled", "TaskStarted", "TaskFailed"] * 2,
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert chain(events)[2:] == [(number, number - 1) for number in range(3, 13)]
    assert json.loads(details(events, "TaskStateExited")["output"])["Error"] == "Odd"


@aws_document(f"{API}/API_ExecutionAbortedEventDetails.html", assumed="abort is chained to no event")
def test_stop(aws: Emulator) -> None:
    arn = machines.define(aws, definitions.machine({"W": {"Type": "Wait", "Seconds": 60}}))
    started = executions.start(aws, arn, {})
    until(lambda: len(machines.events(aws, started)) == 2)
    aws.client("stepfunctions").stop_execution(executionArn=started, error="E", cause="c")
    events = machines.events(aws, started)
    assert types(events) == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    assert details(events, "ExecutionAborted") == {"error": "E", "cause": "c"}
    assert chain(events)[-1] == (3, 0)


@aws_document(f"{GUIDE}/concepts-error-handling.html", assumed=ORDER)
def test_execution_that_takes_too_long(aws: Emulator) -> None:
    definition = definitions.machine({"W": {"Type": "Wait", "Seconds": 60}}, TimeoutSeconds=1)
    events = recorded(aws, definition)
    assert types(events) == ["ExecutionStarted", "WaitStateEntered", "ExecutionTimedOut"]


@aws_document(f"{API}/API_TaskTimedOutEventDetails.html", assumed=ORDER)
def test_task_that_takes_too_long(aws: Emulator) -> None:
    function = machines.function(aws, definitions.SCRIPTED)
    state = definitions.invoke(function, {"seconds": 5}, TimeoutSeconds=1)
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events)[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    assert details(events, "TaskTimedOut") == {
        "resourceType": "lambda",
        "resource": "invoke",
        "error": "States.Timeout",
    }
    assert details(events, "ExecutionFailed")["error"] == "States.Timeout"


@aws_document(f"{API}/API_EvaluationFailedEventDetails.html", assumed=ORDER)
def test_expression_that_fails(aws: Emulator) -> None:
    state = {"Type": "Pass", "Output": "{% $number('x') %}"}
    events = recorded(aws, definitions.jsonata({"A": state}))
    assert types(events)[1:] == ["PassStateEntered", "EvaluationFailed", "ExecutionFailed"]
    failed = details(events, "EvaluationFailed")
    assert failed["error"] == "States.QueryEvaluationError"
    assert (failed["state"], failed["location"]) == ("A", "Output")


@aws_document(f"{API}/API_StateExitedEventDetails.html")
def test_assigned_variables(aws: Emulator) -> None:
    """Values are JSON text."""
    state = {"Type": "Pass", "Assign": {"x": {"n": 1}, "y": "text"}}
    events = recorded(aws, definitions.jsonata({"A": state}))
    left = details(events, "PassStateExited")
    assert {name: json.loads(text) for name, text in left["assignedVariables"].items()} == {
        "x": {"n": 1},
        "y": "text",
    }
    assert left["assignedVariablesDetails"] == {"truncated": False}


@aws_document(f"{API}/API_ExecutionStartedEventDetails.html")
def test_version_and_alias_are_named(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    arn = machines.define(aws, definitions.machine({"A": {"Type": "Pass"}}))
    version = client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="PROD", routingConfiguration=route)["stateMachineAliasArn"]
    started = details(recorded(aws, alias), "ExecutionStarted")
    assert (started["stateMachineAliasArn"], started["stateMachineVersionArn"]) == (alias, version)
    started = details(recorded(aws, version), "ExecutionStarted")
    assert started["stateMachineVersionArn"] == version
    assert "stateMachineAliasArn" not in started
    client.delete_state_machine_alias(stateMachineAliasArn=alias)


@aws_document(HISTORY, assumed="inputDetails and outputDetails may stay")
def test_history_without_execution_data(aws: Emulator) -> None:
    arn = machines.define(aws, definitions.machine({"T": service(aws)}))
    started = executions.start(aws, arn, {"secret": 1})
    executions.finished(aws, started)
    answer = aws.client("stepfunctions").get_execution_history(
        executionArn=started, includeExecutionData=False
    )
    assert len(answer["events"]) == 7
    left = {
        name for event in answer["events"] for name in event.get(event_schema.details_of(event["type"]), {})
    }
    assert not {"input", "output"} & left
    assert {"name", "resource", "resourceType"} <= left


@aws_document(EVENT)
def test_times_are_milliseconds_and_in_order(aws: Emulator) -> None:
    arn = machines.define(
        aws, definitions.machine({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass"}})
    )
    started = executions.start(aws, arn, {})
    executions.finished(aws, started)
    answer = event_schema.call(aws, "GetExecutionHistory", {"executionArn": started})
    times = [event["timestamp"] for event in answer["events"]]
    assert times == sorted(times)
    assert all(moment == round(moment, 3) for moment in times)
    assert abs(times[0] - time.time()) < 60


@aws_document(
    f"{GUIDE}/bp-history-limit.html",
    assumed="error and cause are those that users report of executions on AWS",
)
def test_history_of_25_000_events(aws: Emulator) -> None:
    """Event 25,000 is either ExecutionSucceeded or the failure."""
    never = [{"Variable": "$.x", "IsPresent": True, "Next": "End"}]
    states: dict[str, dict[str, Any]] = {
        "L": {"Type": "Choice", "Choices": never, "Default": "L"},
        "End": {"Type": "Succeed"},
    }
    arn = machines.define(aws, definitions.machine(states))
    started = executions.start(aws, arn, {})
    ended = executions.finished(aws, started, 120)
    cause = "The execution reached the maximum number of history events (25000)."
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "States.Runtime", cause)
    last = aws.client("stepfunctions").get_execution_history(
        executionArn=started, reverseOrder=True, maxResults=2
    )["events"]
    assert types(last) == ["ExecutionFailed", "ChoiceStateExited"]
    assert chain(last) == [(25_000, 24_999), (24_999, 24_998)]


@aws_document(f"{GUIDE}/concepts-activities.html", assumed="it is a runtime error of the state")
def test_activity_that_does_not_exist(aws: Emulator) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:no-such"}
    events = recorded(aws, definitions.machine({"T": state}))
    assert types(events) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    failed = details(events, "ExecutionFailed")
    assert failed["error"] == "States.Runtime"
    assert state["Resource"] in failed["cause"]


VARIED: dict[str, tuple[dict[str, Any], Any]] = {
    "states": (
        definitions.machine(
            {
                "A": {"Type": "Pass", "Next": "W"},
                "W": {"Type": "Wait", "Seconds": 0, "Next": "C"},
                "C": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "S"}],
                    "Default": "S",
                },
                "S": {"Type": "Succeed"},
            }
        ),
        {},
    ),
    "fail without error": (definitions.machine({"F": {"Type": "Fail"}}), {}),
    "long error and cause": (
        definitions.machine({"F": {"Type": "Fail", "Error": "E" * 300, "Cause": "c" * 40_000}}),
        {},
    ),
    "tasks": (
        definitions.machine(
            {
                "Q": task("arn:aws:states:::aws-sdk:sqs:createQueue", {"QueueName": "case-schema"}, Next="M"),
                "M": task(
                    "arn:aws:states:::sqs:sendMessage",
                    {"QueueUrl.$": "$.QueueUrl", "MessageBody": {"a": 1}},
                    Next="D",
                ),
                "D": task("arn:aws:states:::aws-sdk:sqs:getQueueUrl", {"QueueName": "no-such"}),
            }
        ),
        {},
    ),
    "path that is not there": (
        definitions.machine({"T": task("arn:aws:states:::aws-sdk:sqs:getQueueUrl", {"QueueName.$": "$.no"})}),
        {},
    ),
    "result path that is not there": (
        definitions.machine(
            {"T": task("arn:aws:states:::aws-sdk:sqs:listQueues", ResultSelector={"x.$": "$.no"})}
        ),
        {},
    ),
    "parallel and map": (
        definitions.machine(
            {
                "P": {
                    "Type": "Parallel",
                    "Branches": [
                        definitions.machine(
                            {
                                "M": {
                                    "Type": "Map",
                                    "ItemProcessor": definitions.machine({"A": {"Type": "Pass"}}),
                                }
                            }
                        )
                    ],
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}],
                    "Next": "End",
                },
                "End": {"Type": "Pass"},
            }
        ),
        [1, 2, 3],
    ),
    "map over no list": (
        definitions.machine(
            {"M": {"Type": "Map", "ItemProcessor": definitions.machine({"A": {"Type": "Pass"}})}}
        ),
        {"a": 1},
    ),
    "distributed map": (
        definitions.machine(
            {
                "M": {
                    "Type": "Map",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        **definitions.machine({"F": {"Type": "Fail", "Error": "E"}}),
                    },
                }
            }
        ),
        [1],
    ),
    "jsonata": (
        definitions.jsonata(
            {
                "A": {"Type": "Pass", "Assign": {"v": 1}, "Next": "B"},
                "B": {"Type": "Pass", "Output": "{% $v.x[0] + 'a' %}"},
            }
        ),
        {},
    ),
    "output of 256 KiB": (
        definitions.machine(
            {"A": {"Type": "Pass", "Parameters": {"a.$": "States.Format('{}{}{}', $.a, $.a, $.a)"}}}
        ),
        {"a": "a" * 100_000},
    ),
    "activity that nobody works on": (
        definitions.machine(
            {
                "T": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:us-east-1:000000000000:activity:case-schema",
                    "TimeoutSeconds": 1,
                }
            }
        ),
        {},
    ),
}
"""Workflows whose events show every kind of details that they can have: definition, input."""


@pytest.mark.parametrize("name", VARIED)
@aws_document(EVENT)
def test_every_event_is_as_the_api_reference_has_it(aws: Emulator, name: str) -> None:
    aws.client("stepfunctions").create_activity(name="case-schema")
    definition, given = VARIED[name]
    started = executions.start(aws, machines.define(aws, definition), given)
    executions.finished(aws, started)
    events = event_schema.call(aws, "GetExecutionHistory", {"executionArn": started})["events"]
    assert not [problem for event in events for problem in event_schema.problems(event)]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    assert events[-1]["type"] in ("ExecutionSucceeded", "ExecutionFailed")
