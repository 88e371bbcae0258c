"""CloudWatch: values of metrics go where alarms see them at once, functions count wherever they are called.

The emulator's own store is looked through whole at each request, keeps every value apart, copies it all to
save it, and evaluates alarms only when a client puts data. It counts invocations of Lambda functions over
HTTP only.
"""

from __future__ import annotations

import copy
import time
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch, lambda_svc

from loopback_aws.cloudwatch.function_metrics import count_invocation, count_throttle
from loopback_aws.cloudwatch.metrics import METRICS

PRIVATE = (
    "ministack.services.cloudwatch:_alarm_history",
    "ministack.services.cloudwatch:_calc_stats",
    "ministack.services.cloudwatch:_composite_alarms",
    "ministack.services.cloudwatch:_composite_triggers",
    "ministack.services.cloudwatch:_dashboards",
    "ministack.services.cloudwatch:_dims_key",
    "ministack.services.cloudwatch:_evict_old_metrics",
    "ministack.services.cloudwatch:_metrics",
    "ministack.services.cloudwatch:_resource_tags",
    "ministack.services.cloudwatch:_stat_value",
    "ministack.services.cloudwatch:_store_datum",
    "ministack.services.cloudwatch:get_state",
    "ministack.services.cloudwatch:record_metric",
    "ministack.services.lambda_svc:_emit_lambda_metrics",
    "ministack.services.lambda_svc:_execute_function_dispatch",
)
COPIED = ("alarms", "composite_alarms", "composite_triggers", "alarm_history", "dashboards", "resource_tags")
"""Parts of the saved state that are copied whole."""


def apply() -> None:
    """Put the project's store of values before the emulator's."""
    cloudwatch.record_metric = record_metric
    cloudwatch._store_datum = store_datum
    cloudwatch._evict_old_metrics = lambda: None  # the clock does it, a metric at a time
    cloudwatch.get_state = state
    execute = lambda_svc._execute_function_dispatch

    def execute_and_count(
        func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
    ) -> dict[str, Any]:
        answer: dict[str, Any] = execute(func, config, event, request_id, started)
        milliseconds = (time.time() - started) * 1000
        count_invocation(config.get("FunctionName", ""), milliseconds, failed=bool(answer.get("error")))
        return answer

    lambda_svc._execute_function_dispatch = execute_and_count
    lambda_svc._emit_lambda_metrics = emit_lambda_metrics


def state() -> dict[str, Any]:
    """As the emulator's, without a copy of each value: that takes longer than everything else together."""
    values = AccountRegionScopedDict()
    for (account, region, key), points in cloudwatch._metrics.all_items():
        values.set_scoped(account, region, key, list(points))
    return {"metrics": values} | {name: copy.deepcopy(getattr(cloudwatch, f"_{name}")) for name in COPIED}


def emit_lambda_metrics(function_name: str, duration_ms: float, throttle: bool, **_: bool) -> None:
    """Of what the emulator counts, only that an invocation was refused: all others are counted as they run.

    It counts a refused one twice when it came over HTTP, the second time with a duration.
    """
    if throttle and not duration_ms:
        count_throttle(function_name)


def record_metric(
    namespace: str,
    metric_name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
) -> None:
    """A value that one of the emulator's services publishes."""
    METRICS.record(namespace, metric_name, dimensions or {}, float(value), unit)


def store_datum(
    namespace: str,
    name: str,
    dims: dict[str, str],
    ts: float,
    unit: str,
    value: float | None,
    values: list[float] | None,
    counts: list[float] | None,
    stat_values: dict[str, float] | None,
) -> None:
    """One MetricDatum of PutMetricData: values with their counts, a statistic set, or a single value."""
    base = {"Timestamp": float(ts), "Unit": unit, "Dimensions": dims}
    if values is not None:
        pairs = zip(values, counts or [1.0] * len(values), strict=False)
        points = [base | {"Value": float(one), "Count": float(count)} for one, count in pairs]
    elif stat_values is not None:
        count = float(stat_values.get("SampleCount", 0))
        mean = float(stat_values.get("Sum", 0)) / count if count else 0.0
        points = [base | {"Value": mean, "_stat": stat_values}]
    else:
        points = [base | {"Value": float(value or 0)}]
    METRICS.add(namespace, name, dims, points)
