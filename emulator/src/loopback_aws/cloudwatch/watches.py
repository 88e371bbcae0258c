"""What an alarm watches: one metric, or an expression over several, and its value in each period."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudwatch

from loopback_aws.cloudwatch.expressions import Expression, ExpressionError, Series, parse
from loopback_aws.cloudwatch.metrics import Point

STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d{1,10})?)")
ONLY = "m"
"""Name of the metric of an alarm that watches just one."""

Reader = Callable[[str, str, dict[str, str], float, float], Sequence[Point]]
"""Gives the points of a metric (namespace, name, dimensions) with start < time <= end."""


@dataclass(frozen=True)
class Statistic:
    """A statistic of a metric by period."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    period: int
    """Seconds."""
    name: str
    unit: str | None

    def by_period(self, read: Reader, end: float, periods: int) -> Series:
        """Its value in the last `periods` periods up to `end`, the latest first."""
        start = end - periods * self.period
        found: list[list[Point]] = [[] for _ in range(periods)]
        for point in read(self.namespace, self.metric, dict(self.dimensions), start, end):
            if self.unit in (None, point["Unit"]):
                found[min(int((end - point["Timestamp"]) // self.period), periods - 1)].append(point)
        return [self._of(points) for points in found]

    def _of(self, points: list[Point]) -> float | None:
        stats = cloudwatch._calc_stats(points)
        value: float | None = cloudwatch._stat_value(stats, self.name, points) if stats else None
        return value


@dataclass(frozen=True)
class Watch:
    """The metrics and expressions of an alarm; `returned` names the one that it compares."""

    statistics: Mapping[str, Statistic]
    expressions: Mapping[str, Expression]
    returned: str

    @property
    def period(self) -> int:
        return next(iter(self.statistics.values())).period

    @property
    def watched(self) -> set[tuple[str, str]]:
        """Namespace and name of each metric."""
        return {(statistic.namespace, statistic.metric) for statistic in self.statistics.values()}

    def has_data(self, read: Reader, end: float, periods: int) -> bool:
        """Whether any of the metrics has a value in the last periods."""
        return any(
            value is not None
            for statistic in self.statistics.values()
            for value in statistic.by_period(read, end, periods)
        )

    def by_period(self, read: Reader, end: float, periods: int) -> Series:
        """What the alarm compares, in each of the last periods, the latest first."""
        known = {name: stat.by_period(read, end, periods) for name, stat in self.statistics.items()}

        def value(name: str) -> Series:
            if name not in known:
                expression = self.expressions[name]
                known[name] = expression.evaluate({part: value(part) for part in expression.names}, periods)
            return known[name]

        return value(self.returned)


def watch_of(alarm: Mapping[str, Any]) -> Watch:
    """What an alarm watches; ExpressionError or ValueError for what is not evaluated here."""
    if alarm.get("Metrics"):
        return _of_queries(json.dumps(alarm["Metrics"], sort_keys=True))
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    metric = {key: alarm.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
    query = {"Metric": metric, "Period": alarm.get("Period") or 60, "Stat": stat, "Unit": alarm.get("Unit")}
    return _of_queries(json.dumps([{"Id": ONLY, "MetricStat": query}], sort_keys=True))


@functools.lru_cache(maxsize=1024)
def _of_queries(text: str) -> Watch:
    queries = json.loads(text)
    statistics = {query["Id"]: _statistic(query["MetricStat"]) for query in queries if "MetricStat" in query}
    expressions = {query["Id"]: parse(query["Expression"]) for query in queries if "Expression" in query}
    returned = [
        query["Id"] for query in queries if str(query.get("ReturnData", True)).lower() not in ("false", "0")
    ]
    if len(statistics) + len(expressions) < len(queries):
        raise ValueError("Each of an alarm's Metrics has an Id and a MetricStat or an Expression")
    if len(returned) != 1:
        raise ValueError(f"Exactly one of an alarm's Metrics returns data, not {len(returned)}")
    periods = sorted({statistic.period for statistic in statistics.values()})
    if len(periods) != 1:
        raise ValueError(f"All metrics of an alarm have one period here, not {periods or 'none'}")
    for expression in expressions.values():
        _check_names(expression, {*statistics, *expressions})
    _check_order(expressions)
    return Watch(statistics, expressions, returned[0])


def _statistic(query: Mapping[str, Any]) -> Statistic:
    metric, name = query["Metric"], str(query["Stat"])
    if name not in STATISTICS and not _PERCENTILE.fullmatch(name):
        raise ValueError(f"The local AWS does not know the statistic {name!r} of {metric['MetricName']}")
    period = int(query["Period"])
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise ValueError(f"A period is 10, 20 or 30 seconds or a multiple of 60, not {period}")
    dimensions = metric.get("Dimensions") or []
    if isinstance(dimensions, dict):
        dimensions = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    pairs = tuple(sorted((dimension["Name"], dimension["Value"]) for dimension in dimensions))
    return Statistic(
        metric["Namespace"], metric["MetricName"], pairs, period, name, query.get("Unit") or None
    )


def _check_names(expression: Expression, known: set[str]) -> None:
    if missing := sorted(expression.names - known):
        raise ExpressionError(
            f"The expression {expression.text!r} names {', '.join(missing)}, "
            "which is not among the alarm's Metrics"
        )


def _check_order(expressions: Mapping[str, Expression]) -> None:
    """Refuse expressions that stand on themselves."""

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ExpressionError(f"The expression {name} stands on itself: {' -> '.join((*above, name))}")
        for part in expressions[name].names & set(expressions) if name in expressions else ():
            visit(part, (*above, name))

    for name in expressions:
        visit(name, ())
