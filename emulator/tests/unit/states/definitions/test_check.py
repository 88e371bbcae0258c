"""Definitions of state machines as a whole: JSON, names, transitions, the words of a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.states.definitions.check import problems
from loopback_aws.states.definitions.diagnostics import Diagnostic, refusal
from loopback_aws.states.definitions.validation import validate

END = {"Type": "Succeed"}
INNER = {"StartAt": "I", "States": {"I": END}}


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """A definition that starts at the first of the states."""
    return {"StartAt": next(iter(states)), "States": states}


def words(definition: dict[str, Any] | str) -> list[str]:
    """All problems, each as `CODE: text at place`."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return [str(problem) for problem in problems(text, "STANDARD")]


@pytest.mark.parametrize("text", ["{", "", "[]", "null", '{"StartAt": NaN}', '{"A": 1} x'])
def test_what_is_not_an_object_is_told_apart(text: str) -> None:
    code = "MISSING_DESCRIPTION" if not text else "INVALID_JSON_DESCRIPTION"
    assert [word.partition(":")[0] for word in words(text)] == [code]


def test_a_definition_that_is_too_deep_is_no_server_error() -> None:
    assert words('{"a":' * 100_000)[0].startswith("TOO_DEEPLY_NESTED")


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, ["SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States] at /"]),
        (
            machine(A={"Type": "Pass", "Next": "Gone"}),
            [
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone at /States/A/Next",
                "MISSING_END_STATE: Workflow has no terminal state at null",
            ],
        ),
        (
            machine(A=END) | {"StartAt": "B"},
            [
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt",
                'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
            ],
        ),
        (
            machine(A={"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "X"}]}, B=END),
            [
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Choices[0]/Next",
                'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
            ],
        ),
        (
            machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}, C=END),
            ['MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C'],
        ),
        (
            machine(A={"Type": "Pass", "Next": "A"}, B={"Type": "Pass", "Next": "A"}),
            ["MISSING_END_STATE: Workflow has no terminal state at null"],
        ),
        (
            machine(A={"Type": "Map", "End": True, "ItemProcessor": INNER | {"StartAt": "A"}}),
            [
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /States/A/ItemProcessor/StartAt",
                'MISSING_TRANSITION_TARGET: State "I" is not reachable. at /States/A/ItemProcessor/States/I',
            ],
        ),
        (
            machine(A={"Type": "Parallel", "End": True, "Branches": [INNER, INNER]}),
            ["DUPLICATE_STATE_NAME: Duplicate State name: I at /States/A/Branches[1]/States/I"],
        ),
    ],
)
def test_transitions_and_names(definition: dict[str, Any], expected: list[str]) -> None:
    assert words(definition) == expected


def test_a_branch_cannot_leave_for_a_state_outside() -> None:
    branch = machine(I={"Type": "Pass", "Next": "B"})
    found = words(machine(A={"Type": "Parallel", "Next": "B", "Branches": [branch]}, B=END))
    assert found[0] == (
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Branches[0]/States/I/Next"
    )


def test_json_that_gives_a_state_twice_is_refused() -> None:
    twice = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Succeed"}}}'
    assert words(twice) == ["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A"]


@pytest.mark.parametrize(("length", "sound"), [(80, True), (81, False)])
def test_names_of_states_have_at_most_80_characters(length: int, sound: bool) -> None:
    assert (words(machine(**{"é" * length: END})) == []) is sound


def test_several_problems_are_joined() -> None:
    two = [Diagnostic(message="one", location="/A"), Diagnostic(code="C", message="two", location=None)]
    joined = "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: one at /A, C: two at null'"
    assert refusal(two) == joined
    assert refusal([Diagnostic(code="NO_PATH", message="", location=None, severity="WARNING")]) is None


WARNED = json.dumps(machine(A={"Type": "Pass", "Result": {"v": "$.x", "w.$": "$.y"}, "End": True}))
FAULTY = json.dumps(machine(A={"Type": "Pass", "Foo": 1, "Bar": 2, "End": True, "Result": "$.x"}))


def test_validation_lists_errors_and_on_demand_warnings() -> None:
    answer = validate({"definition": FAULTY, "severity": "WARNING"})
    assert answer["result"] == "FAIL"
    assert [found["severity"] for found in answer["diagnostics"]] == ["ERROR", "ERROR", "WARNING"]
    assert answer["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "SCHEMA_VALIDATION_FAILED",
        "message": "Field 'Foo' is not supported",
        "location": "/States/A",
    }
    assert len(validate({"definition": FAULTY})["diagnostics"]) == 2


def test_validation_counts_results_and_says_when_there_were_more() -> None:
    answer = validate({"definition": FAULTY, "maxResults": 1})
    assert (len(answer["diagnostics"]), answer["truncated"]) == (1, True)
    answer = validate({"definition": FAULTY, "maxResults": 0})
    assert (len(answer["diagnostics"]), answer["truncated"]) == (2, False)


def test_warnings_do_not_fail_a_definition() -> None:
    found = [str(problem) for problem in problems(WARNED, "STANDARD")]
    assert [word.partition(":")[0] for word in found] == ["PASS_RESULT_IS_STATIC", "PASS_RESULT_IS_STATIC"]
    assert refusal(problems(WARNED, "STANDARD")) is None


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ({"definition": "{}", "severity": "INFO"}, "severity"),
        ({"definition": "{}", "type": "FAST"}, "type"),
        ({"definition": "{}", "maxResults": 101}, "maxResults"),
        ({"definition": " " * 1_048_577}, "1048576"),
        ({}, "definition"),
    ],
)
def test_a_request_that_the_api_does_not_know_is_refused(request_: dict[str, Any], name: str) -> None:
    with pytest.raises(ApiError, match=name) as error:
        validate(request_)
    assert error.value.code == "ValidationException"
