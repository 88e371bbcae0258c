"""AWS/SageMaker: what requests to endpoints count, published in one go for all of a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from loopback_aws.cloudwatch.metrics import METRICS, Scope
from loopback_aws.cloudwatch.scale import rounded
from loopback_aws.sagemaker.invocation.measurements import Measurement

NAMESPACE = "AWS/SageMaker"
_Value = tuple[str, float, str]
"""Name, value and unit."""


def publish(measurements: Iterable[Measurement], scope: Scope) -> None:
    """Record the metrics of these requests, for the variant and for the variant under its endpoint config.

    SageMaker has the second set of dimensions for alarms that roll a deployment back.
    """
    counts: Counter[tuple[tuple[str, str, str], int, _Value]] = Counter()
    for measured in measurements:
        where = measured.endpoint, measured.variant, measured.config
        for value in values_of(measured):
            counts[where, int(measured.moment), value] += 1
    for ((endpoint, variant, config), second, (name, amount, unit)), count in counts.items():
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        for of in (dimensions, dimensions | {"EndpointConfigName": config}):
            METRICS.record(NAMESPACE, name, of, amount, unit, count=count, scope=scope, moment=float(second))


def values_of(measured: Measurement) -> list[_Value]:
    """The metrics of one request; times in microseconds, within 1 %."""
    status = measured.status
    return [
        ("Invocations", 1.0, "None"),
        ("Invocation4XXErrors", float(400 <= status < 500), "None"),
        ("Invocation5XXErrors", float(not 200 <= status < 500), "None"),
        ("InvocationsPerInstance", 1 / max(measured.instances, 1), "None"),
        ("ConcurrentRequestsPerModel", float(measured.in_flight), "None"),
        ("ModelLatency", rounded(measured.model_seconds * 1e6), "Microseconds"),
        ("OverheadLatency", rounded(measured.overhead_seconds * 1e6), "Microseconds"),
    ]
