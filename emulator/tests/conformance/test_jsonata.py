"""JSONata in state machines: what expressions see, give and how they fail."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.conformance import machines
from tests.conformance.documents import aws_document
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
JSONATA = f"{GUIDE}/transforming-data.html"
VARIABLES = f"{GUIDE}/workflow-variables.html"
EVENT = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_EvaluationFailedEventDetails.html"
ERROR = "States.QueryEvaluationError"
GIVEN = {
    "name": 'Ada "Countess" O\'Lovelace\\\n%} é😀',
    "prices": [3, 1.5, 2],
    "whole": 1.0,
    "none": None,
    "holes": [None, 1],
    "empty": [],
    "orders": [{"id": "a", "qty": 2}, {"id": "b", "qty": 5}],
    "text": '{"deep": [1, {"x": null}]}',
}


def passing(**fields: Any) -> dict[str, Any]:
    """A machine of one Pass state."""
    return machine({"Type": "Pass", "End": True, **fields})


def machine(state: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": "Only", "States": {"Only": state, **others}}


def evaluation_failures(aws: Emulator, definition: dict[str, Any], given: Any = None) -> list[dict[str, Any]]:
    ended = machines.outcome(aws, definition, given)
    events = machines.events(aws, ended["executionArn"])
    return [event["evaluationFailedEventDetails"] for event in events if event["type"] == "EvaluationFailed"]


@aws_document(JSONATA)
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$hash('input', 'MD5')", "a43c1b0aa53a0c908810c06ab1ff3967"),
        ("$hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("$random(7) = $random(7) and $random(7) != $random(8)", True),
        ("$parse($states.input.text).deep[0]", 1),
        ("$parse($states.input.text)", {"deep": [1, {"x": None}]}),
    ],
)
def test_functions_of_step_functions(aws: Emulator, expression: str, value: Any) -> None:
    assert machines.output(aws, passing(Output=f"{{% {expression} %}}"), GIVEN) == value


@aws_document(JSONATA)
def test_uuids_are_random_and_of_version_4(aws: Emulator) -> None:
    first, second = machines.output(aws, passing(Output=["{% $uuid() %}", "{% $uuid() %}"]))
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert first != second


@aws_document(JSONATA)
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.name", GIVEN["name"]),
        ("$states.input.whole", 1),
        ("$states.input.none", None),
        ("$states.input.holes.$type($)", ["null", "number"]),
        ("$states.input.orders[qty > 3].id", "b"),
        ("[$states.input.orders[qty > 3].id]", ["b"]),
        ("$states.input.orders[qty > 3][]", [{"id": "b", "qty": 5}]),
        ("$sum($states.input.prices)", 6.5),
        ("$states.input.prices[$ > 2]", 3),
        ("$states.input.orders.{'id': id, 'of': $count($states.input.orders)}.of", [2, 2]),
        ("$sort($states.input.orders, function($l, $r) { $l.qty < $r.qty }).id", ["b", "a"]),
        ("$map($states.input.orders, function($o, $i) { $o.id & $i })", ["a0", "b1"]),
        ("$replace('2026-11-21', /(\\d+)-(\\d+)-(\\d+)/, '$3.$2.$1')", "21.11.2026"),
        ("$fromMillis(1510067557121, '[Y0001]-[M01]-[D01] [H01]:[m01]')", "2017-11-07 15:12"),
        ("$toMillis('2017-11-07T15:07:54.123Z')", 1510067274123),
        ("{'b': 1, 'a': $states.input.empty}", {"b": 1, "a": []}),
        ("$states.input ~> $lookup('whole') ~> $string()", "1"),
        ("( $double := function($n) { $n * 2 }; $double(21) )", 42),
        ("7 % 2.5", 2),
        ("'quote \" in it: ' & $string({'é': '\"'})", 'quote " in it: {"é":"\\""}'),
    ],
)
def test_expressions(aws: Emulator, expression: str, value: Any) -> None:
    assert machines.output(aws, passing(Output=f"{{% {expression} %}}"), GIVEN) == value


@aws_document(JSONATA)
def test_templates_evaluate_only_whole_strings(aws: Emulator) -> None:
    output = {"a": ["{% 1 + 1 %}", {"b": "{% null %}"}], "c": " {% 1 %}", "d": "$states.input", "e": 1.5}
    assert machines.output(aws, passing(Output=output)) == {**output, "a": [2, {"b": None}]}


@aws_document(f"{GUIDE}/input-output-contextobject.html")
def test_context_object(aws: Emulator) -> None:
    context = machines.output(aws, passing(Output="{% $states.context %}"), {"x": 1})
    assert context["Execution"]["Input"] == {"x": 1}
    assert context["State"]["Name"] == "Only"
    for moment in (context["Execution"]["StartTime"], context["State"]["EnteredTime"]):
        assert datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ")
        assert len(moment) == len("2026-11-21T12:00:00.000Z")


@aws_document(VARIABLES)
def test_assignments_see_the_values_before_them(aws: Emulator) -> None:
    definition = machine(
        {"Type": "Pass", "Assign": {"x": 1, "text": 'a"\\b'}, "Next": "Swap"},
        Swap={"Type": "Pass", "Assign": {"x": "{% $x + 1 %}", "y": "{% $x %}"}, "Next": "Show"},
        Show={"Type": "Pass", "Output": "{% [$x, $y, $text] %}", "End": True},
    )
    assert machines.output(aws, definition) == [2, 1, 'a"\\b']


BOTH: dict[str, Any] = {"Assign": {"v": "{% $v + 1 %}"}, "Output": "{% $v %}"}
SCOPE = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
FAILING = {"StartAt": "In", "States": {"In": {"Type": "Fail", "Error": "E"}}}
RULE = {"Condition": "{% true %}", "Next": "Show", **BOTH}
NEVER = {"Condition": "{% false %}", "Next": "Show"}
QUEUES = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Arguments": {}}


@aws_document(JSONATA, assumed="in a rule and in a catcher as in the state's own fields")
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", **BOTH, "Next": "Show"},
        {"Type": "Wait", "Seconds": 0, **BOTH, "Next": "Show"},
        {**QUEUES, **BOTH, "Next": "Show"},
        {**QUEUES, "TimeoutSeconds": 60, **BOTH, "Next": "Show"},
        {"Type": "Parallel", "Branches": [SCOPE], **BOTH, "Next": "Show"},
        {"Type": "Map", "Items": [1], "ItemProcessor": SCOPE, **BOTH, "Next": "Show"},
        {"Type": "Choice", "Choices": [RULE]},
        {"Type": "Choice", "Choices": [NEVER], **BOTH, "Default": "Show"},
        {
            "Type": "Parallel",
            "Branches": [FAILING],
            "Catch": [{"ErrorEquals": ["E"], **BOTH, "Next": "Show"}],
            "Next": "Show",
        },
    ],
    ids=["Pass", "Wait", "Task", "Task with time-out", "Parallel", "Map", "rule", "Default", "Catch"],
)
def test_the_output_sees_variables_as_they_were_before_the_states_own_assign(
    aws: Emulator, state: dict[str, Any]
) -> None:
    definition = machine(
        {"Type": "Pass", "Assign": {"v": 1}, "Next": "Both"},
        Both=state,
        Show={"Type": "Pass", "Output": "{% [$states.input, $v] %}", "End": True},
    )
    assert machines.output(aws, definition) == [1, 2]


@aws_document(VARIABLES)
def test_variables_of_a_branch_stay_in_it(aws: Emulator) -> None:
    branches = [
        {
            "StartAt": f"In{n}",
            "States": {
                f"In{n}": {"Type": "Pass", "Assign": {"inner": f"{{% $outer + {n} %}}"}, "Next": f"Out{n}"},
                f"Out{n}": {"Type": "Pass", "Output": "{% $inner %}", "End": True},
            },
        }
        for n in (1, 2)
    ]
    definition = machine(
        {"Type": "Pass", "Assign": {"outer": 1}, "Next": "Both"},
        Both={"Type": "Parallel", "Branches": branches, "Next": "After"},
        After={"Type": "Pass", "Output": "{% [[$states.input], $exists($inner)] %}", "End": True},
    )
    assert machines.output(aws, definition) == [[2, 3], False]


@aws_document(f"{GUIDE}/state-map.html")
def test_map_evaluates_items_and_their_selector(aws: Emulator) -> None:
    processor = {
        "StartAt": "Each",
        "States": {"Each": {"Type": "Pass", "Output": "{% $states.input.v * $factor %}", "End": True}},
    }
    definition = machine(
        {"Type": "Pass", "Assign": {"factor": 10}, "Next": "All"},
        All={
            "Type": "Map",
            "Items": "{% $states.input.prices %}",
            "ItemSelector": {"v": "{% $states.context.Map.Item.Value + $states.context.Map.Item.Index %}"},
            "ItemProcessor": processor,
            "Output": "{% $states.result[0] %}",
            "End": True,
        },
    )
    assert machines.output(aws, definition, GIVEN) == 30


@aws_document(f"{GUIDE}/state-choice.html")
def test_a_rule_assigns_and_gives_its_output(aws: Emulator) -> None:
    rules = [
        {"Condition": "{% $states.input.whole > 1 %}", "Next": "Show"},
        {
            "Condition": "{% $states.input.whole = 1 %}",
            "Assign": {"which": "second"},
            "Output": {"got": "{% $states.input.whole %}"},
            "Next": "Show",
        },
    ]
    show = {"Type": "Pass", "Output": "{% [$which, $states.input.got] %}", "End": True}
    definition = machine({"Type": "Choice", "Choices": rules}, Show=show)
    assert machines.output(aws, definition, GIVEN) == ["second", 1]


UNDEFINED = "returned nothing (undefined)."


@aws_document(JSONATA, assumed="the wording of causes")
@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("$states.input.missing", UNDEFINED),
        ("$nobody", UNDEFINED),
        ("$sum", "returned an unsupported result type."),
        ("$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        ("1 / 0", 'threw an error during evaluation. D1001: Number out of range: "Infinity"'),
        (
            "$number('x')",
            'threw an error during evaluation. D3030: Unable to cast value to a number: "x"',
        ),
        (
            "$sum(['a'])",
            "threw an error during evaluation. "
            'T0412: Argument 1 of function "sum" must be an array of "numbers"',
        ),
        (
            "'a' > 1",
            "threw an error during evaluation. "
            'T2009: The values "a" and 1 either side of operator ">" must be of the same data type',
        ),
        ("$error('mine')", "threw an error during evaluation. D3137: mine"),
    ],
)
def test_failures_name_expression_field_and_reason(aws: Emulator, expression: str, problem: str) -> None:
    error, cause = machines.failure(aws, passing(Output={"a": [f"{{% {expression} %}}"]}), GIVEN)
    where = "An error occurred while executing the state 'Only' (entered at the event id #2). "
    assert error == ERROR
    named = f"The JSONata expression '{expression}' specified for the field 'Output/a[0]'"
    assert cause == f"{where}{named} {problem}"


@aws_document(EVENT, assumed="the form of a location")
def test_the_event_of_a_failure(aws: Emulator) -> None:
    definition = passing(Assign={"x": {"y": "{% $states.input.missing %}"}})
    (details,) = evaluation_failures(aws, definition)
    cause = machines.failure(aws, definition)[1]
    assert details == {"error": ERROR, "cause": cause, "location": "Assign/x/y", "state": "Only"}


LAST: dict[str, Any] = {"Type": "Succeed"}


@aws_document(EVENT)
def test_arguments_fail_before_anything_is_called(aws: Emulator) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": "q", "MessageBody": {"a": ["{% $states.input.missing %}"]}},
        "Catch": [{"ErrorEquals": [ERROR], "Output": "{% $states.errorOutput %}", "Next": "Last"}],
        "End": True,
    }
    ended = machines.outcome(aws, machine(state, Last=LAST))
    events = machines.events(aws, ended["executionArn"])
    kinds = [event["type"] for event in events]
    assert kinds[1:4] == ["TaskStateEntered", "EvaluationFailed", "TaskStateExited"]
    details = events[2]["evaluationFailedEventDetails"]
    assert details["location"] == "Arguments/MessageBody/a[0]"
    assert ended["output"] == {"Error": ERROR, "Cause": details["cause"]}


@aws_document(EVENT, assumed="the wording, and which field is meant by a location")
@pytest.mark.parametrize(
    ("state", "location", "wanted", "found"),
    [
        ({"Type": "Wait", "Seconds": "{% 'soon' %}", "Next": "Last"}, "Seconds", "number", "string"),
        ({"Type": "Fail", "Error": "E", "Cause": "{% 5 %}"}, "Cause", "string", "number"),
        (
            {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "Last"}]},
            "Choices[0]/Condition",
            "boolean",
            "number",
        ),
        (
            {
                "Type": "Map",
                "Items": "{% 'no list' %}",
                "ItemProcessor": {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}},
                "End": True,
            },
            "Items",
            "array",
            "string",
        ),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "TimeoutSeconds": "{% null %}",
                "Arguments": {"QueueUrl": "q", "MessageBody": "m"},
                "End": True,
            },
            "TimeoutSeconds",
            "number",
            "null",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_fields_take_values_of_their_type(
    aws: Emulator, state: dict[str, Any], location: str, wanted: str, found: str
) -> None:
    others = {} if state.get("End") or state["Type"] == "Fail" else {"Last": LAST}
    (details,) = evaluation_failures(aws, machine(state, **others))
    assert details["location"] == location
    assert f"Expected '{wanted}', but was '{found}' for value: " in details["cause"]


@aws_document(f"{GUIDE}/concepts-error-handling.html")
def test_a_failure_inside_a_branch_is_caught(aws: Emulator) -> None:
    branch = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Output": "{% $no %}", "End": True}}}
    catcher = {"ErrorEquals": [ERROR], "Output": "{% $states.errorOutput.Error %}", "Next": "Last"}
    state = {"Type": "Parallel", "Branches": [branch], "Catch": [catcher], "End": True}
    assert machines.output(aws, machine(state, Last=LAST)) == ERROR


@aws_document(f"{GUIDE}/concepts-error-handling.html", assumed="a state's catchers see its Output fail")
def test_a_failure_of_output_is_caught(aws: Emulator) -> None:
    branch = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Output": 1, "End": True}}}
    catcher = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "Last"}
    state = {
        "Type": "Parallel",
        "Branches": [branch],
        "Output": "{% $states.result.no %}",
        "Catch": [catcher],
        "End": True,
    }
    assert machines.output(aws, machine(state, Last=LAST)) == ERROR


@aws_document(JSONATA, assumed="the depth of 100 and the wording")
def test_endless_recursion_fails_the_state(aws: Emulator) -> None:
    expression = "($f := function($n) { 1 + $f($n + 1) }; $f(1))"
    error, cause = machines.failure(aws, passing(Output=f"{{% {expression} %}}"))
    assert error == ERROR
    assert "Stack overflow" in (cause or "")
