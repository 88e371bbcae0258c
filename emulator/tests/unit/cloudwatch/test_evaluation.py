"""Alarms: M of N, AWS's tables of missing data, reasons, and what alarms watch."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_aws.cloudwatch.evaluation import Rule, judge, rule_of
from loopback_aws.cloudwatch.metrics import Point
from loopback_aws.cloudwatch.reasons import reason
from loopback_aws.cloudwatch.watches import watch_of

STATES = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", "-": None}


def rule(needed: int, missing: str, periods: int = 3) -> Rule:
    return Rule("GreaterThanThreshold", 0.5, periods, needed, missing)


@pytest.mark.parametrize(
    ("data", "needed", "expected"),
    [
        ("0-X-X", 3, "OOOO"),
        ("----0", 3, "OOOO"),
        ("-----", 3, "I-AO"),
        ("0XX-X", 3, "AAAA"),
        ("--X--", 3, "A-AO"),
        ("----X", 3, "--AO"),
        ("0-X-X", 2, "AAAA"),
        ("00X0X", 2, "AAAA"),
        ("0-X--", 2, "OOAO"),
        ("----0", 2, "OOAO"),
        ("---X-", 2, "A-AO"),
        ("XX000", 2, "OOOO"),
    ],
)
def test_missing_data_is_treated_as_in_the_tables_of_aws(data: str, needed: int, expected: str) -> None:
    """X breaches, 0 does not, - is missing, the oldest first; by missing, ignore, breaching, notBreaching."""
    series = [{"X": 1.0, "0": 0.0}.get(mark) for mark in reversed(data)]
    for treatment, state in zip(("missing", "ignore", "breaching", "notBreaching"), expected, strict=True):
        verdict = judge(rule(needed, treatment), series)
        assert (verdict.state if verdict else None) == STATES[state], treatment


def test_the_reason_is_worded_as_by_aws() -> None:
    two = rule(2, "missing", 2)
    verdict = judge(two, [3.0, 1.0, 0.0, 0.0])
    assert verdict
    assert reason(two, verdict, 60, 1_763_737_746.0, "OK") == (
        "Threshold Crossed: 2 out of the last 2 datapoints [3.0 (21/11/25 15:08:06), "
        "1.0 (21/11/25 15:07:06)] were greater than the threshold (0.5) "
        "(minimum 2 datapoints for OK -> ALARM transition)."
    )
    unknown = judge(rule(1, "missing", 1), [None] * 3)
    assert unknown
    assert reason(two, unknown, 60, 0.0, "OK") == "Insufficient Data: 1 datapoint was unknown."
    treated, absent = rule(1, "breaching", 1), judge(rule(1, "breaching", 1), [None] * 3)
    assert absent
    assert reason(treated, absent, 60, 0.0, "OK") == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[Breaching]."
    )


ALARM: dict[str, Any] = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold"}, "LessThanLower"),
        ({"ThresholdMetricId": "band"}, "anomalies"),
        ({"TreatMissingData": "zero"}, "zero"),
        ({"DatapointsToAlarm": 4}, "4"),
    ],
)
def test_a_rule_that_is_not_evaluated_is_refused(changes: dict[str, Any], named: str) -> None:
    assert rule_of(ALARM).needed == 3
    with pytest.raises(ValueError, match=named):
        rule_of(ALARM | changes)


def point(seconds_ago: float, value: float, **more: Any) -> Point:
    return {"Timestamp": 1000 - seconds_ago, "Value": value, "Unit": "Count", "Dimensions": {}} | more


def read(points: list[Point]) -> Any:
    """A reader of these points, whatever is asked for."""
    return lambda _n, _m, _d, start, end: [p for p in points if start < p["Timestamp"] <= end]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", [9, None, 1]), ("Average", [3, None, 1]), ("SampleCount", [3, None, 1]), ("p50", [4, None, 1])],
)
def test_a_statistic_is_of_each_period_up_to_now(statistic: str, expected: list[float | None]) -> None:
    points = [point(121, 1), point(59, 1), point(30, 4, Count=2.0)]
    metric = {"Namespace": "n", "MetricName": "m", "Period": 60}
    stat = {"ExtendedStatistic": statistic} if statistic.startswith("p") else {"Statistic": statistic}
    assert list(watch_of(metric | stat).by_period(read(points), 1000, 3)) == expected
    other = watch_of(metric | stat | {"Unit": "Bytes"})
    assert list(other.by_period(read(points), 1000, 3)) == [None] * 3


def query(id: str, **more: Any) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": "n", "MetricName": id}, "Period": 60, "Stat": "Sum"} | more
    return {"Id": id, "MetricStat": stat, "ReturnData": False}


def test_expressions_may_stand_on_one_another() -> None:
    share = {"Id": "share", "Expression": "100 * bad / all", "ReturnData": False}
    judged = {"Id": "judged", "Expression": "IF(bad >= 1, share, 0)"}
    watch = watch_of({"Metrics": [query("bad"), query("all"), share, judged]})
    values = {"bad": [point(1, 1)], "all": [point(1, 4)]}
    found = watch.by_period(lambda _, name, *rest: read(values[name])(_, name, *rest), 1000, 2)
    assert list(found) == [25.0, None]
    assert watch.watched == {("n", "bad"), ("n", "all")}


@pytest.mark.parametrize(
    ("metrics", "named"),
    [
        ([query("a"), {"Id": "e", "Expression": "a + missing"}], "missing"),
        ([query("a"), {"Id": "e", "Expression": "a + e"}], "e -> e"),
        ([query("a"), query("b", Period=300), {"Id": "e", "Expression": "a + b"}], r"\[60, 300\]"),
        ([query("a"), {"Id": "e", "Expression": "a"}, {"Id": "f", "Expression": "a"}], "not 2"),
        ([query("a", Stat="tm99"), {"Id": "e", "Expression": "a"}], "tm99"),
        ([query("a", Period=45), {"Id": "e", "Expression": "a"}], "45"),
    ],
)
def test_metrics_of_an_alarm_that_are_not_evaluated_are_refused(metrics: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        watch_of({"Metrics": metrics})
