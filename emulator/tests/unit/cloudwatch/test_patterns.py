"""Filter patterns of CloudWatch Logs: which events match, and which patterns are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.cloudwatch.log_metrics import check_filter
from loopback_aws.cloudwatch.patterns import PatternError, compile_pattern

ERROR: dict[str, Any] = {
    "logger": "app",
    "level": "ERROR",
    "code": 503,
    "ok": False,
    "none": None,
    "record": {"status": "timeout", "items": [{"name": "a"}]},
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.logger = "app" && $.level = "ERROR" }', True),
        ('{ $.logger = "app" && $.level = "INFO" }', False),
        ('{ $.logger = "other" || $.level = "ERROR" }', True),
        ('{ $.logger = "x" && $.code = 1 || $.level = "ERROR" }', True),
        ('{ $.logger = "x" && ($.code = 1 || $.level = "ERROR") }', False),
        ('{ $.level != "INFO" }', True),
        ('{ $.absent != "INFO" }', False),
        ('{ $.level = "ERR*" }', True),
        ('{ $.level = "*RR*" }', True),
        ('{ $.level = "E?ROR" }', False),
        ("{ $.level = ERROR }", True),
        ("{ $.code = 503 }", True),
        ("{ $.code = 5* }", True),
        ("{ $.code = 4* }", False),
        ("{ $.code >= 500 && $.code < 600 }", True),
        ("{ $.level > 5 }", False),
        ("{ $.ok IS FALSE }", True),
        ("{ $.none IS NULL }", True),
        ("{ $.absent IS NULL }", False),
        ("{ $.absent NOT EXISTS }", True),
        ("{ $.none NOT EXISTS }", False),
        ('{ $.record.status = "timeout" }', True),
        ('{ $.record.items[0].name = "a" }', True),
        ('{ $.record.items[1].name = "a" }', False),
        ("{$.['code']=503}", True),
        ("", True),
        ('"app"', True),
        ("app -ERROR", False),
        ("?nothing ?ERROR", True),
        ("?nothing ?neither", False),
        ('"level": ', None),
    ],
)
def test_an_event_matches(pattern: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(PatternError):
            compile_pattern(pattern)
    else:
        assert compile_pattern(pattern)(json.dumps(ERROR)) is expected


def test_terms_are_found_in_text_and_json_patterns_are_not() -> None:
    text = "2026-11-21T15:00:00Z 1f Task timed out after 3.00 seconds"
    assert compile_pattern('"Task timed out"')(text)
    assert not compile_pattern('"task timed out"')(text)
    assert not compile_pattern('{ $.level = "ERROR" }')(text)
    assert not compile_pattern("{ $.level NOT EXISTS }")('{"level": ')


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("[ip, user, code = 4*]", "space-delimited"),
        ("{ $.level = %ERR.*% }", "regular expressions"),
        ("%ERR.*%", "%ERR.*%"),
        ("{ $.level ~ 5 }", "~"),
        ("{ $.level = 'ERROR' } x", "x"),
        ("{ level = 5 }", "level"),
        ("{ $.level }", "}"),
        ("{ $.a > b }", "b"),
        ("{ $.a IS 5 }", "5"),
        ("a:b", "a:b"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(pattern: str, named: str) -> None:
    with pytest.raises(PatternError) as error:
        compile_pattern(pattern)
    assert named in str(error.value)


def test_a_filter_is_refused_for_its_transformation() -> None:
    metric = {"metricName": "m", "metricNamespace": "n"}
    check_filter({"filterPattern": "", "metricTransformations": [metric | {"metricValue": "$.size"}]})
    with pytest.raises(PatternError, match="one"):
        check_filter({"filterPattern": "", "metricTransformations": [metric | {"metricValue": "one"}]})
    both = metric | {"metricValue": "1", "dimensions": {"a": "$.a"}, "defaultValue": 0}
    with pytest.raises(PatternError, match="default"):
        check_filter({"filterPattern": "", "metricTransformations": [both]})
