"""JSONata expressions in definitions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.states.definitions.check import problems


def found(value: Any, field: str = "Output") -> list[str]:
    """Problems of a Pass state with the value in a field."""
    state = {"Type": "Pass", field: value, "End": True}
    text = json.dumps({"QueryLanguage": "JSONata", "StartAt": "E", "States": {"E": state}})
    return [str(problem) for problem in problems(text, "STANDARD")]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a[1,2)", 'Expected "]", got ","'),
        ('"unterminated', "String literal must be terminated by a matching quote"),
        ("1 +", "Unexpected end of expression"),
        ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
        ("$x :=", "Unexpected end of expression"),
        ('$match("a", /abc', "No terminating / in regular expression"),
    ],
)
def test_an_expression_that_cannot_be_parsed(expression: str, message: str) -> None:
    place = "/States/E/Output/v[0]"
    assert found({"v": [f"{{% {expression} %}}"]}) == [f"INVALID_JSONATA_EXPRESSION: {message} at {place}"]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("phone", ["phone"]),
        ("phone.home & name", ["phone", "name"]),
        ('{"a": [b, -c]}', ["b", "c"]),
        ("a ? b : $sum(c)", ["a", "b", "c"]),
        ("($y := d; $y)", ["d"]),
    ],
)
def test_names_at_the_top_have_no_context(expression: str, names: list[str]) -> None:
    assert found(f"{{% {expression} %}}") == [
        f"UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' at the top level is not supported. "
        "at /States/E/Output"
        for name in names
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.orders[status = 'open'].{'id': id, 'total': $sum(lines.price)}",
        "$map($states.input.items, function($item, $index) { $item.price > limit })",
        "$states.input.people^(>age).name",
        "$states.input.orders{customer: $sum(price)}",
        "($total := $sum($states.input.a); $total > 1 ? {'t': $total} : [])",
        "$states.input.items ~> $filter(function($i) { $i.ok })",
        "$states.input ~> |lines|{'price': price * 2}|",
        "$states.context.Execution.Input.a.$string($)",
        "[1..5].($ * 2)",
        "$count($states.input.**.id)",
        "$uuid() & $parse('{}').a",
    ],
)
def test_published_kinds_of_expressions_pass(expression: str) -> None:
    assert found(f"{{% {expression} %}}") == []


def test_the_root_of_jsonata_is_not_there() -> None:
    assert found("{% $states.input.a[b = $$.c] %}")[0].startswith("INVALID_JSONATA_EXPRESSION")


def test_the_output_of_an_error_is_there_in_catch_only() -> None:
    catcher = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Cause %}", "Next": "B"}
    task: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B"}
    states = {"A": task | {"Catch": [catcher]}, "B": {"Type": "Succeed"}}
    machine = {"QueryLanguage": "JSONata", "StartAt": "A", "States": states}
    assert list(problems(json.dumps(machine), "STANDARD")) == []
    assert found("{% $states.errorOutput %}")[0].startswith("UNSUPPORTED_JSONATA_EXPRESSION")


def test_braces_are_plain_text_in_jsonpath_and_in_comments() -> None:
    state = {"Type": "Pass", "Comment": "{% ( %}", "Result": "{% ( %}", "End": True}
    assert list(problems(json.dumps({"StartAt": "E", "States": {"E": state}}), "STANDARD")) == []
    assert found("{% ( %}", "Comment") == []
