"""The values of metrics: kept in order, gathered by the second, thinned out as they grow old."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from loopback_aws.cloudwatch import alarms, clock, endpoint_metrics
from loopback_aws.cloudwatch.metrics import FINE_SECONDS, KEPT_SECONDS, METRICS, Metrics, Point
from loopback_aws.cloudwatch.scale import rounded
from loopback_aws.sagemaker.invocation.measurements import Measurement, Measurements
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

ACCOUNT = f"{uuid.uuid4().int % 10**12:012}"


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    """An account of this file's own."""
    with request_scope(ACCOUNT, "us-east-1"):
        yield


def point(moment: float, value: float = 1.0) -> Point:
    return {"Timestamp": moment, "Value": value, "Unit": "None", "Dimensions": {}}


def test_values_come_back_in_order_whenever_they_come() -> None:
    metrics = Metrics()
    metrics.add("n", "late", {}, [point(30), point(10), point(20)])
    assert [one["Timestamp"] for one in metrics.between("n", "late", {}, 10, 30)] == [20, 30]
    assert metrics.take_changed() == {(ACCOUNT, "us-east-1", "n", "late")}
    assert not metrics.news.is_set()


def test_different_values_of_a_second_stay_apart() -> None:
    metrics = Metrics()
    for value in (1.0, 2.0, 1.0):
        metrics.record("n", "apart", {}, value, moment=5.0)
    points = metrics.between("n", "apart", {}, 0, 10)
    assert [(one["Value"], one.get("Count")) for one in points] == [(1.0, 2.0), (2.0, None)]


def test_old_values_are_gathered_by_the_minute_and_very_old_ones_go() -> None:
    metrics, now = Metrics(), 10.0 * KEPT_SECONDS
    old = now - FINE_SECONDS - 300
    points = [point(now - KEPT_SECONDS - 1), point(old), point(old + 5), point(old + 6, 2.0), point(now - 1)]
    metrics.add("n", "old", {}, points)
    metrics.thin_out(now)
    kept = metrics.between("n", "old", {}, 0, now)
    assert [(one["Timestamp"] - now, one["Value"], one.get("Count")) for one in kept] == [
        (old - now, 1.0, 2.0),
        (old + 6 - now, 2.0, 1.0),
        (-1, 1.0, None),
    ]


@pytest.mark.parametrize("value", [1.0, 3.7, 999.0, 12_345_678.9])
def test_times_are_kept_within_one_percent(value: float) -> None:
    assert rounded(value) == pytest.approx(value, rel=0.0101)
    assert rounded(rounded(value)) == rounded(value)


def test_requests_of_a_second_are_few_values_with_counts() -> None:
    measurements = Measurements()
    for number in range(1000):
        measured = Measurement("e", "v", "c", 50.0 + number / 1e6, 200, 0.004, 0.0001, 2, number % 3 + 1)
        measurements.add(measured if number else measured._replace(status=0))
    endpoint_metrics.publish(measurements.take(), (ACCOUNT, "us-east-1"))
    assert measurements.take() == []
    dimensions = {"EndpointName": "e", "VariantName": "v"}
    for of in (dimensions, dimensions | {"EndpointConfigName": "c"}):

        def stats(name: str, of: dict[str, str] = of) -> dict[str, float]:
            points = METRICS.between("AWS/SageMaker", name, of, 49, 51)
            assert len(points) <= 3
            found: dict[str, float] = cloudwatch._calc_stats(points)
            return found

        assert stats("Invocations")["Sum"] == 1000
        assert stats("Invocation5XXErrors")["Sum"] == 1
        assert stats("InvocationsPerInstance")["Sum"] == 500
        assert stats("ModelLatency")["Maximum"] == pytest.approx(4000, rel=0.01)
        assert stats("ConcurrentRequestsPerModel")["Maximum"] == 3


def test_the_clock_goes_on_when_an_alarm_cannot_be_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def evaluate(alarm: alarms.Alarm, *_: object, **_more: object) -> None:
        seen.append(alarm["AlarmName"])
        raise RuntimeError(alarm["AlarmName"])

    monkeypatch.setattr(alarms, "evaluate", evaluate)
    for name in ("one", "other"):
        cloudwatch._alarms[name] = {"AlarmName": name}
    ticking = clock.Clock(5)
    ticking.look(everything=True)
    assert seen == ["one", "other"]
    ticking.hold(ACCOUNT, "us-east-1", "one")
    ticking.look(everything=True)
    assert seen == ["one", "other", "other"]
    for name in ("one", "other"):
        del cloudwatch._alarms[name]
