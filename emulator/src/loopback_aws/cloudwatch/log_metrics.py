"""Metrics that log events make: those that they embed, and those that metric filters count."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Sequence
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs

from loopback_aws.cloudwatch.embedded import DefinitionError, Embedded, ParsingError, embedded_metrics
from loopback_aws.cloudwatch.metrics import METRICS
from loopback_aws.cloudwatch.patterns import PatternError, compile_pattern, selected

Filter = dict[str, Any]
"""A metric filter as the emulator keeps it, in the form of the API."""
_quiet_minutes: dict[tuple[str, str, str, str], int] = {}
"""The minute in which a filter's default value was counted last."""
_compiled = functools.lru_cache(maxsize=512)(compile_pattern)


def read_events(group: str, events: Sequence[dict[str, Any]]) -> None:
    """Take the metrics out of log events (timestamp in milliseconds, message) of one log group."""
    now = time.time()
    for event in events:
        _extract(group, str(event.get("message", "")), now)
    for (of, _), stored in cloudwatch_logs._metric_filters.items():
        if of == group:
            _count(stored, events)


def check_filter(request: Filter) -> None:
    """PatternError, or ValueError, when a filter is not understood."""
    compile_pattern(str(request.get("filterPattern") or ""))
    for transformation in request.get("metricTransformations") or []:
        value = str(transformation.get("metricValue", ""))
        if not value.startswith("$.") and _number(value) is None:
            raise PatternError(f"A metric value is a number or a selector as $.name, not {value!r}")
        if transformation.get("dimensions") and transformation.get("defaultValue") is not None:
            raise PatternError("A metric filter has dimensions or a default value, not both")


def _extract(group: str, text: str, now: float) -> None:
    try:
        found = embedded_metrics(text, now)
    except (ParsingError, DefinitionError) as error:
        name = "EMFParsingErrors" if isinstance(error, ParsingError) else "EMFValidationErrors"
        METRICS.record("AWS/Logs", name, {"LogGroupName": group}, 1, "Count")
        return
    for metric in found:
        METRICS.add(metric.namespace, metric.name, metric.dimensions, _points(metric))


def _points(metric: Embedded) -> list[dict[str, Any]]:
    common = {"Timestamp": metric.moment, "Unit": metric.unit, "Dimensions": metric.dimensions}
    return [common | {"Value": value} for value in metric.values]


def _count(stored: Filter, events: Sequence[dict[str, Any]]) -> None:
    matches = _compiled(stored.get("filterPattern") or "")
    matching = [event for event in events if matches(str(event.get("message", "")))]
    for transformation in stored["metricTransformations"]:
        for event in matching:
            _publish(transformation, event)
        if not matching and transformation.get("defaultValue") is not None:
            _publish_default(stored, transformation)


def _publish(transformation: dict[str, Any], event: dict[str, Any]) -> None:
    """The metric of one event; nothing when the value or a dimension is not in the event, as on AWS."""
    text = str(event.get("message", ""))
    value = _number(_filled(text, str(transformation["metricValue"])))
    chosen = {name: _filled(text, str(of)) for name, of in (transformation.get("dimensions") or {}).items()}
    if value is None or any(found is None for found in chosen.values()):
        return
    METRICS.record(
        transformation["metricNamespace"],
        transformation["metricName"],
        {name: str(found) for name, found in chosen.items()},
        value,
        transformation.get("unit") or "None",
        moment=float(event.get("timestamp") or time.time() * 1000) / 1000,
    )


def _publish_default(stored: Filter, transformation: dict[str, Any]) -> None:
    """Once in a minute in which events came and none matched."""
    minute = int(time.time() // 60)
    place = (get_account_id(), get_region(), stored["logGroupName"], stored["filterName"])
    if _quiet_minutes.get(place) == minute:
        return
    _quiet_minutes[place] = minute
    METRICS.record(
        transformation["metricNamespace"],
        transformation["metricName"],
        {},
        float(transformation["defaultValue"]),
        transformation.get("unit") or "None",
    )


def _filled(text: str, of: str) -> Any:
    return selected(text, of) if of.startswith("$.") else of


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
