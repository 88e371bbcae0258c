"""Metrics in CloudWatch's embedded metric format: lines of log from which CloudWatch makes metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Dimensions are the stage, the class, the measure and the error: few values each, never an identifier.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from contracts.names import METRICS
from reports.document import Numbers
from reports.history.executions import ExecutionHistory
from reports.monitor.increment import MetricCounts

MOST_ERRORS = 20
"""Names of errors that become a dimension's value in one run; further ones are emitted as OTHER."""
OTHER = "other"
_DIMENSION_CHARACTERS = 250
_COUNT, _NONE = "Count", "None"


class Metric(NamedTuple):
    """A value with CloudWatch's name of its unit; None where there is nothing to emit."""

    name: str
    value: float | None
    unit: str


def metric_lines(
    stage: str, now: datetime, numbers: Numbers, pending: MetricCounts, failures: Mapping[str, int]
) -> Iterator[str]:
    """One line of JSON for each set of dimensions that has a value.

    pending: counted since metrics were emitted last. failures: by error's name, likewise. numbers: of the
    window.
    """
    of_stage = {"Stage": stage}
    yield from _line(now, of_stage, [*_counts(pending), *_figures(numbers)])
    for name, (count, confidences) in sorted(pending.classes.items()):
        mean = confidences / count if count else None
        metrics = [Metric("ClassInferences", count, _COUNT), Metric("ClassMeanConfidence", mean, _NONE)]
        yield from _line(now, of_stage | {"Class": name}, metrics)
    for name, psi in _stabilities(numbers):
        yield from _line(now, of_stage | {"Measure": name}, [Metric("Psi", psi, _NONE)])
    for name, count in bounded(failures).items():
        yield from _line(now, of_stage | {"Error": name}, [Metric("FailedExecutionsByError", count, _COUNT)])


def bounded(failures: Mapping[str, int]) -> dict[str, int]:
    """The most frequent errors by name, those beyond MOST_ERRORS together."""
    ordered = Counter(failures).most_common()
    kept, rest = dict(ordered[:MOST_ERRORS]), sum(count for _, count in ordered[MOST_ERRORS:])
    return kept | ({OTHER: kept.get(OTHER, 0) + rest} if rest else {})


def _counts(pending: MetricCounts) -> list[Metric]:
    return [
        Metric("MonitorRuns", 1, _COUNT),
        Metric("CapturedRequests", pending.requests, _COUNT),
        Metric("Inferences", pending.inferences, _COUNT),
        Metric("LowConfidence", pending.low_confidence, _COUNT),
        Metric("UnreadableLines", pending.unreadable, _COUNT),
        Metric("RefusedImages", pending.refused, _COUNT),
    ]


def _figures(numbers: Numbers) -> list[Metric]:
    """Of the window; those that need enough data are left out below the minimum."""
    enough = numbers["captured"]["inferences"] >= numbers["drift"]["minimum"]
    low, drift = numbers["low_confidence"], numbers["drift"]
    judged = drift["verdict"] in ("stable", "drift")
    drifted = sum(measure["verdict"] == "drift" for measure in drift["measures"])
    estimate, strange = numbers["accuracy"]["estimate"], numbers["unfamiliar"]
    said = strange is not None and strange["answers"] >= max(1, drift["minimum"])
    return [
        Metric("LowConfidenceShare", low["share"] if enough else None, _NONE),
        Metric("LowConfidenceExcess", low["excess"] if enough else None, _NONE),
        Metric("UnfamiliarShare", strange["share"] if said and strange else None, _NONE),
        Metric("UnfamiliarExcess", strange["excess"] if said and strange else None, _NONE),
        Metric("MeanConfidence", numbers["confidence"]["mean"], _NONE),
        Metric("DriftedMeasures", drifted if judged else None, _COUNT),
        Metric("EstimatedAccuracy", estimate["value"] if enough and estimate else None, _NONE),
    ]


def _stabilities(numbers: Numbers) -> Iterator[tuple[str, float | None]]:
    for measure in numbers["drift"]["measures"]:
        if measure["verdict"] in ("stable", "drift"):
            yield measure["name"], measure["psi"]


def _line(now: datetime, dimensions: Mapping[str, str], metrics: list[Metric]) -> Iterator[str]:
    """At most 100 metrics a line are allowed; there are a dozen. NaN and infinity are no values."""
    known = [metric for metric in metrics if metric.value is not None and math.isfinite(metric.value)]
    if not known:
        return
    directive = {
        "Namespace": METRICS,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric in known],
    }
    yield json.dumps(
        {
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]},
            **{name: _dimension(value) for name, value in dimensions.items()},
            **{metric.name: metric.value for metric in known},
        },
        allow_nan=False,
    )


def _dimension(value: str) -> str:
    """CloudWatch takes ASCII without control characters that is not blank."""
    text = value.encode("ascii", "backslashreplace").decode()
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text[:_DIMENSION_CHARACTERS] if text.strip() else "?"


def new_failures(history: ExecutionHistory | None, known_errors: dict[str, str] | None) -> dict[str, int]:
    """How often each error ended executions that are not in the metrics yet; none where that is not known."""
    if known_errors is None:
        return {}
    errors = history.known_errors() if history else {}
    return dict(Counter(error for arn, error in errors.items() if arn not in known_errors))
