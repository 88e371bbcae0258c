"""Inline Map and Parallel, and the states that decide, wait and hand on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.definitions import (
    END,
    PASS,
    SCRIPTED,
    State,
    catch,
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
)
from tests.running import executions
from tests.running.emulator import Emulator
from tests.running.waiting import until

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
MAP = GUIDE + "state-map-inline.html"
PARALLEL = GUIDE + "state-parallel.html"
HISTORY = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html"
CHOICE = GUIDE + "state-choice.html"
AT_ONCE = 40
"""Most iterations of an inline Map that run at once."""
LATER = {"Variable": "$.a", "TimestampLessThan": "2026-01-02T00:00:00Z"}
DOUBLE = PASS | {"Parameters": {"twice.$": "States.MathAdd($, $)"}, "OutputPath": "$.twice"}


@aws_document(MAP)
def test_items_are_the_whole_input_unless_a_path_says_otherwise(aws: Emulator) -> None:
    assert output(aws, machine({"Map": each({"Double": DOUBLE})}), [1, 2, 3]) == [2, 4, 6]


@aws_document(MAP)
def test_items_path_picks_the_items(aws: Emulator) -> None:
    state = each({"Double": DOUBLE}, ItemsPath="$.images.sizes")
    assert output(aws, machine({"Map": state}), {"images": {"sizes": [3, 1, 2]}}) == [6, 2, 4]


@aws_document(MAP)
@pytest.mark.parametrize("items", ["{% $states.input.sizes[$ > 1] %}", [2, 3], ["{% 1 + 1 %}", 3]], ids=str)
def test_jsonata_says_the_items(aws: Emulator, items: Any) -> None:
    double = PASS | {"Output": "{% $states.input * 2 %}"}
    state = each({"Double": double}, Items=items)
    assert output(aws, jsonata({"Map": state}), {"sizes": [1, 2, 3]}) == [4, 6]


@aws_document(
    GUIDE + "input-output-itemspath.html",
    assumed="the pair's members are Key and Value, as in the Context object; inline as in Distributed mode",
)
@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_items_of_an_object_are_its_key_value_pairs(aws: Emulator, language: str) -> None:
    definition = machine({"Map": each({"Pass": PASS})}, QueryLanguage=language)
    pairs = [{"Key": "a", "Value": 1}, {"Key": "b", "Value": [2]}]
    assert output(aws, definition, {"a": 1, "b": [2]}) == pairs


@aws_document(GUIDE + "input-output-contextobject.html")
def test_the_context_object_has_the_key_of_an_objects_item(aws: Emulator) -> None:
    items = {f"{name}.$": f"$$.Map.Item.{name}" for name in ("Index", "Key", "Value")}
    state = each({"Pass": PASS}, ItemsPath="$.images", ItemSelector=items)
    assert output(aws, machine({"Map": state}), {"images": {"a": 1, "b": 2}}) == [
        {"Index": 0, "Key": "a", "Value": 1},
        {"Index": 1, "Key": "b", "Value": 2},
    ]


@aws_document(GUIDE + "transforming-data.html")
def test_jsonata_says_an_object_of_items(aws: Emulator) -> None:
    selector = {"key": "{% $states.context.Map.Item.Key %}", "of": "{% $string($states.input) %}"}
    state = each({"Pass": PASS}, Items="{% $states.input.images %}", ItemSelector=selector)
    text = '{"images":{"a":1}}'
    assert output(aws, jsonata({"Map": state}), {"images": {"a": 1}}) == [{"key": "a", "of": text}]


@aws_document(GUIDE + "transforming-data.html")
def test_jsonata_items_are_the_whole_input_by_default(aws: Emulator) -> None:
    selector = {"item": "{% $states.context.Map.Item.Value %}", "of": "{% $count($states.input) %}"}
    state = each({"Pass": PASS}, ItemSelector=selector)
    assert output(aws, jsonata({"Map": state}), [7]) == [{"item": 7, "of": 1}]
    error, cause = failure(aws, jsonata({"Map": state}), 7)
    assert error == "States.QueryEvaluationError"
    assert "Expected 'array', but was 'number'" in str(cause)


@aws_document(GUIDE + "input-output-itemselector.html")
def test_item_selector_builds_the_input_of_each_iteration(aws: Emulator) -> None:
    selector = {
        "bucket.$": "$.bucket",
        "key.$": "$$.Map.Item.Value.key",
        "index.$": "$$.Map.Item.Index",
        "constant": 1,
    }
    state = each({"Pass": PASS}, ItemsPath="$.images", ItemSelector=selector)
    given = {"bucket": "b", "images": [{"key": "x"}, {"key": "y"}]}
    assert output(aws, machine({"Map": state}), given) == [
        {"bucket": "b", "key": "x", "index": 0, "constant": 1},
        {"bucket": "b", "key": "y", "index": 1, "constant": 1},
    ]


@aws_document(GUIDE + "input-output-itemselector.html")
def test_item_selector_evaluates_jsonata(aws: Emulator) -> None:
    selector = {
        "key": "{% $states.context.Map.Item.Value %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "of": "{% $count($states.input.images) %}",
    }
    state = each({"Pass": PASS}, Items="{% $states.input.images %}", ItemSelector=selector)
    assert output(aws, jsonata({"Map": state}), {"images": ["x", "y"]}) == [
        {"key": "x", "index": 0, "of": 2},
        {"key": "y", "index": 1, "of": 2},
    ]


@aws_document(MAP)
def test_iterator_and_parameters_of_older_definitions_still_work(aws: Emulator) -> None:
    state = {
        "Type": "Map",
        "Iterator": machine({"Pass": PASS}),
        "ItemsPath": "$.items",
        "Parameters": {"item.$": "$$.Map.Item.Value", "all.$": "$.all"},
    }
    assert output(aws, machine({"Map": state}), {"items": [1, 2], "all": "a"}) == [
        {"item": 1, "all": "a"},
        {"item": 2, "all": "a"},
    ]


@aws_document(GUIDE + "input-output-contextobject.html")
def test_the_context_of_an_iteration_has_its_item(aws: Emulator) -> None:
    look = PASS | {
        "Parameters": {"item.$": "$$.Map.Item", "state.$": "$$.State.Name", "run.$": "$$.Execution.Name"}
    }
    ended = outcome(aws, machine({"Map": each({"Pause": PASS | {"Next": "Look"}, "Look": look})}), ["a", "b"])
    assert ended["output"] == [
        {"item": {"Index": index, "Value": value}, "state": "Look", "run": ended["name"]}
        for index, value in enumerate("ab")
    ]


@aws_document(GUIDE + "input-output-contextobject.html")
def test_a_task_of_an_iteration_sees_its_item_in_the_context(aws: Emulator) -> None:
    payload = {"result.$": "$$.Map.Item.Value.key"}
    task = invoke(function(aws, SCRIPTED), payload, OutputPath="$.Payload")
    state = each({"Again": PASS | {"Result": {}, "Next": "Task"}, "Task": task})
    assert output(aws, machine({"Map": state}), [{"key": "x"}, {"key": "y"}]) == ["x", "y"]


@aws_document(MAP)
@pytest.mark.parametrize("items", [0, 1])
def test_a_map_of_few_items(aws: Emulator, items: int) -> None:
    ended = outcome(aws, machine({"Map": each({"Pass": PASS})}), [{"a": 1}] * items)
    assert ended["output"] == [{"a": 1}] * items
    iteration = ["MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"]
    assert event_types(aws, ended["executionArn"]) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        *iteration * items,
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(MAP)
def test_one_at_a_time_runs_them_in_order(aws: Emulator) -> None:
    states = {"Pass": PASS}
    ended = outcome(aws, machine({"Map": each(states, MaxConcurrency=1)}), list("abc"))
    told = [(event["type"], _subject(event)) for event in events(aws, ended["executionArn"])[3:-3]]
    assert told == [
        entry
        for index in range(3)
        for entry in (
            ("MapIterationStarted", index),
            ("PassStateEntered", "Pass"),
            ("PassStateExited", "Pass"),
            ("MapIterationSucceeded", index),
        )
    ]


@aws_document(MAP)
@pytest.mark.parametrize("limit", [{"MaxConcurrency": 2}, {"MaxConcurrencyPath": "$.limit"}], ids=str)
def test_max_concurrency_holds(aws: Emulator, limit: dict[str, Any]) -> None:
    wait = {"Type": "Wait", "Seconds": 2}
    state = each({"Wait": wait}, ItemsPath="$.items", **limit)
    ended = outcome(aws, machine({"Map": state}), {"items": [1] * 4, "limit": 2})
    assert _most_at_once(aws, ended) == 2
    assert lasted(ended["startDate"], ended["stopDate"]) >= 3.9


@aws_document(MAP)
def test_jsonata_says_the_concurrency(aws: Emulator) -> None:
    wait = {"Type": "Wait", "Seconds": 3}
    state = each({"Wait": wait}, Items=[1, 2, 3], MaxConcurrency="{% $states.input %}")
    assert _most_at_once(aws, outcome(aws, jsonata({"Map": state}), 3)) == 3


@aws_document(MAP)
@pytest.mark.parametrize("limit", [0, 100])
def test_at_most_forty_run_at_once(aws: Emulator, limit: int) -> None:
    """None of them ends before the test has looked; others would have begun while another execution ran."""
    holding = {"Type": "Wait", "Seconds": 100 * LONG}
    machine_ = define(aws, machine({"Map": each({"Hold": holding}, MaxConcurrency=limit)}))
    arn = executions.start(aws, machine_, [1] * 50)

    def started() -> int:
        return event_types(aws, arn).count("MapIterationStarted")

    until(lambda: started() >= AT_ONCE, f"{AT_ONCE} have started")
    assert output(aws, machine({"Map": each({"Double": DOUBLE})}), [1] * 50) == [2] * 50
    assert started() == AT_ONCE
    aws.client("stepfunctions").stop_execution(executionArn=arn)


@aws_document(MAP)
def test_fifteen_hundred_items_one_after_the_other(aws: Emulator) -> None:
    items = list(range(1500))
    assert output(aws, machine({"Map": each({"Pass": PASS}, MaxConcurrency=1)}), items, 120) == items


@aws_document(MAP)
def test_results_are_in_the_order_of_the_items(aws: Emulator) -> None:
    wait = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Pass"}
    items = [{"seconds": 1, "n": 1}, {"seconds": 0, "n": 2}]
    assert output(aws, machine({"Map": each({"Wait": wait, "Pass": PASS})}), items) == items


@aws_document(MAP)
def test_maps_nest(aws: Emulator) -> None:
    state = each({"Inner": each({"Double": DOUBLE})})
    assert output(aws, machine({"Outer": state}), [[1, 2], [], [3]]) == [[2, 4], [], [6]]


@aws_document(GUIDE + "workflow-variables.html")
def test_an_iteration_reads_variables_from_outside_and_keeps_its_own(aws: Emulator) -> None:
    inner = PASS | {
        "Assign": {"mine": "{% $states.input + $offset %}"},
        "Next": "Say",
    }
    states = {"Mine": inner, "Say": PASS | {"Output": "{% $mine %}"}}
    definition = jsonata(
        {
            "Offset": PASS | {"Assign": {"offset": 10}, "Next": "Map"},
            "Map": each(states, Items="{% $states.input %}"),
        }
    )
    assert output(aws, definition, [1, 2]) == [11, 12]


@aws_document(MAP)
def test_fields_of_a_map_apply_to_its_result(aws: Emulator) -> None:
    state = each(
        {"Double": DOUBLE},
        InputPath="$.in",
        ItemsPath="$.items",
        ResultSelector={"first.$": "$[0]", "all.$": "$"},
        ResultPath="$.result",
    )
    given = {"in": {"items": [1, 2]}, "kept": True}
    assert output(aws, machine({"Map": state}), given) == given | {"result": {"first": 2, "all": [2, 4]}}


@aws_document(MAP)
def test_a_failing_iteration_fails_the_map_and_ends_the_others(aws: Emulator) -> None:
    states: dict[str, State] = {
        "Which?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "Fail"}],
            "Default": "Wait",
        },
        "Fail": {"Type": "Fail", "Error": "Zero", "Cause": "it is 0"},
        "Wait": {"Type": "Wait", "Seconds": LONG, "End": True},
    }
    ended = outcome(aws, machine({"Map": each(states)}), [1, 0])
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Zero", "it is 0")
    kinds = event_types(aws, ended["executionArn"])
    assert "MapIterationFailed" in kinds
    assert kinds[-2:] == ["MapStateFailed", "ExecutionFailed"]
    assert "MapStateExited" not in kinds


@aws_document(MAP)
def test_what_a_failure_ends_leaves_no_trace_but_its_abortion(aws: Emulator) -> None:
    states: dict[str, State] = {
        "Which?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fails", "BooleanEquals": True, "Next": "Wait"}],
            "Default": "Slow",
        },
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Fail"},
        "Fail": {"Type": "Fail", "Error": "Early"},
        "Slow": invoke(function(aws, SCRIPTED), {"seconds": 2}, End=True),
    }
    state = each(states, Catch=[catch("Early")], End=True)
    after = {"Type": "Wait", "Seconds": 2, "End": True}
    ended = outcome(aws, machine({"Map": state, "Caught": after}), [{"fails": False}, {"fails": True}])
    kinds = event_types(aws, ended["executionArn"])
    failed = kinds.index("MapStateFailed")
    assert kinds[failed - 3 : failed] == ["MapIterationAborted", "TaskStateAborted", "MapIterationFailed"]
    waited = ["WaitStateEntered", "WaitStateExited"]
    assert kinds[failed + 1 :] == ["MapStateExited", *waited, "ExecutionSucceeded"]


@aws_document(
    HISTORY,
    assumed="of what is ended, and of the failed task, its state's event only, chained to the failure",
)
@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_states_that_a_failure_beside_them_ends_are_aborted(aws: Emulator, kind: str) -> None:
    client = aws.client("stepfunctions")
    names = [f"case-{uuid.uuid4().hex[:10]}" for _ in range(2)]
    slow, failing = (client.create_activity(name=name)["activityArn"] for name in names)
    tasks: dict[str, State] = {
        "Slow": {"Type": "Task", "Resource": slow, "End": True},
        "Failing": {"Type": "Task", "Resource": failing, "End": True},
    }
    rule = {"Variable": "$", "NumericEquals": 0, "Next": "Slow"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Failing"}
    states = {
        "Parallel": parallel(*({name: task} for name, task in tasks.items())),
        "Map": each({"Which": choice} | tasks),
    }
    execution = executions.start(aws, define(aws, machine({kind: states[kind]})), [0, 1])
    client.get_activity_task(activityArn=slow)
    token = client.get_activity_task(activityArn=failing)["taskToken"]
    client.send_task_failure(taskToken=token, error="Broken")
    assert executions.finished(aws, execution)["error"] == "Broken"
    told = events(aws, execution)
    failed = next(event for event in told if event["type"] == "ActivityFailed")
    after = told[failed["id"] :]
    iterations = {"Parallel": ((), ()), "Map": (("MapIterationAborted",), ("MapIterationFailed",))}[kind]
    assert [event["type"] for event in after] == [
        "TaskStateAborted",
        *iterations[0],
        "TaskStateAborted",
        *iterations[1],
        f"{kind}StateFailed",
        "ExecutionFailed",
    ]
    assert {event["previousEventId"] for event in after[:-1]} == {failed["id"]}
    assert after[-1]["previousEventId"] == after[-2]["id"]


TOLERANT = {"Which": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "Fail"}]}}
TOLERANT["Which"]["Default"] = "Pass"


@aws_document(
    "https://states-language.net/spec.html#map-state",
    assumed="the fields are for every Map state; a tolerated iteration's result is null",
)
@pytest.mark.parametrize(
    ("fields", "given", "expected"),
    [
        ({"ToleratedFailureCount": 1}, [1, 0, 2], [1, None, 2]),
        ({"ToleratedFailurePercentage": 50}, [1, 0, 2], [1, None, 2]),
        ({"ToleratedFailureCount": 1}, [0, 0, 2], "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailurePercentage": 50}, [0, 0, 2], "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCount": 0}, [1, 0], "States.ExceedToleratedFailureThreshold"),
        (
            {"ToleratedFailureCountPath": "$.n", "ItemsPath": "$.items"},
            {"n": 1, "items": [0, 1]},
            [None, 1],
        ),
        ({}, [1, 0], "Zero"),
    ],
    ids=str,
)
def test_an_inline_map_tolerates_failures(aws: Emulator, fields: State, given: Any, expected: Any) -> None:
    states = TOLERANT | {"Fail": {"Type": "Fail", "Error": "Zero"}, "Pass": PASS | {"End": True}}
    ended = outcome(aws, machine({"Map": each(states, **fields)}), given)
    assert (ended["output"] if "output" in ended else ended["error"]) == expected


@aws_document(MAP)
def test_no_further_item_starts_after_a_failure(aws: Emulator) -> None:
    state = each({"Fail": {"Type": "Fail", "Error": "A"}}, MaxConcurrency=1)
    ended = outcome(aws, machine({"Map": state}), [1, 2, 3])
    assert event_types(aws, ended["executionArn"]).count("MapIterationStarted") == 1


@aws_document(MAP)
def test_an_iteration_that_catches_its_error_goes_on(aws: Emulator) -> None:
    task = invoke(
        function(aws, SCRIPTED),
        OutputPath="$.Payload",
        Catch=[catch("Lost", to="Row")],
        Retry=[retry("Busy", MaxAttempts=1)],
        End=True,
    )
    row = PASS | {"Parameters": {"error.$": "$.Error"}}
    items = [{"result": "fine"}, {"errors": ["Lost"]}]
    state = each({"Task": task, "Row": row})
    assert output(aws, machine({"Map": state}), items) == ["fine", {"error": "Lost"}]


@aws_document(MAP)
@pytest.mark.parametrize("given", [{"items": 3}, {"items": "abc"}, {}], ids=str)
def test_items_that_are_neither_array_nor_object_fail_the_execution(aws: Emulator, given: Any) -> None:
    error, _ = failure(aws, machine({"Map": each({"Pass": PASS}, ItemsPath="$.items")}), given)
    assert error == "States.Runtime"


@aws_document(PARALLEL)
def test_branches_get_a_copy_of_the_input_and_answer_in_order(aws: Emulator) -> None:
    state = parallel(
        {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "A"}, "A": PASS | {"ResultPath": "$.a", "Result": 1}},
        {"B": PASS | {"ResultPath": "$.b", "Result": 2}},
    )
    assert output(aws, machine({"Parallel": state}), {"in": 0}) == [{"in": 0, "a": 1}, {"in": 0, "b": 2}]


@aws_document(PARALLEL)
def test_fields_of_a_parallel_state(aws: Emulator) -> None:
    state = parallel(
        {"A": PASS},
        {"B": DOUBLE},
        InputPath="$.n",
        ResultSelector={"a.$": "$[0]", "b.$": "$[1]"},
        ResultPath="$.both",
    )
    assert output(aws, machine({"Parallel": state}), {"n": 4}) == {"n": 4, "both": {"a": 4, "b": 8}}


@aws_document(PARALLEL)
def test_arguments_and_output_of_a_parallel_state_in_jsonata(aws: Emulator) -> None:
    state = parallel(
        {"A": PASS | {"Output": "{% $states.input.n + 1 %}"}},
        {"B": PASS},
        Arguments={"n": "{% $states.input * 2 %}"},
        Output="{% {'a': $states.result[0], 'b': $states.result[1].n} %}",
    )
    assert output(aws, jsonata({"Parallel": state}), 4) == {"a": 9, "b": 8}


@aws_document(PARALLEL)
def test_a_failing_branch_stops_the_others(aws: Emulator) -> None:
    state = parallel(
        {"Wait": {"Type": "Wait", "Seconds": LONG, "Next": "Never"}, "Never": PASS},
        {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}},
    )
    ended = outcome(aws, machine({"Parallel": state}))
    assert (ended["error"], ended["cause"]) == ("Broken", "on purpose")
    kinds = event_types(aws, ended["executionArn"])
    assert kinds[-2:] == ["ParallelStateFailed", "ExecutionFailed"]
    assert "PassStateEntered" not in kinds


@aws_document(PARALLEL)
def test_what_a_failing_branch_ends_leaves_no_trace(aws: Emulator) -> None:
    slow = invoke(function(aws, SCRIPTED), {"seconds": 2}, Next="Never")
    wait = {"Type": "Wait", "Seconds": 1, "Next": "Fail"}
    failing: dict[str, State] = {"Wait": wait, "Fail": {"Type": "Fail", "Error": "A"}}
    state = parallel({"Slow": slow, "Never": PASS}, failing, Catch=[catch("A")], End=True)
    after = {"Type": "Wait", "Seconds": 2, "End": True}
    ended = outcome(aws, machine({"Parallel": state, "Caught": after}))
    kinds = event_types(aws, ended["executionArn"])
    assert kinds[kinds.index("ParallelStateFailed") + 1 :] == [
        "ParallelStateExited",
        "WaitStateEntered",
        "WaitStateExited",
        "ExecutionSucceeded",
    ]


@aws_document(PARALLEL)
def test_events_of_a_parallel_state_enclose_those_of_its_branches(aws: Emulator) -> None:
    ended = outcome(aws, machine({"Parallel": parallel({"A": PASS}, {"B": PASS})}))
    told = events(aws, ended["executionArn"])
    kinds = [event["type"] for event in told]
    assert kinds[:3] == ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted"]
    assert sorted(kinds[3:7]) == ["PassStateEntered"] * 2 + ["PassStateExited"] * 2
    assert kinds[7:] == ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]
    assert [event["id"] for event in told] == list(range(1, 11))
    entered = [event["previousEventId"] for event in told if event["type"] == "PassStateEntered"]
    assert entered == [3, 3]


@aws_document(CHOICE, assumed="the state's Assign and Output are for its Default only, as moto has it")
@pytest.mark.parametrize(("given", "expected"), [(1, "rule"), (2, "default")])
def test_a_rule_that_leads_to_the_default_keeps_its_own_variables(
    aws: Emulator, given: int, expected: str
) -> None:
    rule = {"Condition": "{% $states.input = 1 %}", "Next": "Both", "Assign": {"by": "rule"}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Both", "Assign": {"by": "default"}}
    both = PASS | {"Output": "{% $by %}"}
    assert output(aws, jsonata({"Choice": choice, "Both": both}), given) == expected


@aws_document(CHOICE)
@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        ({"Variable": "$.a", "StringMatches": "log-*.txt"}, {"a": "log-2026.txt"}, True),
        ({"Variable": "$.a", "StringMatches": "a\\*b"}, {"a": "a*b"}, True),
        ({"Variable": "$.a", "StringMatches": "a\\*b"}, {"a": "axb"}, False),
        ({"Variable": "$.a", "NumericGreaterThanEqualsPath": "$.b"}, {"a": 2, "b": 2}, True),
        ({"Variable": "$.a", "NumericEquals": 1}, {"a": "1"}, False),
        ({"Variable": "$.a", "IsPresent": True}, {}, False),
        ({"Variable": "$.a", "IsNull": True}, {"a": None}, True),
        ({"Variable": "$.a", "BooleanEquals": False}, {"a": False}, True),
        (LATER, {"a": "2026-01-01T23:59:59Z"}, True),
        ({"Variable": "$.a", "IsTimestamp": True}, {"a": "yesterday"}, False),
        ({"Not": {"Variable": "$.a", "StringEquals": "b"}}, {"a": "c"}, True),
        (
            {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericLessThan": 5}]},
            {},
            False,
        ),
        (
            {"Or": [{"Variable": "$.a", "IsString": True}, {"Variable": "$.a", "IsNumeric": True}]},
            {"a": 0},
            True,
        ),
    ],
    ids=str,
)
def test_choice_rules(aws: Emulator, rule: dict[str, Any], given: Any, expected: bool) -> None:
    choice = {"Type": "Choice", "Choices": [rule | {"Next": "Yes"}], "Default": "No"}
    states = {"Choice": choice, "Yes": END | {"Result": True}, "No": END | {"Result": False}}
    assert output(aws, {"StartAt": "Choice", "States": states}, given) is expected


@aws_document(GUIDE + "state-wait.html")
@pytest.mark.parametrize("field", ["Seconds", "SecondsPath", "Timestamp", "TimestampPath", "jsonata"])
def test_wait_lasts_as_long_as_it_says(aws: Emulator, field: str) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    value = {
        "Seconds": 1,
        "SecondsPath": "$.seconds",
        "Timestamp": until,
        "TimestampPath": "$.until",
        "jsonata": "{% $states.input.seconds %}",
    }[field]
    state = {"Type": "Wait", "Seconds" if field == "jsonata" else field: value}
    definition = jsonata({"Wait": state}) if field == "jsonata" else machine({"Wait": state})
    given = {"seconds": 1, "until": until}
    ended = outcome(aws, definition, given)
    assert ended["output"] == given
    started = ended["startDate"]
    least = (datetime.fromisoformat(until) - started).total_seconds() if "Timestamp" in field else 1
    assert lasted(started, ended["stopDate"]) >= least - 0.1


def _subject(event: dict[str, Any]) -> Any:
    """Index of the iteration or name of the state that an event is about."""
    details = next(value for key, value in event.items() if key.endswith("EventDetails"))
    return details.get("index", details["name"])


def _most_at_once(aws: Emulator, ended: dict[str, Any]) -> int:
    """Most iterations that had started and not ended at any time."""
    assert ended["status"] == "SUCCEEDED", ended
    running = most = 0
    for kind in event_types(aws, ended["executionArn"]):
        running += {"MapIterationStarted": 1, "MapIterationSucceeded": -1}.get(kind, 0)
        most = max(most, running)
    return most
