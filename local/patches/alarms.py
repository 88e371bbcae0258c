"""CloudWatch: metrics of executions, and alarms on a sum of metrics.

The emulator publishes no metrics of state machines and refuses an alarm on an expression. Here each execution
counts in AWS/States, and an alarm may add metrics up: `FILL(failed, 0) + FILL(timedOut, 0)`. Any other
expression is refused with an error that names it.
"""

from __future__ import annotations

import operator
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local.states.records import Execution

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_cw_metric_alarm_record",
    "ministack.services.cloudwatch:_evaluate_alarm",
    "ministack.services.cloudwatch:_evaluate_all_alarms",
    "ministack.services.cloudwatch:_metrics",
    "ministack.services.cloudwatch:_metric_bucket",
    "ministack.services.cloudwatch:_dims_key",
    "ministack.services.cloudwatch:_calc_stats",
    "ministack.services.cloudwatch:_stat_value",
    "ministack.services.cloudwatch:_store_datum",
    "ministack.services.cloudwatch:_record_history",
    "ministack.services.cloudwatch:_dispatch_alarm_actions",
)
NAMESPACE = "AWS/States"
METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}
"""Status of an execution -> the metric of AWS/States that counts it."""
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_counting = threading.Lock()
_TERM = re.compile(r"\s*(?:FILL\(\s*(?P<filled>\w+)\s*,\s*(?P<filling>[\d.]+)\s*\)|(?P<bare>\w+))\s*")


def apply() -> None:
    """Teach the emulator's CloudWatch and its CloudFormation type."""
    record, evaluate = provisioners._cw_metric_alarm_record, cloudwatch._evaluate_alarm

    def metric_alarm_record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        if not properties.get("Metrics"):
            alarm: dict[str, Any] = record(name, properties)
            return alarm
        terms_of(properties["Metrics"])
        alarm = record(name, properties | {"Metrics": None, "MetricName": "-", "Namespace": "-"})
        return {key: alarm[key] for key in alarm if key not in SINGLE_METRIC} | {
            "Metrics": properties["Metrics"]
        }

    def evaluate_alarm(alarm: dict[str, Any]) -> None:
        if "Metrics" in alarm:
            evaluate_sum(alarm, terms_of(alarm["Metrics"]))
        elif alarm.get("Namespace") == NAMESPACE and alarm.get("Statistic"):
            evaluate_sum(alarm, [(single_stat(alarm), None)])  # the emulator's own ignores dimensions
        else:
            evaluate(alarm)

    provisioners._cw_metric_alarm_record = metric_alarm_record
    cloudwatch._evaluate_alarm = evaluate_alarm


SINGLE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
"""Members of an alarm that one on an expression does not have."""


def count(execution: Execution) -> None:
    """Publish the metric of the execution's status, in the account and region at hand.

    What happens within a second is one value with a count, so that a map run of thousands stays small.
    """
    dimensions = {"StateMachineArn": execution.machine.arn}
    metric, now = METRICS[execution.status], time.time()
    with _counting:
        bucket = cloudwatch._metric_bucket((NAMESPACE, metric, cloudwatch._dims_key(dimensions)))
        if bucket and now - bucket[-1]["Timestamp"] < 1:
            bucket[-1]["Count"] = bucket[-1].get("Count", 1.0) + 1
        else:
            cloudwatch._store_datum(NAMESPACE, metric, dimensions, now, "Count", 1, None, None, None)
        cloudwatch._evaluate_all_alarms()


def single_stat(alarm: dict[str, Any]) -> dict[str, Any]:
    """What an alarm on one metric watches, in the form of a term of an expression."""
    dimensions = alarm.get("Dimensions") or []
    if isinstance(dimensions, dict):
        dimensions = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    metric = {key: alarm[key] for key in ("Namespace", "MetricName")} | {"Dimensions": dimensions}
    return {"Metric": metric, "Period": alarm.get("Period", 60), "Stat": alarm["Statistic"]}


def terms_of(metrics: list[dict[str, Any]]) -> list[tuple[dict[str, Any], float | None]]:
    """(MetricStat, value to take without data) of each term of the one expression; ValueError when it is
    not a sum of metrics."""
    stats = {metric["Id"]: metric["MetricStat"] for metric in metrics if "MetricStat" in metric}
    expressions = [metric["Expression"] for metric in metrics if "Expression" in metric]
    if len(expressions) > 1:
        raise ValueError(f"The local AWS evaluates one expression an alarm, not {len(expressions)}")
    if not expressions:
        return [(stat, None) for stat in stats.values()]
    terms = [_TERM.fullmatch(term) for term in expressions[0].split("+")]
    names = [term["filled"] or term["bare"] if term else "" for term in terms]
    if not all(name in stats for name in names):
        raise ValueError(
            f"The local AWS evaluates sums of metrics (a + FILL(b, 0)) and not {expressions[0]!r}"
        )
    return [
        (stats[name], float(term["filling"]) if term and term["filled"] else None)
        for name, term in zip(names, terms, strict=True)
    ]


def evaluate_sum(alarm: dict[str, Any], terms: list[tuple[dict[str, Any], float | None]]) -> None:
    """Move the alarm to OK or ALARM by the sum over its last periods; without data it stays as it is."""
    values = [value_of(stat, filling, alarm) for stat, filling in terms]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return
    compare, threshold = COMPARISONS[alarm["ComparisonOperator"]], alarm["Threshold"]
    old, new = alarm["StateValue"], "ALARM" if compare(sum(known), threshold) else "OK"
    if old == new:
        return
    reason = f"Threshold Crossed: {sum(known):g} {alarm['ComparisonOperator']} {threshold:g}"
    alarm |= {"StateValue": new, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)


def value_of(stat: dict[str, Any], filling: float | None, alarm: dict[str, Any]) -> float | None:
    """The statistic of a metric over the alarm's last periods; `filling` without data."""
    metric = stat["Metric"]
    wanted = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", [])}
    since = time.time() - int(stat["Period"]) * alarm["EvaluationPeriods"]
    points = [
        point
        for (namespace, name, _), bucket in cloudwatch._metrics.items()
        if (namespace, name) == (metric["Namespace"], metric["MetricName"])
        for point in bucket
        if point["Timestamp"] >= since and point["Dimensions"] == wanted
    ]
    if not points:
        return filling
    value: float = cloudwatch._stat_value(cloudwatch._calc_stats(points), stat["Stat"], points)
    return value
