"""Metric math: what an expression is worth, and what is refused with its name."""

from __future__ import annotations

import pytest
from loopback_aws.cloudwatch.expressions import ExpressionError, Series, parse

A: Series = [4.0, 0.0, None]
B: Series = [2.0, None, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 2 * a", [12, 0, None]),
        ("(a + 2) * a", [24, 0, None]),
        ("-a", [-4, 0, None]),
        ("a / b", [2, None, None]),
        ("b / (a - 4)", [None, None, None]),
        ("a + FILL(b, 10)", [6, 10, None]),
        ("FILL(a, 0) + FILL(b, 0)", [6, 0, 0]),
        ("FILL(b, a)", [2, 0, None]),
        ("SUM([a, b])", [6, 0, None]),
        ("MAX([a, b, 3])", [4, 3, 3]),
        ("a > 3", [1, 0, None]),
        ("a != 0 AND b < 3", [1, None, None]),
        ("a > 100 || b == 2", [1, None, None]),
        ("a < 1 OR a >= 4 && a <= 4", [1, 1, None]),
        ("IF(a > 3, 100 * b / (a + b), 7)", [100 / 3, 7, None]),
        ("IF(FILL(a, 0) >= 0 AND FILL(b, 0) < 1, 1, 0)", [0, 1, 1]),
        ("IF(a, b, 0)", [2, 0, None]),
        ("IF(a > 3 AND(b > 1), 1.5e1, .5)", [15, None, None]),
    ],
)
def test_an_expression_has_a_value_in_each_period(text: str, expected: Series) -> None:
    found = parse(text).evaluate({"a": A, "b": B}, 3)
    assert list(found) == pytest.approx(expected)


def test_words_of_python_are_names_of_metrics() -> None:
    assert parse("lambda + in + if").evaluate({"lambda": [1.0], "in": [2.0], "if": [3.0]}, 1) == [6.0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ANOMALY_DETECTION_BAND(a, 2)", "ANOMALY_DETECTION_BAND"),
        ("RATE(a) + 1", "RATE"),
        ("SUM(METRICS())", "SUM"),
        ("AVG([a, b])", "AVG"),
        ("IF(a, b)", "IF(c, a, b)"),
        ("FILL(METRICS(), 0)", "METRICS"),
        ("a ^ 2", "a ^ 2"),
        ("a ** 2", "a ** 2"),
        ("a < b < 3", "a < b < 3"),
        ("a.b", "a.b"),
        ("[a, b]", "[a, b]"),
        ("a if b else 1", "a"),
        ("__import__('os')", "__import__"),
        ("a +", "a +"),
        ("1 + 2", "1 + 2"),
        ("SEARCH('{x} y', 'Sum', 60)", "SEARCH"),
    ],
)
def test_anything_else_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert named in str(error.value)
