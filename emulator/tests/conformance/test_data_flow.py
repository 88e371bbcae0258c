"""Data between states in JSONPath: what is selected, made, assigned, compared and put where."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conformance import machines
from tests.conformance.documents import aws_document
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
FILTERING = f"{GUIDE}/concepts-input-output-filtering.html"
PATHS = f"{GUIDE}/amazon-states-language-paths.html"
INTRINSICS = f"{GUIDE}/intrinsic-functions.html"
VARIABLES = f"{GUIDE}/workflow-variables.html"
CHOICE = f"{GUIDE}/state-choice.html"
ERRORS = f"{GUIDE}/concepts-error-handling.html"
WHERE = "An error occurred while executing the state 'Only' (entered at the event id #2). "
GIVEN = {
    "n": 1,
    "fraction": 1.0,
    "none": None,
    "list": [1, 2, 3, 4, 5],
    "people": [{"name": "Ada", "age": 36, "home": {"town": "London"}}, {"name": "Bob", "age": 20}],
    "deep": {"er": {"est": 5}},
    "odd key": 7,
    "text": "1,2-3",
    "unicode": "Grüße 😀",
    "json": '{"a": [1, null]}',
    "template": "{} of {}",
    "long": "x" * 10_001,
}


def passing(**fields: Any) -> dict[str, Any]:
    """A machine of one Pass state."""
    return {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True, **fields}}}


def made(aws: Emulator, path: str) -> Any:
    """What a path or an intrinsic function in Parameters makes of GIVEN."""
    return machines.output(aws, passing(Parameters={"made.$": path}), GIVEN)["made"]


@aws_document(FILTERING)
@pytest.mark.parametrize(
    ("fields", "given", "output"),
    [
        ({"InputPath": None, "Parameters": {"all.$": "$"}}, {"a": 1}, {"all": {}}),
        ({"OutputPath": None}, {"a": 1}, {}),
        ({"InputPath": "$.a", "Result": 2, "ResultPath": "$.r"}, {"a": {"x": 1}}, {"a": {"x": 1}, "r": 2}),
        ({"Result": 2, "ResultPath": None}, {"a": 1}, {"a": 1}),
        ({"Result": 2, "ResultPath": "$"}, {"a": 1}, 2),
        ({"Result": 2, "ResultPath": "$.b.c"}, {"a": 1}, {"a": 1, "b": {"c": 2}}),
        ({"Result": 2, "ResultPath": "$.l[1]"}, {"l": [0, 1]}, {"l": [0, 2]}),
        ({"Result": {"b": 2}, "ResultPath": "$.r", "OutputPath": "$.r.b"}, {"a": 1}, 2),
        (
            {"Parameters": {'é "k"': "a/b\t😀", "x": [{"y.$": "$.a"}, None, True, 2.0]}},
            {"a": 1.50},
            {'é "k"': "a/b\t😀", "x": [{"y": 1.5}, None, True, 2.0]},
        ),
    ],
)
def test_fields_filter_input_and_output(
    aws: Emulator, fields: dict[str, Any], given: Any, output: Any
) -> None:
    assert machines.output(aws, passing(**fields), given) == output


@aws_document(PATHS, assumed="Jayway's reading of what is one value and what is a list")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.none", None),
        ("$.fraction", 1.0),
        ("$['odd key']", 7),
        ("$.people[0].home", {"town": "London"}),
        ("$.list[-1]", 5),
        ("$.list[1:3]", [2, 3]),
        ("$.list[-2:]", [4, 5]),
        ("$.list[0,2]", [1, 3]),
        ("$.people[*].home.town", ["London"]),
        ("$.people[*].nothing", []),
        ("$.people[?(@.age > 30)].name", ["Ada"]),
        ("$.people[?(@.age > 90)]", []),
        ("$..town", ["London"]),
        ("$.deep.*", [{"est": 5}]),
    ],
)
def test_paths(aws: Emulator, path: str, value: Any) -> None:
    assert made(aws, path) == value


@aws_document(f"{GUIDE}/input-output-contextobject.html")
def test_context_object_inside_a_map(aws: Emulator) -> None:
    each = {
        "Type": "Pass",
        "Parameters": {
            "state.$": "$$.State.Name",
            "entered.$": "$$.State.EnteredTime",
            "started.$": "$$.Execution.StartTime",
            "redrives.$": "$$.Execution.RedriveCount",
            "machine.$": "$$.StateMachine.Name",
            "given.$": "$",
        },
        "End": True,
    }
    selector = {"at.$": "$$.Map.Item.Index", "item.$": "$$.Map.Item.Value", "of.$": "$.from"}
    over = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": selector,
        "ItemProcessor": {"StartAt": "Each", "States": {"Each": each}},
        "End": True,
    }
    first, second = machines.output(
        aws, {"StartAt": "All", "States": {"All": over}}, {"items": ["a", "b"], "from": "input"}
    )
    assert first["given"] == {"at": 0, "item": "a", "of": "input"}
    assert second["given"] == {"at": 1, "item": "b", "of": "input"}
    assert first["state"] == "Each"
    assert first["redrives"] == 0
    assert first["machine"].startswith("case-")
    for moment in (first["entered"], first["started"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)


@aws_document(INTRINSICS)
@pytest.mark.parametrize(
    ("call", "value"),
    [
        (r"States.Format('{} \{{}\} it\'s \\ {}', $.n, $.none, $.unicode)", r"1 {null} it's \ Grüße 😀"),
        ("States.Format($.template, true, 1.5)", "true of 1.5"),
        ("States.Array(1, 'a', $.none, $.list[0])", [1, "a", None, 1]),
        ("States.ArrayPartition($.list, 2)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayContains($.list, 3)", True),
        ("States.ArrayContains($.list, true)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayLength(States.ArrayRange(1, 1000, 1))", 1000),
        ("States.ArrayGetItem($.list, 4)", 5),
        ("States.ArrayUnique(States.Array(1, 1, $.deep, $.deep, true))", [1, {"er": {"est": 5}}, True]),
        ("States.Base64Decode(States.Base64Encode($.unicode))", "Grüße 😀"),
        ("States.Hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("States.JsonMerge($.deep, $.people[0].home, false)", {"er": {"est": 5}, "town": "London"}),
        ("States.StringToJson($.json)", {"a": [1, None]}),
        ("States.JsonToString($.deep)", '{"er":{"est":5}}'),
        ("States.MathAdd($.n, -2)", -1),
        ("States.StringSplit($.text, ',-')", ["1", "2", "3"]),
        ("States.ArrayGetItem(States.StringSplit(States.Format('{}/{}', $.n, 'z'), '/'), 1)", "z"),
    ],
)
def test_intrinsic_functions(aws: Emulator, call: str, value: Any) -> None:
    assert made(aws, call) == value


@aws_document(INTRINSICS)
def test_random_numbers_and_uuids(aws: Emulator) -> None:
    assert made(aws, "States.MathRandom(1, 2)") == 1
    seeded = made(aws, "States.Array(States.MathRandom(1, 999, 7), States.MathRandom(1, 999, 7))")
    assert seeded[0] == seeded[1]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made(aws, "States.UUID()"))


@aws_document(INTRINSICS, assumed="the wording of causes")
@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1, 5, 0)",
        "States.ArrayGetItem($.list, 5)",
        "States.ArrayPartition($.list, 0)",
        "States.ArrayLength($.n)",
        "States.Base64Encode($.long)",
        "States.Hash($.long, 'MD5')",
        "States.JsonMerge($.deep, $.deep, true)",
        "States.StringToJson($.unicode)",
        "States.Format('{} {}', $.n)",
        "States.MathAdd($.text, 1)",
    ],
)
def test_intrinsic_functions_refuse_arguments(aws: Emulator, call: str) -> None:
    error, cause = machines.failure(aws, passing(Parameters={"made.$": call}), GIVEN)
    assert error == "States.IntrinsicFailure"
    assert (cause or "").startswith(f"{WHERE}The function '{call}' had the following error: ")


@aws_document(ERRORS, assumed="the wording")
@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        (
            {"Parameters": {"a": {"b.$": "$.no"}}},
            "The JSONPath '$.no' specified for the field 'b.$' could not be found in the input '{\"n\":1}'",
        ),
        (
            {"Parameters": {"b.$": "$$.No"}},
            "The JSONPath '$$.No' specified for the field 'b.$' could not be found in the input",
        ),
        ({"InputPath": "$.no"}, "Invalid path '$.no' : No results for path: $['no']"),
        ({"OutputPath": "$.no"}, "Invalid path '$.no' : No results for path: $['no']"),
        (
            {"Assign": {"v.$": "$.no"}},
            "The JSONPath '$.no' specified for the field 'v.$' could not be found in the input '{\"n\":1}'",
        ),
    ],
)
def test_paths_to_nothing_end_the_execution(aws: Emulator, fields: dict[str, Any], cause: str) -> None:
    error, said = machines.failure(aws, passing(**fields), {"n": 1})
    assert error == "States.Runtime"
    assert (said or "").startswith(WHERE + cause)


@aws_document(ERRORS)
def test_a_path_to_nothing_is_neither_retried_nor_caught(aws: Emulator) -> None:
    branch = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    everything = {"ErrorEquals": ["States.ALL"]}
    state = {
        "Type": "Parallel",
        "Branches": [branch],
        "ResultSelector": {"a.$": "$.no"},
        "Retry": [{**everything, "IntervalSeconds": 1}],
        "Catch": [{**everything, "Next": "Last"}],
        "Next": "Last",
    }
    definition = {"StartAt": "Only", "States": {"Only": state, "Last": {"Type": "Succeed"}}}
    ended = machines.outcome(aws, definition)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    kinds = machines.event_types(aws, ended["executionArn"])
    assert kinds.count("PassStateEntered") == 1
    assert kinds[-1] == "ExecutionFailed"


@aws_document(ERRORS, assumed="the wording")
@pytest.mark.parametrize(("path", "given"), [("$.n.x", {"n": 1}), ("$.l[3]", {"l": [1]}), ("$.a", [1])])
def test_results_that_fit_nowhere(aws: Emulator, path: str, given: Any) -> None:
    error, cause = machines.failure(aws, passing(Result=1, ResultPath=path), given)
    assert error == "States.ResultPathMatchFailure"
    assert path in (cause or "")


@aws_document(VARIABLES)
def test_variables_in_paths_and_functions(aws: Emulator) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"o.$": "$", "t": 'say "ü"', "n": 1}, "Next": "Again"},
        "Again": {"Type": "Pass", "Assign": {"n.$": "States.MathAdd($n, 1)", "m.$": "$n"}, "Next": "Show"},
        "Show": {
            "Type": "Pass",
            "Parameters": {
                "deep.$": "$o.list[1].x",
                "all.$": "$o",
                "text.$": "States.Format('{} {}', $t, $o.list[0])",
                "numbers.$": "States.Array($n, $m)",
            },
            "End": True,
        },
    }
    given = {"list": [1, {"x": 5}]}
    assert machines.output(aws, {"StartAt": "Set", "States": states}, given) == {
        "deep": 5,
        "all": given,
        "text": 'say "ü" 1',
        "numbers": [2, 1],
    }


@aws_document(VARIABLES, assumed="as in JSONata: Assign and what makes the output do not see each other")
def test_the_output_path_sees_variables_as_they_were_before_the_states_own_assign(aws: Emulator) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"v": 1}, "Next": "Both"},
        "Both": {"Type": "Pass", "Assign": {"v": 2}, "OutputPath": "$v", "Next": "Show"},
        "Show": {"Type": "Pass", "Parameters": {"output.$": "$", "v.$": "$v"}, "End": True},
    }
    assert machines.output(aws, {"StartAt": "Set", "States": states}) == {"output": 1, "v": 2}


@aws_document(VARIABLES)
def test_variables_of_an_iteration_stay_in_it(aws: Emulator) -> None:
    each = {
        "In": {"Type": "Pass", "Assign": {"own.$": "States.MathAdd($outer, $)"}, "Next": "Out"},
        "Out": {"Type": "Pass", "Parameters": {"own.$": "$own"}, "End": True},
    }
    states = {
        "Set": {"Type": "Pass", "Assign": {"outer": 10}, "Next": "All"},
        "All": {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": each}, "Next": "Show"},
        "Show": {"Type": "Pass", "Parameters": {"got.$": "$[*].own", "outer.$": "$outer"}, "End": True},
    }
    output = machines.output(aws, {"StartAt": "Set", "States": states}, [1, 2])
    assert output == {"got": [11, 12], "outer": 10}


@aws_document(VARIABLES)
def test_history_shows_what_was_assigned(aws: Emulator) -> None:
    definition = passing(Assign={"t": 'a "b"', "o.$": "$"})
    events = machines.events(aws, machines.outcome(aws, definition, {"x": 1})["executionArn"])
    (exited,) = (e["stateExitedEventDetails"] for e in events if e["type"] == "PassStateExited")
    assert exited["assignedVariables"] == {"t": '"a \\"b\\""', "o": '{"x":1}'}


@aws_document(VARIABLES, assumed="the error's name")
def test_one_assign_sets_at_most_256_kib(aws: Emulator) -> None:
    definition = passing(Assign={"one.$": "$.t", "two.$": "$.t"})
    assert machines.failure(aws, definition, {"t": "x" * 140_000})[0] == "States.DataLimitExceeded"


MOMENT = {"at": "2020-01-01T00:00:00.5+01:00", "utc": "2019-12-31T23:00:00Z", "star": "a*b", "none": None}


@aws_document(CHOICE)
@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"Variable": "$.no", "IsPresent": False}, True),
        ({"Variable": "$.none", "IsPresent": True}, True),
        ({"Variable": "$.none", "IsNull": True}, True),
        ({"Variable": "$.at", "IsTimestamp": True}, True),
        ({"Variable": "$.star", "IsTimestamp": False}, True),
        ({"Variable": "$.at", "TimestampGreaterThan": "2019-12-31T23:00:00Z"}, True),
        ({"Variable": "$.utc", "TimestampLessThanPath": "$.at"}, True),
        ({"Variable": "$.star", "StringMatches": "a\\*b"}, True),
        ({"Variable": "$.at", "StringMatches": "2020\\*"}, False),
        ({"Variable": "$.at", "StringMatches": "2020*"}, True),
        ({"Variable": "$.star", "StringMatches": "[a]*"}, False),
        ({"And": [{"Variable": "$.no", "IsPresent": True}, {"Variable": "$.no", "IsNull": True}]}, False),
        ({"Not": {"Variable": "$.star", "StringEquals": "a*b"}}, False),
    ],
)
def test_comparisons(aws: Emulator, rule: dict[str, Any], holds: bool) -> None:
    states = {
        "Only": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": True, "End": True},
        "No": {"Type": "Pass", "Result": False, "End": True},
    }
    assert machines.output(aws, {"StartAt": "Only", "States": states}, MOMENT) is holds


@aws_document(CHOICE)
@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"Variable": "$small", "NumericLessThanPath": "$big.n"}, True),
        ({"Variable": "$big.n", "NumericLessThanPath": "$small"}, False),
        ({"Variable": "$small", "NumericGreaterThanPath": "$$.Execution.RedriveCount"}, True),
        ({"Variable": "$$.State.Name", "StringEquals": "Only"}, True),
    ],
)
def test_comparisons_with_variables_and_the_context(aws: Emulator, rule: dict[str, Any], holds: bool) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"small": 1, "big": {"n": 5}}, "Next": "Only"},
        "Only": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": True, "End": True},
        "No": {"Type": "Pass", "Result": False, "End": True},
    }
    assert machines.output(aws, {"StartAt": "Set", "States": states}) is holds


@aws_document(CHOICE, assumed="the wording")
def test_a_comparison_needs_its_variable(aws: Emulator) -> None:
    rule = {"Variable": "$.no", "StringEquals": "x", "Next": "Last"}
    states = {"Only": {"Type": "Choice", "Choices": [rule]}, "Last": {"Type": "Succeed"}}
    error, cause = machines.failure(aws, {"StartAt": "Only", "States": states})
    assert error == "States.Runtime"
    reason = "Invalid path '$.no': The choice state's condition path references an invalid value."
    assert cause == WHERE + reason
