"""Evaluation of JSONata apart from any state machine."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from loopback_aws.states.data.jsonata import evaluation
from loopback_aws.states.data.jsonata.evaluation import UNDEFINED, EvaluationError, UnsupportedResultError
from loopback_aws.states.data.jsonata.fields import misfit
from loopback_aws.states.data.jsonata.values import bound, number_text, text_of


def evaluated(expression: str, **variables: Any) -> Any:
    known = {name: bound(value) for name, value in variables.items()}
    return evaluation.evaluate(expression, known.get)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$random(42)", 0.7275636800328681),
        ("$lowercase('STRASSE ß')", "strasse ß"),
        ("$replace('aaa', 'a', 'aa', 2)", "aaaaa"),
        ("$replace('x1y2', /\\d/, function($m) { '<' & $m.match & '>' })", "x<1>y<2>"),
        ("$replace('ab', /(a)(b)/, '$2$1$$$0')", "ba$ab"),
        ("$split('a1b22c', /(\\d)+/)", ["a", "b", "c"]),
        ("$sort([3, 1, 2])", [1, 2, 3]),
        ("$distinct([1, true, 1.0, {'a': 1, 'b': 2}, {'b': 2, 'a': 1}])", [1, True, {"a": 1, "b": 2}]),
        ("1 in [true]", False),
        ("[$n..3]", [1, 2, 3]),
        ("$string({'a': [0.1 + 0.2, 1.0, null], 'b': 1e21})", '{"a":[0.3,1,null],"b":1e+21}'),
        ("$toMillis('2017-11-07T15:07:54+01:00')", 1510063674000),
        ("$millis() = $toMillis($now())", True),
        ("$empty{'k': $}", {}),
        ("$holes[0] = null", True),
        ("($first := $substring(?, 0, 1); $first('abc'))", "a"),
        ("$missing", UNDEFINED),
        ("$count($missing)", 0),
        ('"\\ud83d\\ude00" & "\\u00e9"', "😀é"),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert evaluated(expression, n=1.0, empty=[], holes=[None, 1]) == value


def test_the_sort_is_stable() -> None:
    rows = [{"k": 1, "n": 1}, {"k": 1, "n": 2}, {"k": 0, "n": 3}, {"k": 1, "n": 4}]
    found = evaluated("$sort($rows, function($l, $r) { $l.k > $r.k }).n", rows=rows)
    assert found == [3, 1, 2, 4]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("$number('1x')", 'D3030: Unable to cast value to a number: "1x"'),
        ("$power(10, 400)", "D3061"),
        ("$toMillis('yesterday')", "D3110"),
        ("$replace('a', /x*/, 'y')", "D1004"),
        ("$sort([1, 'a'])", "D3070"),
        ("-'a'", 'D1002: Cannot negate a non-numeric value: "a"'),
        ("$range(1, 1000000, 1)", "memory limit"),
        ("[1..900000]", "memory limit"),
        ("$partition([1], 0)", "positive"),
        ("$base64decode('!')", "internal error"),
        ("1 +", "S0207"),
    ],
)
def test_refusals(expression: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        evaluated(expression)


@pytest.mark.parametrize("expression", ["$sum", "{'f': $sum}", "/a/", "[function($x) { $x }]"])
def test_functions_are_no_results(expression: str) -> None:
    with pytest.raises(UnsupportedResultError):
        evaluated(expression)


def test_endless_evaluation_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "SECONDS", 0.2)
    with pytest.raises(EvaluationError, match="timeout"):
        evaluated("($f := function($n) { $f($n + 1) }; $f(1))")


def test_variables_are_never_changed_nor_given_out() -> None:
    given = {"list": [1, {"a": None}], "empty": []}
    expression = "{'all': $given, 'grouped': $given.empty{'x': 1}, 'new': $given ~> |$|{'z': 1}|}"
    result = evaluated(expression, given=given)
    result["all"]["list"].append(2)
    assert given == {"list": [1, {"a": None}], "empty": []}


def test_null_stays_null_in_what_is_bound_once() -> None:
    plain = {"a": [1, {"b": 2}]}
    assert bound(plain) is plain
    found = evaluated("[$v.a.$type($), $type($v.n)]", v={"a": [None, 1], "n": None})
    assert found == ["null", "number", "null"]


def test_threads_do_not_meet() -> None:
    wrong: list[Any] = []

    def work(name: str) -> None:
        for number in range(100):
            found = evaluated("($f := $substring(?, 0, 2); $f($s) & $n)", s=f"{name}{name}x", n=number)
            if found != f"{name}{name}{number}":
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_expressions_are_parsed_once() -> None:
    expression = "$x + 1000001"
    before = evaluation.parse.cache_info().misses
    assert [evaluated(expression, x=x) for x in (1, 2, 3)] == [1000002, 1000003, 1000004]
    assert evaluation.parse.cache_info().misses == before + 1


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1 + 0.2, "0.3"), (1e-7, "1e-7"), (1e-5, "0.00001"), (1e21, "1e+21"), (-1.5, "-1.5")],
)
def test_numbers_are_printed_as_in_javascript(number: float, text: str) -> None:
    assert number_text(number) == text


def test_pretty_text() -> None:
    assert text_of({"a": [1, {}], "b": []}, pretty=True) == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'


@pytest.mark.parametrize(
    ("location", "value", "problem"),
    [
        ("Seconds", 1, None),
        ("Seconds", 1.5, "out of range"),
        ("TimeoutSeconds", 0, "out of range"),
        ("Seconds", True, "Expected 'number', but was 'boolean' for value: true"),
        ("Choices[3]/Condition", None, "Expected 'boolean', but was 'null' for value: null"),
        ("Output/Condition", 5, None),
        ("Output[0]", 5, None),
        ("Items[0]", 5, None),
        ("Output/Seconds", "later", None),
        ("Items", {"a": 1}, None),
    ],
)
def test_types_of_fields(location: str, value: Any, problem: str | None) -> None:
    found = misfit(location, value)
    assert found is None if problem is None else problem in (found or "")
