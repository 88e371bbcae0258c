"""Which variables states read, by what AWS tells of definitions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.states.definitions.references import variable_references

INNER = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"a.$": "$inner"}, "End": True}}}


def read(state: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    return variable_references(json.dumps({"StartAt": "A", "States": {"A": state}, **more}))


@pytest.mark.parametrize(
    ("state", "variables"),
    [
        ({"Type": "Pass", "Parameters": {"a": "$v", "b.$": "$.v"}, "ResultPath": "$.r"}, []),
        ({"Type": "Pass", "Parameters": {"a.$": "$$.Execution.Id"}, "Assign": {"v": 1}}, []),
        (
            {"Type": "Pass", "InputPath": "$in", "OutputPath": "$out.a", "Result": {"x.$": "no"}},
            ["in", "out"],
        ),
        (
            {"Type": "Pass", "Parameters": [{"a": {"b.$": "$two[0].x"}}], "Assign": {"c.$": "$one"}},
            ["one", "two"],
        ),
        ({"Type": "Pass", "Assign": {"s.$": "States.MathAdd(States.MathAdd($y, $x), $.z)"}}, ["x", "y"]),
        ({"Type": "Pass", "Assign": {"s.$": "States.Format('{} $no', $yes)"}}, ["yes"]),
        ({"Type": "Wait", "SecondsPath": "$seconds"}, ["seconds"]),
        (
            {
                "Type": "Choice",
                "Choices": [{"Not": {"Variable": "$guess", "StringEqualsPath": "$answer"}, "Next": "B"}],
            },
            ["answer", "guess"],
        ),
        ({"Type": "Task", "Catch": [{"ErrorEquals": ["E"], "Assign": {"c.$": "$caught"}}]}, ["caught"]),
        (
            {
                "Type": "Map",
                "ItemsPath": "$items",
                "ItemReader": {"ReaderConfig": {"MaxItemsPath": "$most"}, "Parameters": {"Key.$": "$key"}},
                "ToleratedFailureCountPath": "$count",
            },
            ["count", "items", "key", "most"],
        ),
    ],
)
def test_jsonpath(state: dict[str, Any], variables: list[str]) -> None:
    assert read(state) == ({"A": variables} if variables else {})


@pytest.mark.parametrize(
    ("expression", "variables"),
    [
        ("$states.input.a & $states.context.State.Name", []),
        ("$b + $sum($a.x)", ["a", "b"]),
        ("$map($items, function($v) { $v + $base })", ["base", "items"]),
        ("($t := 1; $t + $u)", ["u"]),
        ("$x ~> $uppercase", ["x"]),
    ],
)
def test_jsonata(expression: str, variables: list[str]) -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": [f"{{% {expression} %}}", "$no"]}}
    assert read(state) == ({"A": variables} if variables else {})


def test_inner_states_are_told_of_by_themselves() -> None:
    assert read({"Type": "Map", "ItemProcessor": INNER, "ItemSelector": {"a.$": "$own"}}) == {
        "A": ["own"],
        "In": ["inner"],
    }
    assert read({"Type": "Parallel", "Branches": [INNER]}) == {"In": ["inner"]}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"States": 1}', '{"States": {"A": 1}}'])
def test_what_is_no_definition_reads_nothing(text: str) -> None:
    assert variable_references(text) == {}
